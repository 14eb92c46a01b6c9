package dates

import (
	"math"
	"strconv"
	"time"
)

// The serial numbers of spreadsheets that are read as dates: 1982 to 2064.
const firstSerial, lastSerial = 30_000, 60_000

// IsSerial reports whether a text may be the serial number of a day: five digits, and perhaps a
// fraction.
func IsSerial(text string) bool {
	if len(text) < 5 || len(text) > 5 && text[5] != '.' {
		return false
	}
	for i := range len(text) {
		if i != 5 && (text[i] < '0' || text[i] > '9') {
			return false
		}
	}
	days, err := strconv.ParseFloat(text, 64)
	return err == nil && days >= firstSerial && days <= lastSerial
}

// The years in which a task may be due.
const firstPlausible, lastPlausible = 1970, 2100

// IsPlausible reports whether a task may be due at a time: no program writes 1899 on purpose.
func IsPlausible(at time.Time) bool { return at.Year() >= firstPlausible && at.Year() <= lastPlausible }

// FromEpoch returns the timestamp that a number of seconds or milliseconds since 1970 means, and
// the unit. ok is false for other texts.
func FromEpoch(text string) (iso, unit string, ok bool) {
	const seconds, milliseconds = 10, 13 // digits, since 2001
	n, err := strconv.ParseInt(text, 10, 64)
	at := time.UnixMilli(n).UTC()
	unit = "milliseconds"
	if len(text) == seconds {
		at, unit = time.Unix(n, 0).UTC(), "seconds"
	}
	ok = err == nil && n > 0 && text[0] != '+' && (len(text) == seconds || len(text) == milliseconds) && IsPlausible(at)
	return Format(at), unit, ok
}

// FromSerial returns the date of a spreadsheet's serial number, or with a fraction the timestamp,
// to the second. It returns any other text unchanged.
func FromSerial(text string) string {
	if !IsSerial(text) {
		return text
	}
	days, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	day := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
	if days == math.Trunc(days) {
		return day.Format(time.DateOnly)
	}
	const secondsOfDay = 24 * 60 * 60
	return day.Add(time.Duration(math.Round((days-math.Trunc(days))*secondsOfDay)) * time.Second).Format(
		"2006-01-02T15:04:05")
}
