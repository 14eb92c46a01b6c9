// Package dates reads dates as people write them and writes them as ISO 8601. It knows no column
// and no field, and has no clock.
package dates

import "time"

// MaxYear is the last that ISO 8601 writes with four digits.
const MaxYear = 9999

// timestampLayouts are the ISO 8601 forms of a date and time, extended and basic; the fraction of a
// second is read with each.
var timestampLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04Z07", "2006-01-02T15:04",
	"20060102T150405Z0700", "20060102T150405Z07", "20060102T150405", "20060102T1504Z0700", "20060102T1504Z07",
	"20060102T1504",
}

// When is a point in time as a client wrote it: a day, or an instant.
type When struct {
	At      time.Time // UTC; midnight for a day
	DayOnly bool
	Given   bool // false: there is none
}

// precision is how exactly an instant is kept.
const precision = time.Microsecond

// Parse parses an ISO 8601 date or timestamp, to the microsecond. A timestamp without an offset is
// taken as UTC; one that is then in no year of four digits could not be written as it was read, and
// is refused.
func Parse(s string) (When, bool) {
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
			return When{At: at, Given: true}, at.Year() >= 0 && at.Year() <= MaxYear
		}
	}
	return When{}, false
}

// Format writes an instant as the API does: RFC 3339 in UTC, with the fraction that it has.
func Format(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// LooksISO reports whether a text has the form of ISO 8601, as it is in most files.
func LooksISO[T string | []byte](text T) bool {
	return len(text) >= len(time.DateOnly) && text[4] == '-' && text[7] == '-' && text[0] <= '9' &&
		(len(text) == len(time.DateOnly) || text[len(time.DateOnly)] == 'T')
}
