// Package dates reads dates as people write them and writes them in ISO 8601. It has no clock, and
// is independent of columns and fields.
package dates

import (
	"strings"
	"time"
)

// MaxYear is the last year that ISO 8601 writes with four digits.
const MaxYear = 9999

// timestampLayouts are the ISO 8601 forms of a date and time, extended and basic; each also accepts
// a fraction of a second.
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
	Given   bool // false without a date
}

// precision is the precision of a stored instant.
const precision = time.Microsecond

// Parse parses an ISO 8601 date or timestamp, to the microsecond. A timestamp without an offset is
// in UTC. Parse rejects a timestamp whose year in UTC does not have four digits, because it could
// not be written back.
func Parse(s string) (When, bool) {
	if w, ok := ParseUsual(s); ok {
		return w, true
	}
	if len(s) < len("20060102") || strings.Trim(s[:4], "0123456789") != "" { // most other dates, at little cost
		return When{}, false
	}
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

// ParseUsual is Parse for the two forms that most dates of a file have, 2006-01-02 and
// 2006-01-02T15:04:05Z, without a layout; ok is false for all others.
func ParseUsual[T string | []byte](s T) (w When, ok bool) {
	year, month, day, ok := usualDay(s)
	if !ok {
		return When{}, false
	}
	seconds := daySeconds * daysSince1970(year, month, day)
	isDay := len(s) == len(time.DateOnly)
	if !isDay {
		seconds += 3600*twoDigits(s, 11) + 60*twoDigits(s, 14) + twoDigits(s, 17)
	}
	return When{At: time.Unix(int64(seconds), 0).UTC(), DayOnly: isDay, Given: true}, true
}

// UsualYear returns the year of a date that ParseUsual parses.
func UsualYear[T string | []byte](s T) (year int, ok bool) {
	year, _, _, ok = usualDay(s)
	return year, ok
}

// usualDay returns the day of a date in a form of ParseUsual, if it exists and its time does.
func usualDay[T string | []byte](s T) (year, month, day int, ok bool) {
	const timestamp = len("2006-01-02T15:04:05Z")
	isDay := len(s) == len(time.DateOnly)
	if !isDay && len(s) != timestamp || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	if !isDay && (s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' ||
		uint(twoDigits(s, 11)) > 23 || uint(twoDigits(s, 14)) > 59 || uint(twoDigits(s, 17)) > 59) {
		return 0, 0, 0, false
	}
	year, month, day = 100*twoDigits(s, 0)+twoDigits(s, 2), twoDigits(s, 5), twoDigits(s, 8)
	if year < 0 || month < 1 || month > 12 || day < 1 {
		return 0, 0, 0, false
	}
	last := lastDays[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) { //nolint:mnd // a leap year
		last++
	}
	return year, month, day, day <= last
}

// lastDays are the last days of the months in a usual year.
var lastDays = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

const daySeconds = 24 * 60 * 60

// daysSince1970 counts days, at a fraction of what time.Date takes. The year, from 0, begins in
// March, so that its last day is the one that may be missing.
func daysSince1970(year, month, day int) int {
	const (
		era        = 146097       // days of 400 years
		until1970  = 719468 + era // since March of the year -400, so that no number is negative
		fiveMonths = 153          // days from March to July, and from August to December
	)
	if year += 400; month <= 2 {
		year--
	}
	month = (month + 9) % 12 // March is 0
	return 365*year + year/4 - year/100 + year/400 + (fiveMonths*month+2)/5 + day - 1 - until1970
}

// twoDigits returns the number of two digits at a place; less than -1,000 for anything else.
func twoDigits[T string | []byte](s T, at int) int {
	tens, ones := s[at]-'0', s[at+1]-'0'
	if tens > 9 || ones > 9 {
		return -20_000
	}
	return 10*int(tens) + int(ones)
}

// Format returns an instant as the API writes it: RFC 3339 in UTC, with its fraction.
func Format(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// LooksISO reports whether a text has the usual form of ISO 8601.
func LooksISO[T string | []byte](text T) bool {
	return len(text) >= len(time.DateOnly) && text[4] == '-' && text[7] == '-' && text[0] <= '9' &&
		(len(text) == len(time.DateOnly) || text[len(time.DateOnly)] == 'T')
}
