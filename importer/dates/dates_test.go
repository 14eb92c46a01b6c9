package dates

import (
	"testing"
	"time"
)

func TestWrittenDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		order Order
		want  string // empty if it is not a date
	}{
		{"03/04/2026", DayFirst, "2026-04-03"},
		{"03/04/2026", MonthFirst, "2026-03-04"},
		{"03/04/2026", "", ""},
		{"03/04/2026", YearFirst, ""},
		{"5/5/2026", "", "2026-05-05"},
		{"25/03/2026", "", "2026-03-25"},
		{"03/25/2026", "", "2026-03-25"},
		{"25/03/2026", MonthFirst, ""},
		{"03/25/2026", DayFirst, ""},
		{"31.02.2026", DayFirst, ""},
		{"29.02.2028", DayFirst, "2028-02-29"},
		{"29.02.2026", DayFirst, ""},
		{"3.4.26", DayFirst, "2026-04-03"},
		{"3.4.69", DayFirst, "2069-04-03"},
		{"3.4.70", DayFirst, "1970-04-03"},
		{"26-04-03", YearFirst, "2026-04-03"},
		{"26-04-03", DayFirst, "2003-04-26"},
		{"2026/04/03", "", "2026-04-03"},
		{"2026.4.3", MonthFirst, "2026-04-03"},
		{"2026-4-3", DayFirst, "2026-04-03"},
		{"3. 4. 2026", DayFirst, "2026-04-03"},
		{"03-04-2026", DayFirst, "2026-04-03"},
		{"03/04-2026", DayFirst, ""},
		{"3 4 2026", DayFirst, ""},
		{"03/04/026", DayFirst, ""},
		{"003/04/2026", DayFirst, ""},
		{"03/04/20261", DayFirst, ""},
		{"0/4/2026", DayFirst, ""},
		{"03/2026", DayFirst, ""},
		{"1/2/3/4", DayFirst, ""},
		{"2026", DayFirst, ""},
		{"tomorrow", DayFirst, ""},
		{"", DayFirst, ""},

		{"March 25, 2026 9:00 AM (GMT+1)", "", "2026-03-25T09:00:00+01:00"},
		{"25/03/2026 9:00 (UTC)", "", "2026-03-25T09:00:00Z"},
		{"Wed Mar 25 2026 09:00:00 GMT+0100 (Central European Standard Time)", "", "2026-03-25T09:00:00+01:00"},
		{"25/03/2026 9:00 UTC-5", "", "2026-03-25T09:00:00-05:00"},
		{"25/03/2026 9:00 (Central European Standard Time)", "", ""},
		{"25/03/2026 9:00 CET", "", ""},
		{"25/03/2026 9:00 -5", "", ""},
		{"25/03/2026 9:00 GMT+25", "", ""},
		{"25/03/2026 13:30 PM", "", ""},
		{"25 March 2026", "", "2026-03-25"},
		{"March 25, 2026", "", "2026-03-25"},
		{"Mar 25th, 2026", "", "2026-03-25"},
		{"Wednesday, 25 March 2026", "", "2026-03-25"},
		{"25-Mar-2026", "", "2026-03-25"},
		{"25-MAR-26", MonthFirst, "2026-03-25"},
		{"2026-Mar-25", "", "2026-03-25"},
		{"the 1st of May 2026", "", "2026-05-01"},
		{"25. März 2026", "", "2026-03-25"},
		{"25. Maerz 2026", "", "2026-03-25"},
		{"Mi., 25. Mrz. 2026", "", "2026-03-25"},
		{"1. Jänner 2026", "", "2026-01-01"},
		{"31. Dez 2026", "", "2026-12-31"},
		{"1er août 2026", "", "2026-08-01"},
		{"mercredi 25 février 2026", "", "2026-02-25"},
		{"25 DÉCEMBRE 2026", "", "2026-12-25"},
		{"le 14 juil. 2026", "", "2026-07-14"},
		{"25 de marzo de 2026", "", "2026-03-25"},
		{"miércoles, 25 de diciembre de 2026", "", "2026-12-25"},
		{"1 ene 2026", "", "2026-01-01"},
		{"30 February 2026", "", ""},
		{"25 Marchember 2026", "", ""},
		{"March 2026", "", ""},
		{"25 26 March", "", ""},
		{"25 March 2026 or so", "", ""},
		{"March April 2026", "", ""},
		{"25 марта 2026", "", ""},

		{"03.04.2026 09:05", DayFirst, "2026-04-03T09:05:00"},
		{"03.04.2026, 9:05 Uhr", DayFirst, "2026-04-03T09:05:00"},
		{"03.04.2026 um 9.05 Uhr", DayFirst, "2026-04-03T09:05:00"},
		{"4/3/2026 12:05 AM", MonthFirst, "2026-04-03T00:05:00"},
		{"4/3/2026 12:05 PM", MonthFirst, "2026-04-03T12:05:00"},
		{"4/3/2026 9:05:07 pm", MonthFirst, "2026-04-03T21:05:07"},
		{"4/3/2026 9pm", MonthFirst, "2026-04-03T21:00:00"},
		{"3/4/2026 9:05 p. m.", DayFirst, "2026-04-03T21:05:00"},
		{"3/4/2026 à 14h30", DayFirst, "2026-04-03T14:30:00"},
		{"March 25, 2026 at 9:05 AM", "", "2026-03-25T09:05:00"},
		{"2026-04-03 09:05:07.125", "", "2026-04-03T09:05:07.125"},
		{"2026-04-03 09:05 +0200", "", "2026-04-03T09:05:00+02:00"},
		{"2026-04-03 09:05:07 UTC", "", "2026-04-03T09:05:07Z"},
		{"2026/04/03T09:05:07-05:30", "", "2026-04-03T09:05:07-05:30"},
		{"Wed Mar 25 2026 09:05:07 GMT+0100", "", "2026-03-25T09:05:07+01:00"},
		{"03.04.2026 25:05", DayFirst, ""},
		{"03.04.2026 13:05 pm", DayFirst, ""},
		{"03.04.2026 0:05 am", DayFirst, ""},
		{"03.04.2026 9", DayFirst, ""},
		{"03.04.2026 09:05 CET", DayFirst, ""},
		{"03.04.2026 soon", DayFirst, ""},
	} {
		got, ok := ISO(c.text, c.order)
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("%q %s: %q, want %q", c.text, c.order, got, c.want)
			continue
		}
		if _, valid := Parse(got); got != "" && !valid {
			t.Errorf("%q became %q, which is no ISO 8601", c.text, got)
		}
	}
}

// Each name of a month in each language, abbreviated or not, is that month; no word is both a
// filler and a month.
func TestMonthsInFourLanguages(t *testing.T) {
	t.Parallel()
	for language, names := range map[string][12]string{
		"English": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
			"November", "December"},
		"German": {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
			"November", "Dezember"},
		"French": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
			"novembre", "décembre"},
		"Spanish": {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
			"noviembre", "diciembre"},
		"short": {"Jan", "fév", "Mrz", "abr", "May", "jun", "juil", "ago", "Sept", "Okt", "nov", "dic"},
	} {
		for i, name := range names {
			want := time.Date(2026, time.Month(i+1), 7, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			if got, ok := ISO("7 "+name+" 2026", ""); !ok || got != want {
				t.Errorf("%s, %s: %q, want %q", language, name, got, want)
			}
		}
	}
	for word := range months {
		if fillers[word] {
			t.Errorf("%s is a month and says nothing", word)
		}
	}
}

func TestNumbersOfDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"45631": "2024-12-05", "45631.0": "2024-12-05", "45631.375": "2024-12-05T09:00:00",
		"45631.999999": "2024-12-06T00:00:00", "29999": "29999", "60001": "60001", "1770111000": "1770111000",
		"456310": "456310",
		"4563.1": "4563.1", "45631.": "2024-12-05", "4563x": "4563x", "45631,5": "45631,5", "": "",
	} {
		if got := FromSerial(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever the text of a cell, a date read from it is ISO 8601 and an existing day.
func FuzzWrittenDate(f *testing.F) {
	for _, text := range []string{"03/04/2026 9:05 PM", "25. März 2026", "le 14 juil. 2026 à 14h30", "\xc3", "1\xc2",
		"99.99.9999 T99", "2026-04-03 09:05 +0200"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range append([]Order{""}, Orders[:]...) {
			if iso, ok := ISO(text, o); ok {
				if _, valid := Parse(iso); !valid {
					t.Errorf("%q in order %q became %q", text, o, iso)
				}
			}
		}
		FromSerial(text)
	})
}

// The usual forms are read as the layouts of time do.
func TestUsualFormsAreReadAsByLayout(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2026-03-10", "2024-02-29", "2023-02-29", "1900-02-29", "2026-04-31", "2026-12-31",
		"0000-01-01", "9999-12-31", "2026-00-10", "2026-13-10", "2026-01-00", "2026-01-32", "20x6-01-01", "2026-1a-01",
		"+026-01-01", "2026/01/01"} {
		for _, clock := range []string{"", "T00:00:00Z", "T23:59:59Z", "T24:00:00Z", "T23:60:00Z", "T23:59:60Z", "T2a:00:00Z",
			"T09:00:00z", " 09:00:00Z"} {
			layout := time.DateOnly
			if clock != "" {
				layout = "2006-01-02T15:04:05Z07:00"
			}
			want, err := time.Parse(layout, day+clock)
			got, ok := ParseUsual(day + clock)
			if year, isUsual := UsualYear(day + clock); isUsual != ok || ok && year != want.Year() {
				t.Errorf("%s: year %d %t", day+clock, year, isUsual)
			}
			if ok != (err == nil) || ok && (!got.At.Equal(want) || got.DayOnly != (clock == "")) {
				t.Errorf("%s: got %v %t, want %v %v", day+clock, got, ok, want, err)
			}
		}
	}
}

// TestDaysSince1970 compares every day of the years that have four digits with package time.
func TestDaysSince1970(t *testing.T) {
	t.Parallel()
	at := time.Date(0, time.January, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() <= MaxYear; at = at.AddDate(0, 0, 1) {
		w, ok := ParseUsual(at.Format(time.DateOnly))
		if !ok || w.At != at || !w.DayOnly || IsPlausible(at) != IsPlausibleYear(at.Year()) {
			t.Fatalf("%s: %v %t", at, w, ok)
		}
	}
}
