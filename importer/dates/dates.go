package importer

import (
	"time"
)

// createdDatePastYears and createdDateAhead bound a created_date that is kept: five calendar years back and 24 hours ahead, both inclusive.
const (
	createdDatePastYears = 5
	createdDateAhead     = 24 * time.Hour
)

// maxYear is the last that ISO 8601 writes with four digits.
const maxYear = 9999

// timestampLayouts are the ISO 8601 forms of a date and time, extended and basic; the fraction of a second is read with each.
var timestampLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04Z07", "2006-01-02T15:04",
	"20060102T150405Z0700", "20060102T150405Z07", "20060102T150405", "20060102T1504Z0700", "20060102T1504Z07", "20060102T1504",
}

// When is a point in time as a client wrote it: a day, or an instant.
type When struct {
	At      time.Time // UTC; midnight for a day
	DayOnly bool
	Given   bool // false: there is none
}

// precision is how exactly an instant is kept.
const precision = time.Microsecond

// ParseWhen reads an ISO 8601 date or timestamp, to the microsecond. A timestamp without an offset is taken as UTC; one that is then in no year of four digits
// could not be written as it was read, and is none.
func ParseWhen(s string) (When, bool) {
	if len(s) == len(time.DateOnly) || len(s) == len("20060102") {
		for _, layout := range []string{time.DateOnly, "20060102"} {
			if at, err := time.Parse(layout, s); err == nil {
				return When{At: at, DayOnly: true, Given: true}, true
			}
		}
		return When{}, false
	}
	for _, layout := range timestampLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			at = at.UTC().Truncate(precision)
			return When{At: at, Given: true}, at.Year() >= 0 && at.Year() <= maxYear
		}
	}
	return When{}, false
}

// keepCreatedDate gives the created_date to store: the client's own text where it is valid and within the bounds, now otherwise.
func keepCreatedDate(s string, now time.Time) (text string, at time.Time) {
	when, ok := ParseWhen(s)
	if !ok || when.At.Before(now.AddDate(-createdDatePastYears, 0, 0)) || when.At.After(now.Add(createdDateAhead)) {
		return FormatInstant(now), now.UTC()
	}
	return s, when.At
}

// FormatInstant writes an instant as the API does: RFC 3339 in UTC, with the fraction that it has.
func FormatInstant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
