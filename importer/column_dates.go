package importer

import (
	"bytes"
	"fmt"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// dateTally counts the forms in which the dates of a column are written.
type dateTally struct {
	filled  int
	iso     int // as their form shows
	serial  int // numbers that may be the days of a spreadsheet
	plain   int // other dates whose order is clear
	ordered int // dates of numbers, which need an order
	fits    [3]int
	open    int       // dates that are another day when the month comes first
	sample  [3]string // the first date that fits one order only, and the first open one
	number  string    // the first number
	unread  string    // the first cell that is not a date
}

// Positions in sample.
const (
	sampleDayFirst = iota
	sampleMonthFirst
	sampleOpen
)

func (t *dateTally) see(cell []byte) {
	t.filled++
	if dates.LooksISO(cell) {
		t.iso++
		return
	}
	text := string(bytes.TrimSpace(cell[:min(len(cell), 2*dates.Longest)]))
	if dates.IsSerial(text) {
		if t.serial++; t.number == "" {
			t.number = text
		}
		return
	}
	w, ok := dates.Read(text)
	if !ok || !w.HasClock() {
		t.notRead(text)
		return
	}
	if _, ok := w.In(""); ok {
		t.plain++
		return
	}
	t.order(&w, text)
}

// order counts the orders in which numbers are a date.
func (t *dateTally) order(w *dates.Written, text string) {
	var fits [3]bool
	for i, o := range dates.Orders {
		_, fits[i] = w.In(o)
	}
	if fits == [3]bool{} {
		t.notRead(text)
		return
	}
	t.ordered++
	for i, is := range fits {
		if is {
			t.fits[i]++
		}
	}
	_, same := w.OnlyReading()
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

// problem returns a note about the cells that are not dates; empty without any. With serials, the
// numbers of spreadsheets are dates.
func (t *dateTally) problem(column string, serials bool) string {
	first, odd := t.unread, t.filled-t.iso-t.plain-t.ordered
	if serials {
		odd -= t.serial
	} else if first == "" {
		first = t.number
	}
	if odd <= 0 {
		return ""
	}
	return fmt.Sprintf("%s: %d of %d cannot be read as a date, such as %s", shown(column), odd, t.filled, shown(first))
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
	switch {
	case t.filled == 0:
		return "", file.Note{}
	case t.serial == t.filled:
		return dates.Serial, file.Note{Text: fmt.Sprintf("%s counts days as spreadsheets do: %s is %s", shown(column),
			t.number, dates.FromSerial(t.number))}
	case given != "" && t.ordered > 0:
		return dates.Form(given), file.Note{}
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
