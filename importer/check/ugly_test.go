package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskport"
	"taskport/importer"
	"taskport/importer/dates"
	"taskport/importer/file"
)

// uglyFile is a file of testdata/ugly and its expected result.
type uglyFile struct {
	File    string            `json:"file"`
	Options map[string]string `json:"options"`
	Mapping string            `json:"mapping"`
	Read    string            `json:"read"`
	Note    string            `json:"note"`
	Rows    []string          `json:"rows"`
	Message string            `json:"message"`
}

func uglyFiles(t testing.TB) []uglyFile {
	t.Helper()
	text, err := taskport.Testdata.ReadFile("testdata/ugly/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []uglyFile
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// asFile returns the file with its options, read from a disk or, streamed, from an upload.
func (u uglyFile) asFile(t testing.TB, streamed bool) File {
	t.Helper()
	data, err := taskport.Testdata.ReadFile("testdata/ugly/" + u.File)
	if err != nil {
		t.Fatal(err)
	}
	o := file.Options{HasHeader: true, Delimiter: u.Options["delimiter"], Encoding: u.Options["encoding"],
		Sheet: u.Options["sheet"], KeepPlaceholders: u.Options["keep_placeholders"] != ""}
	if n, err := strconv.Atoi(u.Options["skip_lines"]); err == nil {
		o.SkipLines = &n
	}
	saved := importer.SavedMapping{Kind: importer.Tasks}
	if u.Mapping != "" {
		if saved, err = importer.ReadSavedMapping([]byte(u.Mapping), importer.Tasks); err != nil {
			t.Fatal(err)
		}
	}
	return File{Kind: importer.Tasks, Name: u.File, Mapping: saved.Mapping, Cut: o, Scratch: memoryScratch,
		Open: func() (io.ReadCloser, error) {
			if streamed {
				return io.NopCloser(io.MultiReader(bytes.NewReader(data))), nil
			}
			return atPlaces{bytes.NewReader(data)}, nil
		}}
}

type atPlaces struct{ *bytes.Reader }

func (atPlaces) Close() error { return nil }

func TestUglyFiles(t *testing.T) {
	t.Parallel()
	all := uglyFiles(t)
	if len(all) < 100 {
		t.Fatalf("%d files", len(all))
	}
	for _, u := range all {
		for _, streamed := range []bool{true, false} {
			t.Run(u.File, func(t *testing.T) {
				t.Parallel()
				checkUgly(t, u, streamed)
			})
		}
	}
}

func checkUgly(t *testing.T, u uglyFile, streamed bool) {
	t.Helper()
	rows := map[int]string{}
	var read importer.Reading
	err := u.asFile(t, streamed).Read(time.Now(), func(p *importer.RowReader) error {
		read = p.Layout.Reading(func(file.Remedy) string { return "" })
		return nil
	}, func(b *importer.Batch) error {
		for i := range b.Tasks {
			rows[b.Tasks[i].Row] = shownDraft(&b.Tasks[i])
		}
		for i := range b.Dead {
			rows[b.Dead[i].Row] = "! " + string(b.Dead[i].Reason)
		}
		return nil
	})
	if u.Message != "" {
		var text *file.Error
		var fault *importer.Fault
		if !errors.As(err, &text) && !errors.As(err, &fault) || !strings.Contains(err.Error(), u.Message) {
			t.Fatalf("error %v, want one that says %q", err, u.Message)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for n := range len(rows) {
		got = append(got, rows[n+1])
	}
	if !slices.Equal(got, u.Rows) {
		t.Errorf("rows\n%q\nwant\n%q", got, u.Rows)
	}
	if !strings.Contains(read.String(), u.Read) {
		t.Errorf("read as %s, want %s", read, u.Read)
	}
	if notes := strings.Join(read.Notes, "\n"); !strings.Contains(notes, u.Note) || u.Note == "" && notes != "" {
		t.Errorf("notes %q, want %q", notes, u.Note)
	}
}

func shownDraft(d *importer.Draft) string {
	parts := []string{d.Title, d.ContactName}
	if d.Status != "open" {
		parts = append(parts, d.Status)
	}
	for _, text := range []string{d.TaskType, d.Description} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if d.Due.Given {
		due := dates.Format(d.Due.At)
		if d.Due.DayOnly {
			due = d.Due.At.Format(time.DateOnly)
		}
		parts = append(parts, due)
	}
	return strings.Join(parts, " | ")
}
