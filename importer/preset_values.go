package importer

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// commonValues are what the words of most products mean. Canceled and Archived have no counterpart, so that such a row is rejected rather than guessed.
var commonValues = map[string]map[string]string{
	fieldStatus: {
		"notstarted": "open", "todo": "open", "open": "open", "deferred": "open", "postponed": "open",
		"inprogress": "in_progress", "started": "in_progress", "workinprogress": "in_progress", "waiting": "in_progress",
		"waitingonsomeoneelse": "in_progress", "waitingforinput": "in_progress", "pendinginput": "in_progress",
		"completed": "completed", "done": "completed",
	},
	fieldPriority: {
		"highest": "high", "urgent": "high", "high": "high", "normal": "medium", "medium": "medium", "low": "low", "lowest": "low", "none": "",
	},
}

// translate gives the values of a row in our words. What the preset does not know is left as it is, for validation to refuse.
func (s *preset) translate(v Values) {
	switch s.kind {
	case Contacts:
		s.translateContact(v)
		return
	case Companies:
		translateCompany(v)
		return
	case Tasks, Deals, Events:
	}
	v[atStatus] = s.meaning(fieldStatus, v[atStatus])
	v[atPriority] = s.meaning(fieldPriority, v[atPriority])
	v[atDueDate] = s.date(v[atDueDate])
	v[atCreatedDate] = s.date(v[atCreatedDate])
	if s.idInName {
		v[atContactName] = withoutNumber(v[atContactName])
		v[atCompanyName] = withoutNumber(v[atCompanyName])
	}
}

func (s *preset) meaning(field, text string) string {
	if text == "" {
		return text
	}
	key := nameFold(text)
	if meant, ok := s.values[field][key]; ok {
		return meant
	}
	if meant, ok := commonValues[field][key]; ok {
		return meant
	}
	return text
}

// date writes a date whose order is beyond doubt as ISO 8601 does; any other is left as it is.
func (s *preset) date(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > len(time.DateOnly) && text[len(time.DateOnly)] == ' ' && text[4] == '-' {
		return text[:len(time.DateOnly)] + "T" + strings.TrimSpace(text[len(time.DateOnly):])
	}
	if s.serialDates {
		return serialDate(text)
	}
	return text
}

// The days of spreadsheets that are taken for dates: 1982 to 2064. Other numbers are none.
const firstSerial, lastSerial = 30_000, 60_000

// serialDate writes the number of a day, counted as spreadsheets do, as a date. Parts of a day are left alone.
func serialDate(text string) string {
	days, err := strconv.ParseFloat(text, 64)
	if err != nil || days < firstSerial || days > lastSerial || days != math.Trunc(days) {
		return text
	}
	return time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)).Format(time.DateOnly)
}

// withoutNumber takes the number of a record off its name: "Marc Lemaire (4421)".
func withoutNumber(name string) string {
	trimmed := strings.TrimSpace(name)
	open := strings.LastIndex(trimmed, " (")
	if open < 1 || !strings.HasSuffix(trimmed, ")") {
		return name
	}
	number := trimmed[open+2 : len(trimmed)-1]
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return name
	}
	return strings.TrimSpace(trimmed[:open])
}
