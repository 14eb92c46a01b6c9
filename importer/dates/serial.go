package dates

import (
	"math"
	"strconv"
	"strings"
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

// plausibleSeconds is the end of these years, in seconds since 1970, the first of them.
var plausibleSeconds = time.Date(lastPlausible+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()

// IsPlausible reports whether a task may be due at a time: no program writes 1899 on purpose.
func IsPlausible(at time.Time) bool {
	seconds := at.Unix()
	return seconds >= 0 && seconds < plausibleSeconds
}

// IsPlausibleYear reports whether a task may be due in a year.
func IsPlausibleYear(year int) bool { return year >= firstPlausible && year <= lastPlausible }

// epochUnits are the units in which programs count the time since 1970, by the number of digits
// that they need since 2001.
var epochUnits = map[int]struct {
	name string
	unit time.Duration
}{10: {"seconds", time.Second}, 13: {"milliseconds", time.Millisecond}, 16: {"microseconds", time.Microsecond},
	19: {"nanoseconds", time.Nanosecond}}

// FromEpoch returns the timestamp that a number of seconds, milliseconds, microseconds or
// nanoseconds since 1970 means, and the unit. Seconds may have a fraction. ok is false for other
// texts, and for a number that may also be a day and an hour, as 2026030509 is.
func FromEpoch(text string) (iso, unit string, ok bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	u, known := epochUnits[len(whole)]
	n, err := strconv.ParseInt(whole, 10, 64)
	if !known || err != nil || whole[0] < '0' || whole[0] > '9' || strings.Trim(fraction, "0123456789") != "" ||
		u.unit != time.Second && strings.Trim(fraction, "0") != "" {
		return "", "", false
	}
	if _, err := time.Parse("2006010215", whole); err == nil {
		return "", "", false
	}
	part, _ := strconv.ParseFloat("0."+fraction, 64) // it has digits alone
	at := time.Unix(n/int64(time.Second/u.unit), n%int64(time.Second/u.unit)*int64(u.unit)).Add(
		time.Duration(part * float64(time.Second))).Truncate(precision)
	return Format(at), u.name, IsPlausible(at)
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
