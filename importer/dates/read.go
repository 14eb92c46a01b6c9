package dates

import (
	"slices"
	"strconv"
	"time"
)

// Written is a date as it is in a cell, before its order is known.
type Written struct {
	part   [3]int
	digits [3]int
	named  int    // the index of the part that is a named month; -1 for none
	Clock  string // the time of day as it is written; empty for none
}

// Longest is the length of the longest date in bytes, with the day of the week and the time.
const Longest = 100

// Read splits a date: three numbers between equal separators, or two numbers and a named month, and
// perhaps a time of day.
func Read(text string) (w Written, ok bool) {
	w.named = -1
	if len(text) > Longest {
		return w, false
	}
	between := byte(0)
	n := 0
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case n == 3 && (c >= '0' && c <= '9' || c == 'T' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9'):
			w.Clock = text[i:]
			return w, w.named >= 0 || between != 0
		case c >= '0' && c <= '9':
			from := i
			for i < len(text) && text[i] >= '0' && text[i] <= '9' {
				i++
			}
			if w.digits[n] = i - from; w.digits[n] > 4 {
				return w, false
			}
			w.part[n], _ = strconv.Atoi(text[from:i]) // up to four digits, so it cannot fail
			n++
		// a space, an ordinal sign
		case c == ' ' || c == ',' || c == 0xC2 && i+1 < len(text) && (text[i+1] == 0xA0 || text[i+1] == 0xBA ||
			text[i+1] == 0xB0):
			i++
			if c == 0xC2 {
				i++
			}
		case c == '/' || c == '-' || c == '.':
			if n == 0 && (c != '.' || i == 0 || text[i-1] < 'A') || n == 3 && c != '.' || n == 2 && between != 0 &&
				between != c {
				return w, false
			}
			if n < 3 {
				between = c
			}
			i++
		default:
			from := i
			for i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z' || text[i] >= 0xC3 &&
				text[i] < 0xC4 || text[i] >= 0x80 && text[i] < 0xC0 && i > from) {
				i++
			}
			var buffer [16]byte
			word, known := FoldWord(buffer[:0], []byte(text[from:i]))
			if from == i || !known {
				return w, false
			}
			month, isMonth := months[string(word)]
			switch {
			case isMonth && w.named < 0 && n < 3:
				w.part[n], w.named = month, n
				n++
			case !fillers[string(word)]:
				return w, false
			}
		}
	}
	return w, n == 3 && (w.named >= 0 || between != 0)
}

// In returns the day of the date in an order. A named month, or a year of four digits in first
// place, makes the order unnecessary.
func (w *Written) In(order Order) (day time.Time, ok bool) {
	var y, m, d int // the index of each part
	switch {
	case w.named == 1 && w.digits[0] == 4, w.named < 0 && w.digits[0] == 4:
		y, m, d = 0, 1, 2
	case w.named == 1:
		d, m, y = 0, 1, 2
	case w.named == 0:
		m, d, y = 0, 1, 2
	case w.named == 2:
		return day, false
	case order == DayFirst:
		d, m, y = 0, 1, 2
	case order == MonthFirst:
		m, d, y = 0, 1, 2
	case order == YearFirst && w.digits[2] < 3:
		y, m, d = 0, 1, 2
	default:
		return day, false
	}
	year := w.part[y]
	switch w.digits[y] {
	case 4:
	case 2:
		if year += 1900; year < 1970 {
			year += 100
		}
	default:
		return day, false
	}
	if w.digits[d] > 2 || w.named != m && w.digits[m] > 2 {
		return day, false
	}
	day = time.Date(year, time.Month(w.part[m]), w.part[d], 0, 0, 0, 0, time.UTC)
	return day, year > 0 && day.Day() == w.part[d] && int(day.Month()) == w.part[m]
}

// ISO returns a date in ISO 8601. ok is false if it is not a date in that order, or if it needs an
// order and none is given. A timestamp without an offset stays without one.
func ISO(text string, order Order) (iso string, ok bool) {
	w, ok := Read(text)
	if !ok {
		return "", false
	}
	day, ok := w.In(order)
	if !ok && order == "" {
		day, ok = w.OnlyReading()
	}
	if !ok {
		return "", false
	}
	if w.Clock == "" {
		return day.Format(time.DateOnly), true
	}
	clock, ok := isoClock(w.Clock)
	return day.Format(time.DateOnly) + "T" + clock, ok
}

// OnlyReading returns the day if day and month are equal, or if only one of them can come first.
func (w *Written) OnlyReading() (day time.Time, ok bool) {
	a, dayFirst := w.In(DayFirst)
	b, monthFirst := w.In(MonthFirst)
	switch {
	case dayFirst && monthFirst:
		return a, a.Equal(b)
	case dayFirst:
		return a, true
	}
	return b, monthFirst
}

// BeyondItsMonth reports whether a date such as 31.02.2026 is invalid only because the month is too
// short, in every order.
func (w *Written) BeyondItsMonth() bool {
	if w.IsDay() {
		return false
	}
	const all, longest = 28, 31 // days that each month has, and that the longest month has
	shorter := *w
	for i, n := range w.part {
		if n > all && n <= longest && i != w.named {
			shorter.part[i] = all
		}
	}
	return shorter.IsDay()
}

// HasClock reports whether the time of day can be read; true without one.
func (w *Written) HasClock() bool {
	if w.Clock == "" {
		return true
	}
	_, ok := isoClock(w.Clock)
	return ok
}

// IsDay reports whether the date is a day in any order.
func (w *Written) IsDay() bool {
	return slices.ContainsFunc(Orders[:], func(order Order) bool {
		_, ok := w.In(order)
		return ok
	})
}
