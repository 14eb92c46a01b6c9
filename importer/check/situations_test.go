package check

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/importer"
	"taskport/importer/file"
)

// situation is a file as programs and people make them, with its outcome. A row is its
// title, its contact and what else the situation is about, or ! and the reason; a note or an error
// that says something is enough.
type situation struct {
	what, name, text string
	mapping          importer.Mapping
	rows             []string
	says             string // in a note
	refused          string // in the error
}

const theirs = "title,contact_name,external_id\n"

var situations = []situation{
	{what: "Windows-1250", text: "title,contact_name\nWys\xb3a\xe6 faktur\xea do \xa3om\xbfy,Ada Wren\n" +
		"Zadzwoni\xe6,Ada Wren\n",
		rows: []string{"Wysłać fakturę do Łomży|Ada Wren", "Zadzwonić|Ada Wren"}, says: "windows-1250 detected"},
	{what: "ids that are words", text: theirs + "a,Ada Wren,nan\nb,Ada Wren,NaN\nc,Ada Wren,undefined\n" +
		"d,Ada Wren,TBD\n" +
		"e,Ada Wren,.\nf,Ada Wren,#VALUE!\ng,Ada Wren,7\n",
		rows: []string{`a|Ada Wren|{"external_id":"nan"}`, `b|Ada Wren|{"external_id":"NaN"}`,
			`c|Ada Wren|{"external_id":"undefined"}`, `d|Ada Wren|{"external_id":"TBD"}`, `e|Ada Wren|{"external_id":"."}`,
			`f|Ada Wren|{"external_id":"#VALUE!"}`, "g|Ada Wren|7"}},
	{what: "zero as id of different rows", text: theirs + "a,Ada Wren,0\nb,Ada Wren,0\nc,Ada Wren,8\n",
		rows: []string{`a|Ada Wren|{"external_id":"0"}`, `b|Ada Wren|{"external_id":"0"}`, "c|Ada Wren|8"}},
	{what: "one row with the id zero", text: theirs + "a,Ada Wren,0\nc,Ada Wren,8\n",
		rows: []string{"a|Ada Wren|0", "c|Ada Wren|8"}},
	{what: "ids made numbers", text: theirs + "a,Ada Wren,501.0\nb,Ada Wren,502.0\n",
		rows: []string{`a|Ada Wren|501|{"external_id":"501.0"}`, `b|Ada Wren|502|{"external_id":"502.0"}`}},
	{what: "guards of spreadsheets", text: theirs + "=\"a\",=\"Ada Wren\",=\"0071\"\n" +
		"\"=\"\"b\"\"\",Ada Wren,'0072\n",
		rows: []string{"a|Ada Wren|0071", "b|Ada Wren|0072"}},
	{what: "an apostrophe before each cell", text: theirs + "'a,'Ada Wren,'0071\n'b,'Ada Wren,'0072\n",
		rows: []string{"a|Ada Wren|0071", "b|Ada Wren|0072"}, says: "the apostrophe before each cell"},
	{what: "cells of nothing", text: "title,contact_name,company_name,due_date\na,Ada Wren,nan,NaT\n" +
		"b,Ada Wren,\\N,None\n",
		rows: []string{"a|Ada Wren", "b|Ada Wren"}},
	{what: "entities in names", text: "title,contact_name\nx &lt; y,Siobh&aacute;n O&#x27;Hara\n",
		rows: []string{"x &lt; y|Siobhán O'Hara"}, says: "HTML"},
	{what: "each line is one cell", text: "\"title,contact_name\"\n\"a,Ada Wren\"\n\"b,Ada Wren\"\n",
		refused: "single quoted field"},
	{what: "blanks around quotes", text: "title, contact_name\n\"a\" , \"Wren, Ada\"\n",
		rows: []string{"a|Wren, Ada"}},
	{what: "marks in the middle", text: "\ufeff\ufefftitle,contact_name\na,Ada Wren\n" +
		"\ufefftitle,contact_name\nb,Ada Wren\n",
		rows: []string{"a|Ada Wren", "!malformed_row", "b|Ada Wren"}},
	{what: "seconds since 1970", text: "title,contact_name,due_date\na,Ada Wren,1790000000\n" +
		"b,Ada Wren,1790000060\n",
		rows: []string{"a|Ada Wren|2026-09-21T14:13:20Z", "b|Ada Wren|2026-09-21T14:14:20Z"},
		says: "counts seconds since 1970"},
	{what: "compact dates", text: "title,contact_name,due_date\na,Ada Wren,20260921\n" +
		"b,Ada Wren,20260922T0930\n",
		rows: []string{"a|Ada Wren|2026-09-21", "b|Ada Wren|2026-09-22T09:30:00Z"}},
	{what: "a time that the clock skips", text: "title,contact_name,due_date\na,Ada Wren,2026-03-29 02:30\n",
		mapping: importer.Mapping{Timezone: "Europe/Berlin"}, rows: []string{"a|Ada Wren|2026-03-29T01:30:00Z"}},
	{what: "such a time across the ocean", text: "title,contact_name,due_date\na,Ada Wren,2026-03-08 02:30\n",
		mapping: importer.Mapping{Timezone: "America/New_York"}, rows: []string{"a|Ada Wren|2026-03-08T07:30:00Z"}},
	{what: "completion beside an empty status", text: "title,contact_name,status,Done\n" +
		"a,Ada Wren,,yes\nb,Ada Wren,open,yes\n" +
		"c,Ada Wren,,no\n",
		rows: []string{`a|Ada Wren|completed|{"Done":"yes"}`, `b|Ada Wren|{"Done":"yes"}`, `c|Ada Wren|{"Done":"no"}`},
		says: "is empty"},
	{what: "the day of completion", text: "title,contact_name,Closed On\na,Ada Wren,2026-02-03\nb,Ada Wren,\n",
		rows: []string{`a|Ada Wren|completed|{"Closed On":"2026-02-03"}`, "b|Ada Wren"}},
	{what: "the title of a task app",
		text: "Task ID,Name,Assignee,Section/Column,Completed At,Contact\n1,a,,Doing,,Ada Wren\n",
		rows: []string{`a|Ada Wren|{"Task ID":"1","Section/Column":"Doing"}`}, says: `"Name" feeds title`},
	{what: "sections and notes of a list", text: "TYPE,CONTENT,PRIORITY,INDENT,Contact\nsection,x,,,\n" +
		"task,a,,1,Ada Wren\nnote,y,,,\n",
		rows: []string{"!malformed_row", `a|Ada Wren|{"INDENT":"1"}`, "!malformed_row"}},
	{what: "a header of a form", text: "Title*,Contact Name (required),Due Date [DD.MM.YYYY]\n" +
		"a,Ada Wren,21.09.2026\n",
		rows: []string{"a|Ada Wren|2026-09-21"}},
	{what: "a table in groups", text: "contact_name,title\nAda Wren,a\n,b\n",
		rows: []string{"a|Ada Wren", "!orphan"},
		says: "is empty in 1 of 2 rows"},
	{what: "an address among words", text: "title,contact_name\na,Ada Wren - ada@wren.example\n" +
		"b,ada@wren.example Ada Wren\n",
		rows: []string{"a|Ada Wren", "b|Ada Wren"}},
	{what: "a member given twice", name: "a.ndjson",
		text: `{"title":"a","contact_name":"Ada Wren","title":"b"}` + "\n" +
			"" + `{"title":"c","contact_name":"Ada Wren"}` + "\n",
		rows: []string{"!malformed_row", "c|Ada Wren"}},
	{what: "nested values", name: "a.ndjson", text: `{"title":"a","contact_name":{"name":"Ada Wren"}}` + "\n",
		rows: []string{"!malformed_row"}},
	{what: "a line of totals, the header again, a footer", text: "title,contact_name,n\na,Ada Wren,1\n" +
		"title,contact_name,n\nTotal,,1\n" +
		"Exported on 2026-09-21\n",
		rows: []string{`a|Ada Wren|{"n":"1"}`, "!malformed_row", "!malformed_row", "!malformed_row"}},
}

// TestSituations takes each file through the pipeline.
func TestSituations(t *testing.T) {
	t.Parallel()
	for _, s := range situations {
		t.Run(s.what, func(t *testing.T) {
			t.Parallel()
			f := File{Kind: importer.Tasks, Name: s.name, Mapping: s.mapping, Cut: file.Options{HasHeader: true},
				Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s.text)), nil }}
			if s.name == "" {
				f.Name = "tasks.csv"
			}
			var notes strings.Builder
			rows := map[int]string{}
			err := f.Read(time.Now(), func(p *importer.RowReader) error {
				for _, n := range p.Layout.AllNotes() {
					notes.WriteString(n.Text + "\n")
				}
				return nil
			}, func(b *importer.Batch) error {
				for i := range b.Tasks {
					rows[b.Tasks[i].Row] = shownTask(&b.Tasks[i])
				}
				for i := range b.Dead {
					rows[b.Dead[i].Row] = "!" + string(b.Dead[i].Reason)
				}
				return nil
			})
			if s.refused != "" {
				if err == nil || !strings.Contains(err.Error(), s.refused) {
					t.Errorf("got the error %v, want %q", err, s.refused)
				}
				return
			}
			got := make([]string, 0, len(rows))
			for n := range len(rows) {
				got = append(got, rows[n+1])
			}
			if err != nil || !slices.Equal(got, s.rows) || !strings.Contains(notes.String(), s.says) {
				t.Errorf("got %q, %v, notes\n"+
					"%swant %q and a note that says %q", got, err, notes.String(), s.rows, s.says)
			}
		})
	}
}

// shownTask returns the title, the contact and what else a task has.
func shownTask(d *importer.Draft) string {
	parts := []string{d.Title, d.ContactName, d.ExternalID}
	if d.Status != "open" {
		parts = append(parts, d.Status)
	}
	if d.Due.Given {
		layout := time.RFC3339
		if d.Due.DayOnly {
			layout = time.DateOnly
		}
		parts = append(parts, d.Due.At.Format(layout))
	}
	parts = append(parts, d.CompanyName, d.CustomFields)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "|")
}
