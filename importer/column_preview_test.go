package importer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/importer"
	"taskport/importer/dates"
	"taskport/importer/file"
)

func firstChunk(t *testing.T, text string) (importer.Layout, file.Chunk) {
	t.Helper()
	c, err := importer.Open(file.Input{Name: "tasks.csv", From: strings.NewReader(text)}, file.Options{HasHeader: true},
		importer.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	chunk, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	return importer.Layout{Layout: c.Layout()}, chunk
}

// Each rejected value has a problem at its cell, not only the first of a row.
func TestPreviewShowsEachBadValue(t *testing.T) {
	t.Parallel()
	layout, chunk := firstChunk(t,
		"title,status,due_date,priority,Colour,contact_name\nCall,nonsense,31/31/2026,whenever,\"=1+1\",Ann\n"+
			",open,,,,Ann\nAlone,open,,,,\nGood,open,2026-03-10,high,,Ann\n")
	reader, err := importer.NewRowReader(importer.Tasks, layout, importer.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	p := reader.Preview(chunk, 20, time.Now(), func(r file.Remedy) string { return r.Code })
	if len(p.Rows) != 4 {
		t.Fatalf("%d rows", len(p.Rows))
	}
	problems := func(row int) (at []string) {
		for i, c := range p.Rows[row].Cells {
			if c.Problem != "" {
				at = append(at, p.Columns[i].Name)
			}
		}
		return at
	}
	for row, want := range [][]string{{"status", "due_date", "priority"}, {"title"}, nil, nil} {
		if got := problems(row); !slices.Equal(got, want) {
			t.Errorf("row %d: problems %v, want %v", row+1, got, want)
		}
	}
	if p.Rows[2].Problem != importer.OrphanMessage || p.Rows[3].Problem != "" || p.Rows[0].Cells[4].Text != "=1+1" ||
		p.Columns[4].Field != "" {
		t.Errorf("got %+v", p)
	}
}

func TestPreviewIsBoundedAndShowsMalformedRows(t *testing.T) {
	t.Parallel()
	layout, chunk := firstChunk(t, "title,contact_name\nOne,Ann,too,many\n"+strings.Repeat("Two,Ann\n", 30))
	reader, err := importer.NewRowReader(importer.Tasks, layout, importer.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	p := reader.Preview(chunk, 20, time.Now(), func(r file.Remedy) string { return r.Code })
	if len(p.Rows) != 20 || p.Rows[0].Problem == "" || p.Rows[0].Cells[1].Text != "Ann,too,many" ||
		p.Rows[1].Problem != "" {
		t.Errorf("%d rows, the first %+v", len(p.Rows), p.Rows[0])
	}
}

func TestProposal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columns, want []string
	}{
		{[]string{"Title", "Contact Name", "Colour"}, []string{"title", "contact_name", "kept"}},
		{[]string{"Colour", "Contact Name"}, []string{"kept", "contact_name"}},                  // nothing feeds the title
		{[]string{"title", "TITLE", "contact_name"}, []string{"title", "kept", "contact_name"}}, // two claim it
	} {
		got := importer.Proposal(importer.Tasks, importer.Layout{Layout: file.Layout{Format: file.CSV, Columns: c.columns}})
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.columns, got, c.want)
		}
	}
}

// The choices of a person replace the detected columns, also for columns of the same name and for
// two that make up a name.
func TestFedColumns(t *testing.T) {
	t.Parallel()
	text := "title,First Name,Last Name,title,due_date,other\nOne,Ann,Lee,Uno,03/04/2026,04/05/2026\n" +
		"Two,Bo,Ray,Due,25/04/2026,05/06/2026\n"
	layout, chunk := firstChunk(t, text)
	of := []string{"", "contact_name", "contact_name", "title", "", "due_date"}
	fed, err := layout.Fed(importer.Tasks, of, dates.MonthFirst)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := importer.NewRowReader(importer.Tasks, fed, importer.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	b := reader.Read(chunk, time.Now())
	if len(b.Tasks) != 2 || b.Tasks[0].Title != "Uno" || b.Tasks[0].ContactName != "Ann Lee" ||
		b.Tasks[0].Due.At.Format(time.DateOnly) != "2026-04-05" {
		t.Errorf("%+v %+v", b.Tasks, b.Dead)
	}
	if got := importer.Proposal(importer.Tasks, fed); !slices.Equal(got, of) {
		t.Errorf("the columns feed %q", got)
	}
	for _, of := range [][]string{{"", "", "", "", "due_date", ""}, {"title", "", "", "title", "", ""}} {
		if _, err := layout.Fed(importer.Tasks, of, ""); err == nil || !strings.Contains(err.Error(), "title") {
			t.Errorf("%q: %v", of, err)
		}
	}
}
