package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// dateTally counts the forms in which the dates of a column are written. It judges a cell as
// readDate does, in every form that the column may turn out to have.
type dateTally struct {
	filled  int
	iso     int       // in ISO 8601
	serial  int       // numbers that may be the days of a spreadsheet
	epoch   int       // numbers that may be seconds since 1970, and the like
	plain   int       // other dates whose order is clear
	ordered int       // dates of numbers, which need an order
	fits    [4]int    // of them, those that are a day in an order, and those that are one day in any
	open    int       // dates that are another day when the month comes first
	sample  [3]string // the first date that fits one order only, and the first open one
	misfit  [4]string // the first date that does not fit
	number  string    // the first number
	since   string    // the first number of seconds
	unread  string    // the first cell that is not a date

	odd    int    // implausible dates whose order is clear
	oddIn  [4]int // of the others, those that are implausible in an order
	oddOne string // the first of all
}

// anyOrder is the position in fits after those of the orders.
const anyOrder = len(dates.Orders)

// orderAt returns the position in fits of a form.
func orderAt(form dates.Form) int {
	if at := slices.Index(dates.Orders[:], form.Order()); at >= 0 {
		return at
	}
	return anyOrder
}

// Positions in sample.
const (
	sampleDayFirst = iota
	sampleMonthFirst
	sampleOpen
)

func (t *dateTally) see(cell []byte) {
	t.filled++
	cell = bytes.TrimSpace(cell)
	if len(cell) > dates.Longest {
		t.notRead(string(cell[:dates.Longest]))
		return
	}
	if year, ok := dates.UsualYear(cell); ok && dates.IsPlausibleYear(year) {
		t.iso++
		return
	}
	text := string(cell)
	if when, ok := dates.Parse(text); ok {
		t.iso++
		t.judge(when.At, &t.odd, text)
		return
	}
	if dates.IsSerial(text) {
		t.serial++
		t.number = cmp.Or(t.number, text)
		return
	}
	if _, _, ok := dates.FromEpoch(text); ok {
		t.epoch++
		t.since = cmp.Or(t.since, text)
		return
	}
	w, ok := dates.Read(text)
	if !ok || !w.HasClock() {
		t.notRead(text)
		return
	}
	if day, ok := w.In(""); ok {
		t.plain++
		t.judge(day, &t.odd, text)
		return
	}
	t.order(&w, text)
}

// judge counts a day on which no task is due.
func (t *dateTally) judge(day time.Time, odd *int, text string) {
	if !dates.IsPlausible(day) {
		*odd++
		t.oddOne = cmp.Or(t.oddOne, shortened(text))
	}
}

// order counts the orders in which numbers are a date.
func (t *dateTally) order(w *dates.Written, text string) {
	var fits [anyOrder + 1]bool
	var days [anyOrder + 1]time.Time
	for i, o := range dates.Orders {
		days[i], fits[i] = w.In(o)
	}
	only, same := w.OnlyReading()
	days[anyOrder], fits[anyOrder] = only, same
	if !slices.Contains(fits[:anyOrder], true) {
		t.notRead(text)
		return
	}
	t.ordered++
	for i, is := range fits {
		if is {
			t.fits[i]++
			t.judge(days[i], &t.oddIn[i], text)
		} else if t.misfit[i] == "" {
			t.misfit[i] = shortened(text)
		}
	}
	switch {
	case fits[0] && fits[1] && !same:
		t.open++
		t.keep(sampleOpen, text)
	case fits[0] && !fits[1]:
		t.keep(sampleDayFirst, text)
	case fits[1] && !fits[0]:
		t.keep(sampleMonthFirst, text)
	}
}

func (t *dateTally) notRead(text string) {
	if t.unread == "" {
		t.unread = shortened(text)
	}
}

// unreadable returns the number of cells that are not dates in a form, and the first of them. With
// serials, the numbers of spreadsheets are dates in every form.
func (t *dateTally) unreadable(form dates.Form, serials bool) (n int, first string) {
	n, first = t.filled-t.iso-t.plain, t.unread
	if form == dates.Serial || serials {
		n -= t.serial
	} else {
		first = cmp.Or(first, t.number)
	}
	if form == dates.Epoch {
		n -= t.epoch
	} else {
		first = cmp.Or(first, t.since)
	}
	return n - t.fits[orderAt(form)], cmp.Or(first, t.misfit[orderAt(form)])
}

// implausible returns the number of dates on which no task is due.
func (t *dateTally) implausible(form dates.Form) int { return t.odd + t.oddIn[orderAt(form)] }

// problems returns notes about the cells that are not dates in a form, or that are implausible.
func (t *dateTally) problems(column string, form dates.Form, serials, due bool) (notes []file.Note) {
	if n, first := t.unreadable(form, serials); n > 0 {
		notes = append(notes, file.Note{Text: fmt.Sprintf("%s: %d of %d cannot be read as a date, such as %s",
			shown(column), n, t.filled, shown(first))})
	}
	if n := t.implausible(form); n > 0 && due {
		notes = append(notes, file.Note{Text: fmt.Sprintf("%s: %d of %d are before 1970 or after 2100, such as %s",
			shown(column), n, t.filled, shown(t.oddOne)), Remedy: file.Remedy{Code: RemedyImplausible}})
	}
	return notes
}

func (t *dateTally) keep(at int, text string) {
	if t.sample[at] == "" {
		t.sample[at] = shortened(text)
	}
}

// decide returns the form of the column and a note about it. An order of the client is followed. A
// form is empty where all is ISO 8601.
func (t *dateTally) decide(column string, given dates.Order) (form dates.Form, note file.Note) {
	all := func(of int) bool { return t.fits[of] == t.ordered }
	asked := dates.Form(given)
	switch {
	case t.filled == 0:
		return "", file.Note{}
	case t.epoch == t.filled, t.epoch > 0 && asked == dates.Epoch:
		iso, unit, _ := dates.FromEpoch(t.since)
		return dates.Epoch, file.Note{Text: fmt.Sprintf("%s counts %s since 1970: %s is %s", shown(column), unit, t.since,
			iso)}
	case t.serial > 0 && asked == dates.Serial:
		return dates.Serial, file.Note{}
	case t.serial == t.filled:
		return dates.Serial, file.Note{Text: fmt.Sprintf("%s counts days as spreadsheets do: %s is %s", shown(column),
			t.number, dates.FromSerial(t.number))}
	case asked.Order() != "" && t.ordered > 0:
		return asked, file.Note{}
	case t.ordered == 0 && t.plain == 0:
		return "", file.Note{}
	case t.ordered == 0, all(0) && all(1) && t.open == 0:
		return dates.Plain, file.Note{}
	case all(0) && !all(1):
		return dates.Form(dates.DayFirst), t.said(column, "the day comes first", sampleDayFirst)
	case all(1) && !all(0):
		return dates.Form(dates.MonthFirst), t.said(column, "the month comes first", sampleMonthFirst)
	case all(0):
		return dates.Unsure, file.Note{Text: fmt.Sprintf("%s: in %s the day or the month may come first, and so in %d "+
			"of %d dates", shown(column), t.sample[sampleOpen], t.open, t.filled),
			Remedy: file.Remedy{Code: RemedyDateOrder}}
	case all(2):
		return dates.Form(dates.YearFirst), file.Note{Text: shown(column) + " is read with the year first",
			Remedy: file.Remedy{Code: RemedyOtherOrder}}
	}
	return dates.Unsure, file.Note{Remedy: file.Remedy{Code: RemedyDateOrder},
		Text: fmt.Sprintf("%s: in some dates the day comes first (%s), in others the month (%s), and %d of %d could be "+
			"either",
			shown(column), t.sample[sampleDayFirst], t.sample[sampleMonthFirst], t.open, t.filled)}
}

func (t *dateTally) said(column, what string, sample int) file.Note {
	return file.Note{Text: fmt.Sprintf("%s: %s, as %s shows", shown(column), what, t.sample[sample]),
		Remedy: file.Remedy{Code: RemedyOtherOrder}}
}
