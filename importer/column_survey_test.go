package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
	"taskport/importer/file/xlsx"
)

// decided returns the layout that is decided for a file.
func decided(t *testing.T, o file.Options, r Mapping, text string) Layout {
	t.Helper()
	o.HasHeader = true
	c, err := file.NewCutter(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := Watch(c, Tasks, r)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := c.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	layout, _, err := Decide(Tasks, Layout{Layout: c.Layout()}, r, seen)
	if err != nil {
		t.Fatal(err)
	}
	return layout
}

func TestDateOrderOfAColumn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cells []string
		given dates.Order
		form  dates.Form
		says  string
	}{
		{[]string{"2026-03-10", "2026-03-10T09:00:00Z", ""}, "", "", ""},
		{[]string{"2026-03-10", "2026-03-10 09:00"}, "", dates.Plain, ""},
		{[]string{"2026/03/10", "10 March 2026"}, "", dates.Plain, ""},
		{[]string{"05/05/2026", "06/06/2026"}, "", dates.Plain, ""},
		{[]string{"03/04/2026", "25/04/2026"}, "", "dmy", "the day comes first, as 25/04/2026 shows"},
		{[]string{"03/04/2026", "04/25/2026"}, "", "mdy", "the month comes first, as 04/25/2026 shows"},
		{[]string{"03/04/2026", "2026-03-25", "x"}, "", dates.Unsure,
			"in 03/04/2026 the day or the month may come first, and so in 1 of 3 dates"},
		{[]string{"25/04/2026", "04/25/2026", "03/04/2026"}, "", dates.Unsure,
			"in some dates the day comes first (25/04/2026), in others the month (04/25/2026), and 1 of 3 could be either"},
		{[]string{"03/04/2026", "25/04/2026"}, dates.MonthFirst, "mdy", ""},
		{[]string{"2026-03-10"}, dates.MonthFirst, "", ""},
		{[]string{"99/12/31", "26/04/13"}, "", "ymd", "read with the year first"},
		{[]string{"26/04/13", "26/04/14"}, "", "dmy", "the day comes first"}, // two digits are read as people write them
		{[]string{"45631", "45700.5"}, "", dates.Serial, "45631 is 2024-12-05"},
		{[]string{"45631", "45700.5"}, dates.DayFirst, dates.Serial, "45631 is 2024-12-05"},
		{[]string{"45631", "2026-03-10"}, "", "", ""},
		{[]string{"45631", "12"}, "", "", ""},
		{[]string{"N/A", "-", ""}, "", "", ""},
		{[]string{"31/02/2026", "03/04/2026"}, "", dates.Unsure, "and so in 1 of 2"},
	} {
		text := "title,due_date\n"
		for _, cell := range c.cells {
			text += "x,\"" + cell + "\"\n"
		}
		l := decided(t, file.Options{Format: file.CSV}, Mapping{DateOrder: c.given}, text)
		notes := noted(l.Notes)
		if l.Dates[fieldDueDate] != c.form || !strings.Contains(notes, c.says) || c.says == "" && notes != "" {
			t.Errorf("%q given %q: %q, want %q; notes %q, want %q", c.cells, c.given, l.Dates[fieldDueDate], c.form, notes,
				c.says)
		}
	}
}

// randomTasks returns a random file of tasks in a format.
func randomTasks(r *rand.Rand, format file.Format) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var b strings.Builder
	if format == file.XLSX {
		b.WriteString("title\tFällig am\tErstellt\tStatus\tpriority\tnotes\n")
	}
	if format == file.CSV {
		b.WriteString("title,Fällig am,Erstellt,Status,priority,notes\n")
	}
	dayFirst := pick("25.04.2026", "04/25/2026", "03.04.2026", "2026-04-05")
	for range 20 + r.IntN(60) {
		cells := []string{pick("Total", "Anruf", "a, \"b\"", "title"), pick("03.04.2026", "03.04.2026", "2026-04-03", "",
			"N/A", dayFirst), pick("45631", "45700", "2. Mai 2026", ""), pick("Erledigt", "offen", "Wartet", "wartet ", "", "?"),
			pick("high", "Hoch", "A", "-"), pick("", "x\ny", "\u00a0", "é")}
		switch {
		case format == file.NDJSON:
			row := map[string]string{}
			for i, name := range []string{"title", "Fällig am", "Erstellt", "Status", "priority", "notes"} {
				if cells[i] != "" || r.IntN(2) == 0 {
					row[name] = cells[i]
				}
			}
			text, _ := json.Marshal(row) //nolint:errchkjson // strings encode
			b.Write(text)
		case format == file.XLSX:
			for i := range cells {
				cells[i] = cellEscapes.Replace(cells[i])
			}
			b.WriteString(strings.Join(cells[:1+r.IntN(len(cells))], "\t") + pick("", "", "", "\t\t\t\t\t\tsurplus"))
		case r.IntN(20) == 0:
			b.WriteString(pick("too,few", "bare \"quote,,,,,", "title,Fällig am,Erstellt,Status,priority,notes", "Total,,,,,7"))
		default:
			for i, c := range cells {
				if i > 0 {
					b.WriteByte(',')
				}
				if strings.ContainsAny(c, ",\"\n") || r.IntN(5) == 0 {
					c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
				}
				b.WriteString(c)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Decisions about a file do not depend on how it is cut, or on how its bytes arrive.
func TestDecisionsDoNotDependOnChunks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		for _, format := range []file.Format{file.CSV, file.NDJSON} {
			text := randomTasks(r, format)
			want := decided(t, file.Options{Format: format, ChunkRows: 1 << 20}, Mapping{}, text)
			for _, o := range []file.Options{{Format: format, ChunkRows: 1}, {Format: format, ChunkRows: 7},
				{Format: format, ChunkBytes: 100}} {
				if got := decided(t, o, Mapping{}, text); !reflect.DeepEqual(got, want) {
					t.Fatalf("in chunks of %d rows, %d bytes:\n%+v, want\n%+v\n%s", o.ChunkRows, o.ChunkBytes, got, want, text)
				}
			}
		}
	}
}

// cellEscapes encodes the cells of a workbook as lines of text; cellTexts decodes them.
var (
	cellEscapes = strings.NewReplacer("\\", `\\`, "\n", `\n`)
	cellTexts   = strings.NewReplacer(`\\`, "\\", `\n`, "\n")
)

// cutterOf returns the cutter of a file. The rows of a workbook are lines of cells between tabs.
func cutterOf(t *testing.T, text string, o file.Options) (*file.Cutter, error) {
	t.Helper()
	if o.Format != file.XLSX {
		return file.NewCutter(strings.NewReader(text), o)
	}
	var book bytes.Buffer
	w, err := xlsx.NewWriter(&book, "Tasks")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range cells {
			cells[i] = cellTexts.Replace(cells[i])
		}
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Open(file.Input{Name: "tasks.xlsx", From: &book, Scratch: memoryScratch}, o)
}

// The survey and the pipeline see the same rows, and as many filled cells in each column.
func TestSurveyCountsAsThePipelineReads(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		for _, format := range []file.Format{file.CSV, file.NDJSON, file.XLSX} {
			text := randomTasks(r, format)
			c, err := cutterOf(t, text, file.Options{Format: format, HasHeader: true, ChunkRows: 9})
			if err != nil {
				t.Fatal(err)
			}
			seen, err := Watch(c, Tasks, Mapping{})
			if err != nil {
				t.Fatal(err)
			}
			var chunks []file.Chunk
			for {
				chunk, err := c.Next()
				if err != nil {
					break
				}
				chunks = append(chunks, chunk)
			}
			layout, reader, err := Decide(Tasks, Layout{Layout: c.Layout()}, Mapping{}, seen)
			if err != nil {
				t.Fatal(err)
			}
			rows, filled := 0, make([]int, len(layout.Columns))
			for _, chunk := range chunks {
				for rec := range file.Decode(layout.Layout, chunk) {
					if reader.problem(&rec) != "" {
						continue
					}
					rows++
					for i, cell := range rec.Cells {
						if strings.TrimSpace(tidy(cell, false)) != "" {
							filled[i]++
						}
					}
				}
			}
			got := make([]int, len(seen.columns))
			for i := range seen.columns {
				got[i] = seen.columns[i].filled
			}
			if seen.rows != rows || !slices.Equal(got, filled) {
				t.Fatalf("%d rows with %v, want %d with %v\n%s", seen.rows, got, rows, filled, text)
			}
		}
	}
}

// A stored layout reads rows in the same way, also after more names of columns became known.
func TestAStoredLayoutIsFollowed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for range 50 {
		text := "Betreff,Vorname,Nachname,Fällig am,Status\n"
		for range 10 {
			text += fmt.Sprintf("Anruf,Hans,Müller,%02d.%02d.2026,Erledigt\n", 1+r.IntN(28), 1+r.IntN(12))
		}
		c, err := file.NewCutter(strings.NewReader(text), file.Options{Format: file.CSV, HasHeader: true})
		if err != nil {
			t.Fatal(err)
		}
		seen, err := Watch(c, Tasks, Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		chunk, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		layout, reader, err := Decide(Tasks, Layout{Layout: c.Layout()}, Mapping{}, seen)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := json.Marshal(layout)
		if err != nil {
			t.Fatal(err)
		}
		var stored Layout
		if err := json.Unmarshal(saved, &stored); err != nil {
			t.Fatal(err)
		}
		again, err := NewRowReader(Tasks, stored, Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		a, b := reader.Read(chunk, now), again.Read(chunk, now)
		a.reader, b.reader = nil, nil
		if !reflect.DeepEqual(a, b) || len(a.Tasks)+len(a.Dead) != 10 {
			t.Fatalf("%+v, want %+v", b, a)
		}
		stored.Columns[0] = "called otherwise"
		other, err := NewRowReader(Tasks, stored, Mapping{})
		if err != nil || !reflect.DeepEqual(other.source, reader.source) {
			t.Fatalf("fed by %v, want %v, error %v", other.source, reader.source, err)
		}
	}
}

// The size of a survey does not grow with the file.
func TestSurveyIsBounded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("title,status,due_date\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "%s,word %d,%d\n", strings.Repeat("x", 300), i, i)
	}
	l := decided(t, file.Options{Format: file.CSV}, Mapping{}, b.String())
	if n := len(l.Unknown[fieldStatus]); n != maxWords {
		t.Errorf("%d words are kept", n)
	}
	for _, c := range l.Profile {
		for _, s := range c.Samples {
			if len(s) > 4*sampleSize {
				t.Errorf("a sample of %d bytes", len(s))
			}
		}
		if len(c.Samples) > maxSamples || c.Filled != 1 {
			t.Errorf("%+v", c)
		}
	}
	wide := "title" + strings.Repeat(",c", 900) + "\nx" + strings.Repeat(",y", 900) + "\n"
	if n := len(decided(t, file.Options{Format: file.CSV}, Mapping{}, wide).Profile); n != maxProfiled {
		t.Errorf("%d columns are profiled", n)
	}
}

// Day numbers are dates in an export of Pipedrive, also beside other dates, without a problem in
// the column.
func TestSerialDatesOfAPresetAreNoProblem(t *testing.T) {
	t.Parallel()
	layout := decided(t, file.Options{Format: file.CSV}, Mapping{},
		"Activity - Subject,Activity - Due date,Activity - Done,Person - Name\n"+
			"Call,45631.0,Done,Anna\nMail,2025-02-03,To do,Anna\n")
	if layout.Preset != "pipedrive" || len(layout.Profile[1].Problems) != 0 {
		t.Errorf("%q, %+v", layout.Preset, layout.Profile)
	}
}

// No cell makes the decision about its column fail.
func FuzzDateTally(f *testing.F) {
	for _, text := range []string{"03/04/2026 9:05 PM", "25. März 2026", "\xc3", "1\xc2", "99.99.9999 T99", "45631.5",
		"2026-04-03T"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tally dateTally
		if text == "" {
			return
		}
		tally.see([]byte(text))
		form, _ := tally.decide("due", "")
		if counted := tally.iso + tally.serial + tally.plain + tally.ordered; counted == 0 && tally.unread == "" &&
			form != "" {
			t.Errorf("%q counts as nothing and has the form %q", text, form)
		}
	})
}

// A value is compared in its steady form whether or not it is seen at once that it has it already.
func TestSteadyValuesAreSteady(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "Zoë", "ß", "n", "N/A", "-", "0", "7", ".", " ", "  ", "\t", "\n", "\u00a0",
		"\u2009", "\u3000", "\ufeff", "\u200b", "Ж", "שלום", "日本", "é", "É", "Â", "\u1680", "\xff", "\xc2", "😀"}
	random := rand.New(rand.NewPCG(3, 4))
	s := &Survey{}
	for range 100_000 {
		var text []byte
		for range 1 + random.IntN(4) {
			text = append(text, pieces[random.IntN(len(pieces))]...)
		}
		var want []byte
		if !isNothing(bytes.TrimFunc(text, isOddSpace), false) {
			want = appendSteady(nil, text, false)
		}
		if got := s.steady(text, false); !bytes.Equal(got, want) {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
	}
}
