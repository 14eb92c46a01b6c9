package check

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"taskport/importer/file"
)

// randomCell is a cell of a random file, and what it may become.
type randomCell struct {
	text string
	// dates are its readings as a date, in ISO 8601; word is what it means as a word of the API, and
	// refers the external id of the record that it means.
	dates        []string
	word, refers string
}

// randomColumn is a column of a random file.
type randomColumn struct {
	headers []string // one of them is taken
	cells   func(r *rand.Rand, form int) randomCell
}

// The clock of the tests.
var silentNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// oddTexts are cells that programs and people write.
var oddTexts = []string{"", " ", "\u00a0", "\u200b", "nan", "NaN", "None", "NaT", "<NA>", `\N`, "undefined", "NULL",
	"N/A", "n/a", "-", "—", "(none)", "#REF!", "#N/A", "0", "x", "a\x01b", "a\tb", "line\nline", "line\r\nline",
	"\u00a0x\u00a0", "  x  ", "\ufeffx", "a \"b\" c", "'tis", "'00042", `="00042"`, "=1+1", "+1", "@x", "O&#039;Dwyer",
	"a &lt; b", "<b>bold</b>", "a<br>b", "Müller & Söhne", "naïve", "Ω", "дела", "1.2E+15",
	"10023.0", "10023,0", "{}",
	`{"A": "1"}`, `{"A": null, "B": "2"}`, "x;y", "x, y", "x|y", "Total", "12.50", "yes", "100%", "\u2028", "e\u0301"}

// textCells returns cells of text, a third of them odd.
func textCells(r *rand.Rand, _ int) randomCell {
	if r.IntN(3) == 0 {
		return randomCell{text: oddTexts[r.IntN(len(oddTexts))]}
	}
	words := []string{"Call", "send", "the", "offer", "Ada", "über", "contract", "no.", "plan", "Zürich"}
	var text []string
	for range 1 + r.IntN(4) {
		text = append(text, words[r.IntN(len(words))])
	}
	return randomCell{text: strings.Join(text, " ")}
}

// longCells are text whose length is sometimes over a bound.
func longCells(r *rand.Rand, form int) randomCell {
	if r.IntN(12) == 0 {
		return randomCell{text: strings.Repeat("long ", 101)}
	}
	return textCells(r, form)
}

// odd returns an odd text instead of a cell now and then.
func odd(cells func(r *rand.Rand, form int) randomCell) func(r *rand.Rand, form int) randomCell {
	return func(r *rand.Rand, form int) randomCell {
		if r.IntN(8) == 0 {
			return randomCell{text: oddTexts[r.IntN(len(oddTexts))]}
		}
		c := cells(r, form)
		if r.IntN(10) == 0 {
			c.text = []string{" ", "\u00a0", "\t", "\u200b"}[r.IntN(4)] + c.text + []string{" ", "\u00a0", ""}[r.IntN(3)]
		}
		return c
	}
}

// oneOfCells returns one of these, by their meaning.
func oneOfCells(means func(c *randomCell, meant string), all map[string]string) func(*rand.Rand, int) randomCell {
	texts := slices.Sorted(maps.Keys(all))
	return odd(func(r *rand.Rand, _ int) randomCell {
		c := randomCell{text: texts[r.IntN(len(texts))]}
		means(&c, all[c.text])
		return c
	})
}

func isWord(c *randomCell, meant string) { c.word = meant }

func refersTo(c *randomCell, meant string) { c.refers = meant }

// dateCells returns dates in one of several forms, some of them long ago, ahead, or of two
// readings.
func dateCells(r *rand.Rand, form int) randomCell {
	days := r.IntN(2000) - 1500
	switch r.IntN(12) {
	case 0:
		days -= 100_000
	case 1:
		days += 200_000
	case 2:
		days -= 3000
	}
	if r.IntN(20) == 0 {
		form = r.IntN(9)
	}
	at := silentNow.AddDate(0, 0, days).Add(-time.Duration(r.IntN(86_400)) * time.Second)
	day := at.Format(time.DateOnly)
	switch form {
	default:
		return randomCell{text: day, dates: []string{day}}
	case 1, 2:
		layout := map[int]string{1: "02/01/2006", 2: "1/2/2006"}[form]
		c := randomCell{text: at.Format(layout), dates: []string{day}}
		if at.Day() <= 12 {
			c.dates = append(c.dates, fmt.Sprintf("%04d-%02d-%02d", at.Year(), at.Day(), at.Month()))
		}
		return c
	case 3:
		return randomCell{text: at.Format("2 January 2006"), dates: []string{day}}
	case 4:
		return randomCell{text: at.Format(time.RFC3339), dates: []string{at.Format(time.RFC3339)}}
	case 5:
		return randomCell{text: at.Format("2006-01-02 15:04"), dates: []string{at.Format("2006-01-02T15:04:00Z")}}
	case 6:
		return randomCell{text: at.Format("20060102"), dates: []string{day}}
	case 7:
		if at.Unix() < 1_000_000_000 || at.Unix() > 4_000_000_000 {
			return randomCell{text: day, dates: []string{day}}
		}
		return randomCell{text: fmt.Sprint(at.Unix()), dates: []string{at.Format(time.RFC3339)}}
	case 8:
		serial := int(at.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
		if serial < 30_000 || serial > 60_000 {
			return randomCell{text: day, dates: []string{day}}
		}
		return randomCell{text: fmt.Sprint(serial), dates: []string{day}}
	}
}

// timeCells returns times of day.
func timeCells(r *rand.Rand, _ int) randomCell {
	at := time.Date(2026, 1, 1, r.IntN(24), r.IntN(60), 0, 0, time.UTC)
	return randomCell{text: at.Format([]string{"15:04", "3:04 PM"}[r.IntN(2)]), dates: []string{at.Format("15:04:05")}}
}

// idCells returns ids in odd forms.
func idCells(r *rand.Rand, form int) randomCell {
	n := r.IntN(100_000)
	switch form {
	case 0:
		return randomCell{text: fmt.Sprintf("%d.0", n)}
	case 1:
		return randomCell{text: fmt.Sprintf("%05d", n)}
	case 2:
		return randomCell{text: []string{"0", "n", "same"}[r.IntN(3)]}
	case 3:
		return randomCell{text: fmt.Sprintf(`="%05d"`, n)}
	case 4:
		return randomCell{text: fmt.Sprintf("T-%d", n)}
	}
	return randomCell{text: fmt.Sprint(n)}
}

// taskColumns are the columns of random files of tasks; the title and the contact are first.
var taskColumns = func() []randomColumn {
	people := oneOfCells(refersTo, map[string]string{"Ada Wren": "c1", "Wren, Ada": "c1", "Siobhán O'Hara": "c2",
		"Siobh&aacute;n O&#39;Hara": "c2", "Käthe Krämer": "c3", "Ada Wren <ada@wren.example>": "c1", "Nobody Here": ""})
	status := oneOfCells(isWord, map[string]string{"open": "open", "In progress": "in_progress", "Erledigt": "completed",
		"completed": "completed", "Geparkt": "", "2. Not started": "open"})
	flag := oneOfCells(isWord, map[string]string{"TRUE": "completed", "no": "open", "1": "completed", "0": "open",
		"maybe": "", "2026-03-05": "completed", "50%": "in_progress"})
	all := []randomColumn{}
	for _, c := range []struct {
		headers string
		cells   func(*rand.Rand, int) randomCell
	}{
		{"title|Subject|Betreff|Task+Title", textCells}, {"contact_name|Contact|Kontakt", people},
		{"description|Notes", textCells}, {"status|Statut", status}, {"task_type|Type", longCells},
		{"priority|Priorität", oneOfCells(isWord, map[string]string{"high": "high", "Normal": "medium", "1 - Low": "low",
			"Egal": ""})},
		{"due_date|Due+Date|Fällig+am", odd(dateCells)}, {"Due+Time", odd(timeCells)},
		{"created_date|Created+Date", odd(dateCells)}, {"external_id|External+Reference", odd(idCells)},
		{"Completed+At|Is+Closed|%+Complete|Done", flag},
		{"contact_email", oneOfCells(refersTo, map[string]string{"ada@wren.example": "c1", "KAETHE@kr.example": "c3",
			"nobody@kr.example": "", "Ada <ada@wren.example>": "c1"})},
		{"contact_external_id", oneOfCells(refersTo, map[string]string{"c1": "c1", "c2": "c2", "c9": "", "c1;c2": "c1"})},
		{"company_name|Company", oneOfCells(refersTo, map[string]string{"Wren Ltd": "k1", "Wren Limited": "k1",
			"Krämer":     "k2",
			"Nowhere AG": ""})},
		{"company_domain", oneOfCells(refersTo, map[string]string{"wren.example": "k1", "https://wren.example/about": "k1",
			"ada@wren.example": "k1", "nowhere.example": ""})},
		{"deal_name|Deal", oneOfCells(refersTo, map[string]string{"Renewal": "d1", "renewal": "d1", "No such deal": ""})},
		{"related_external_id", oneOfCells(refersTo, map[string]string{"k1": "k1", "d1": "d1", "zz": ""})},
		{"related_type|Related+To+Type", oneOfCells(refersTo, map[string]string{"Account": "k", "Deal": "d", "Planet": ""})},
		{"related_name|Related+To", oneOfCells(refersTo, map[string]string{"Renewal": "d1", "Wren Ltd": "k1", "Mars": ""})},
		{"assignee_name|Assigned+To", oneOfCells(refersTo, map[string]string{"Uma Ode": "u1", "Ode, Uma": "u1",
			"Nobody": ""})},
		{"custom_fields", textCells}, {"Budget", textCells}, {"Region", longCells}, {"Größe", textCells},
		{"備考", textCells},
		{"_row", textCells}, {"Reminder", odd(dateCells)}, {"", textCells}, {"Sub-Total", textCells}, {"No.", odd(idCells)},
	} {
		all = append(all, randomColumn{strings.Split(strings.ReplaceAll(c.headers, "+", " "), "|"), c.cells})
	}
	return all
}()

// randomFile is a file with the cells that it was made of.
type randomFile struct {
	columns []string
	rows    [][]randomCell
	text    []byte
	shown   string // the text before it was encoded
	options file.Options
}

// newRandomFile makes a table of some of the columns, and always of the first ones.
func newRandomFile(r *rand.Rand, first int, all []randomColumn) randomFile {
	f := randomFile{options: file.Options{HasHeader: true}}
	at := r.Perm(len(all))
	at = slices.DeleteFunc(at[:min(len(at), 2+r.IntN(9))], func(c int) bool { return c < first })
	for c := range first {
		at = append(at, c)
	}
	if r.IntN(10) == 0 {
		at = append(at, r.IntN(len(all))) // perhaps again
	}
	r.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
	forms := make([]int, len(at))
	for i, c := range at {
		f.columns = append(f.columns, all[c].headers[r.IntN(len(all[c].headers))])
		forms[i] = r.IntN(9)
	}
	for range 1 + r.IntN(5) { // adjusted names five rows
		row := make([]randomCell, len(at))
		for i, c := range at {
			row[i] = all[c].cells(r, forms[i])
		}
		if slices.ContainsFunc(row, func(c randomCell) bool { return !isEmptyText(c.text) }) {
			f.rows = append(f.rows, row)
		}
	}
	f.write(r)
	return f
}

// write encodes the table with a delimiter, a line end and an encoding of its own.
func (f *randomFile) write(r *rand.Rand) {
	delimiter, end := []string{",", ";", "\t", "|"}[r.IntN(4)], []string{"\n", "\r\n"}[r.IntN(2)]
	always := r.IntN(3) == 0
	var text strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				text.WriteString(delimiter)
			}
			if always || strings.ContainsAny(c, delimiter+"\"\r\n") || c != strings.TrimSpace(c) {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			text.WriteString(c)
		}
		text.WriteString(end)
	}
	line(f.columns)
	for _, row := range f.rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.text
		}
		line(cells)
	}
	f.shown, f.text = text.String(), []byte(text.String())
	switch r.IntN(5) {
	case 0:
		f.text = append([]byte("\ufeff"), f.text...)
	case 1:
		var wide []byte
		for _, letter := range "\ufeff" + text.String() {
			wide = append(wide, byte(letter), byte(letter>>8)) // all are of the basic plane
		}
		f.text = wide
	case 2:
		var narrow []byte
		for _, letter := range text.String() {
			if letter > 0xFF || letter >= 0x80 && letter < 0xA0 {
				return
			}
			narrow = append(narrow, byte(letter))
		}
		f.text = narrow
		if r.IntN(2) == 0 {
			f.options.Encoding = "windows-1252"
		}
	}
}
