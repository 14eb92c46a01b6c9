package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer"
)

func isEmptyText(text string) bool { return strings.TrimFunc(text, isSpaceOrMark) == "" }

func isSpaceOrMark(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune("\u200b\u200c\u200d\u2060\ufeff\u00ad", c)
}

// The normal forms: what a cell may become without a word, as CONTRACT section 5 and docs have it.
//
//   - isAbsent: a cell without text, or that says so, is absent; in ids and references such a word
//     is counted instead
//   - trimmed: the spaces around a value, and what a program puts around it for a spreadsheet
//   - unmarked: the markup of HTML in names (a note names the column)
//   - a date is one of its readings in ISO 8601, of two readings as the rest of the column proves
//   - a word of status or priority is that of the API
//   - a reference is the record that it means

// saidEmpty are the words that mean an empty cell; programEmpty do so but in titles and
// descriptions.
var (
	saidEmpty    = []string{"-", "--", "–", "—", "n/a", "#n/a", "null", "(null)", "#null!", "(none)", "(blank)"}
	programEmpty = []string{"nan", "NaN", "NaT", "None", "<NA>", `\N`, "undefined", "#REF!"}
)

func isAbsent(field, text string) bool {
	text = trimmed(text)
	if text == "" || slices.Contains(saidEmpty, strings.ToLower(text)) {
		return true
	}
	return field != "title" && field != "description" && !strings.HasSuffix(field, "_id") &&
		slices.Contains(programEmpty, text)
}

func trimmed(text string) string { return strings.TrimFunc(guardless(text), isSpaceOrMark) }

// guardless returns a cell without ="…" and without an apostrophe before a number.
func guardless(text string) string {
	if rest, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(rest, `"`) {
		return strings.TrimSuffix(rest, `"`)
	}
	if rest, ok := strings.CutPrefix(text, "'"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return rest
	}
	return text
}

// silentRun takes a random file through the pipeline and compares every stored value with its cell.
type silentRun struct {
	t         *testing.T
	file      randomFile
	reader    *importer.RowReader
	keepsNone bool
	changed   map[string]map[int]bool // by field, the rows whose values differ beyond the normal forms
}

func (s *silentRun) fail(row int, format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("row %d: %s\nin %q", row, fmt.Sprintf(format, args...), s.file.shown)
}

func (s *silentRun) differs(field string, row int) {
	if s.changed[field] == nil {
		s.changed[field] = map[int]bool{}
	}
	s.changed[field][row] = true
}

// feeds returns the field that a column feeds; empty for none.
func (s *silentRun) feeds(column int) string {
	for field, columns := range s.reader.Layout.Sources {
		if slices.Contains(columns, column) {
			return field
		}
	}
	return ""
}

// silentDirectory is the directory of the random files.
func silentDirectory(t *testing.T, users bool) *Offline {
	t.Helper()
	o := NewOffline()
	add := func(kind importer.Kind, text string) {
		b := load(t, kind, text)
		if o.Add(kind, b); len(b.Dead) > 0 {
			t.Fatal(b.Dead)
		}
	}
	add(importer.Companies, "name,domain,external_id\nWren Ltd,wren.example,k1\nKrämer,kr.example,k2\n")
	add(importer.Contacts, "full_name,email,external_id,company_external_id\nAda Wren,ada@wren.example,c1,k1\n"+
		"Siobhán O'Hara,,c2,\nKäthe Krämer,kaethe@kr.example,c3,k2\n")
	add(importer.Deals, "title,external_id,company_external_id\nRenewal,d1,k1\n")
	if users {
		add(importer.Users, "name,assignee_id,external_id\nUma Ode,uma,u1\n")
	}
	return o
}

// TestNothingIsChangedInSilence takes random files through the pipeline: what differs between a
// cell and what is stored, other than by the normal forms, is counted in adjusted, or the row is a
// dead letter; what feeds no field is in custom_fields, or named.
func TestNothingIsChangedInSilence(t *testing.T) {
	t.Parallel()
	files := 1500
	if testing.Short() {
		files = 300
	}
	tasks, refused, dead, changed := 0, 0, 0, 0
	directories := [2]*Offline{silentDirectory(t, false), silentDirectory(t, true)}
	for seed := range files {
		r := rand.New(rand.NewPCG(uint64(seed), 22))
		s := silentRun{t: t, file: newRandomFile(r, 2, taskColumns), changed: map[string]map[int]bool{}}
		if len(s.file.rows) == 0 {
			continue
		}
		o := directories[r.IntN(2)]
		options := importer.Options{OnDuplicate: importer.DuplicateSkip}
		if r.IntN(3) == 0 {
			options.OnSeveral = importer.SeveralFirst
		}
		if r.IntN(5) == 0 {
			options.KeepColumns = importer.KeepNone
			s.keepsNone = true
		}
		run := NewRun(o, o.Snapshot(), options)
		f := File{Kind: importer.Tasks, Name: "tasks.csv", Mapping: options.Mapping, Cut: s.file.options, Directory: o,
			OnSeveral: options.OnSeveral,
			Open:      func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(s.file.text))), nil }}
		var ended []int
		err := f.Read(silentNow, func(p *importer.RowReader) error { s.reader = p; return nil },
			func(b *importer.Batch) error {
				if _, err := run.Take(t.Context(), b); err != nil {
					return err
				}
				for i := range b.Tasks {
					ended = append(ended, b.Tasks[i].Row)
					s.compare(&b.Tasks[i], o)
				}
				for i := range b.Repeats {
					ended = append(ended, b.Repeats[i].Row)
				}
				for i := range b.Dead {
					ended = append(ended, b.Dead[i].Row)
				}
				tasks, dead = tasks+len(b.Tasks), dead+len(b.Dead)
				return nil
			})
		if err != nil {
			refused++
			if os.Getenv("ALL") != "" {
				t.Log("refused", err)
			}
			continue
		}
		if slices.Sort(ended); len(ended) != len(s.file.rows) || ended[len(ended)-1] != len(ended) {
			s.fail(0, "rows %v ended of %d", ended, len(s.file.rows))
		}
		changed += s.compareCounts(run.Outcome.Adjusted)
		if t.Failed() && os.Getenv("ALL") == "" {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d files, %d of them refused: %d tasks with %d changed values, %d dead letters", files, refused, tasks,
		changed, dead)
	if refused > files/4 || tasks < files/2 || dead < files/4 || changed < files/10 {
		t.Error("the files are of the wrong sort: too few of them say anything")
	}
}

// compareCounts compares the counted changes with those that were seen, and returns their number.
// Of a reference it may count more: that nobody has an id, though other evidence leads to its
// record.
func (s *silentRun) compareCounts(adjusted importer.Adjusted) int {
	all := 0
	for _, field := range slices.Compact(slices.Sorted(sequences(maps.Keys(adjusted), maps.Keys(s.changed)))) {
		counted := map[int]bool{}
		for how, rows := range adjusted[field] {
			for _, row := range rows.First {
				counted[row] = how != importer.Implausible || counted[row]
			}
		}
		maps.DeleteFunc(counted, func(_ int, is bool) bool { return !is })
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(s.changed[field])), func(row int) bool { return counted[row] })
		more := slices.DeleteFunc(slices.Sorted(maps.Keys(counted)), func(row int) bool { return s.changed[field][row] })
		if len(missing) > 0 || len(more) > 0 && !isReference(field) {
			s.fail(0, "%s differs also in the rows %v, and not in %v; adjusted counts %v", field, missing, more,
				adjusted[field])
		}
		all += len(counted)
	}
	return all
}

func isReference(field string) bool {
	for _, of := range []string{"contact_", "company_", "deal_", "event_", "related_", "assignee_"} {
		if strings.HasPrefix(field, of) {
			return true
		}
	}
	return false
}

func sequences[T any](all ...iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, of := range all {
			for v := range of {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// compare compares a task with the cells of its row.
func (s *silentRun) compare(d *importer.Draft, o *Offline) {
	cells := s.file.rows[d.Row-1]
	kept := map[string]string{}
	if d.CustomFields != "" && json.Unmarshal([]byte(d.CustomFields), &kept) != nil {
		s.fail(d.Row, "custom_fields are %s", d.CustomFields)
	}
	stored := maps.Collect(d.Answer())
	stored["external_id"] = d.ExternalID
	for c, cell := range cells {
		if got := d.Cells[c]; got != cell.text && got != guardless(cell.text) {
			s.fail(d.Row, "column %d is read as %q, and is %q", c+1, got, cell.text)
		}
		switch field := s.feeds(c); {
		case field == "":
			s.compareKept(d, c, kept)
		case field == importer.FieldCustomFields:
			own := map[string]*string{}
			_ = json.Unmarshal([]byte(cell.text), &own) // anything else is rejected
			for name, text := range own {
				if text != nil && kept[name] != *text {
					s.fail(d.Row, "custom_fields lack %q", name)
				}
			}
		case field == "due_date" || field == "created_date":
			if c == s.reader.Layout.Sources[field][0] {
				s.compareDate(d, field, stored[field])
			}
		case isAbsent(field, cell.text) || s.isNamed(c):
		case field == "status" || field == "priority":
			if word := stored[field]; word != cmp.Or(cell.word, oddWords[trimmed(cell.text)]) {
				s.fail(d.Row, "%s is %s, and %q means %q", field, word, cell.text, cell.word)
			}
		case stored[field] == trimmed(cell.text):
		case slices.Contains([]string{"title", "description"}, field):
			if strings.TrimSpace(stored[field]) != trimmed(cell.text) && strings.TrimFunc(stored[field],
				isSpaceOrMark) != trimmed(cell.text) {
				s.fail(d.Row, "%s is %q, and the cell %q", field, stored[field], cell.text)
			}
		case field == "external_id" || field == "task_type":
			s.differs(field, d.Row)
			s.wantOriginal(d, c, kept)
		default:
			s.compareReference(d, field, c, kept, o)
		}
	}
}

// wantOriginal makes sure that the original of a changed value is kept.
func (s *silentRun) wantOriginal(d *importer.Draft, c int, kept map[string]string) {
	if !s.keepsNone && !slices.Contains(slices.Collect(maps.Values(kept)), d.Cells[c]) {
		s.fail(d.Row, "the original %q is not in custom_fields %v", d.Cells[c], kept)
	}
}

// compareKept makes sure that a cell that feeds no field is kept as it is, or named.
func (s *silentRun) compareKept(d *importer.Draft, c int, kept map[string]string) {
	header := s.reader.Layout.Columns[c]
	for _, k := range s.reader.Layout.Kept {
		if k.Column != c {
			continue
		}
		if got := kept[k.Name]; got != d.Cells[c] && !isEmptyText(d.Cells[c]) {
			s.fail(d.Row, "%s is kept as %q, and is %q", k.Name, got, d.Cells[c])
		}
		return
	}
	if !strings.HasPrefix(header, "_") && !isEmptyText(d.Cells[c]) && !s.isNamed(c) && !isAbsent(header, d.Cells[c]) {
		s.fail(d.Row, "column %s is neither kept nor named", header)
	}
}

// isNamed reports whether a column is named as not imported.
func (s *silentRun) isNamed(c int) bool {
	name := cmp.Or(s.reader.Layout.Columns[c], fmt.Sprintf("column_%d", c+1))
	return slices.ContainsFunc(s.reader.Layout.NotImported, func(l importer.LeftColumn) bool { return l.Name == name })
}

// oddWords are what some odd texts mean in a column that says whether a task is completed.
var oddWords = map[string]string{"x": "completed", "yes": "completed", "100%": "completed", "12.50": "in_progress",
	"0": "open", "00042": "in_progress", "+1": "completed"}

// compareDate compares a date with its cell, or with those of its day and its time.
func (s *silentRun) compareDate(d *importer.Draft, field, stored string) {
	cells, columns := s.file.rows[d.Row-1], s.reader.Layout.Sources[field]
	cell := cells[columns[0]]
	readings := cell.dates
	absent := isAbsent(field, cell.text)
	if len(columns) == 2 && !isAbsent(field, cells[columns[1]].text) {
		clock := cells[columns[1]].dates
		switch {
		case absent || len(readings) > 0 && strings.Contains(readings[0], "T"):
			s.differs(field, d.Row)
		case len(clock) == 0:
			readings = nil
		default:
			readings = nil
			for _, day := range cell.dates {
				readings = append(readings, day+"T"+clock[0]+"Z")
			}
		}
	}
	if at, err := time.Parse(time.RFC3339, stored); err == nil {
		stored = at.UTC().Format(time.RFC3339)
	}
	now := silentNow.Format(time.RFC3339)
	switch {
	case absent && (stored == "" || field == "created_date" && stored == now):
	case slices.Contains(readings, stored):
		if len(readings) == 2 && readings[0] != readings[1] && !s.isProved(columns[0], stored == readings[0]) {
			s.fail(d.Row, "%s is %s, and may also be another day: %q", field, stored, cell.text)
		}
	case field == "created_date" && stored == trimmed(cell.text) && len(readings) == 1: // verbatim
	case field == "created_date" && slices.Contains(readings, stored+"Z"): // verbatim, without a zone
	case field == "created_date" && stored == now:
		s.differs(field, d.Row)
	default:
		s.fail(d.Row, "%s is %q, and the cell %q means %q", field, stored, cell.text, readings)
	}
}

// isProved reports whether another cell of the column proves the order of day and month: it has the
// first reading alone.
func (s *silentRun) isProved(column int, first bool) bool {
	return first && slices.ContainsFunc(s.file.rows, func(row []randomCell) bool {
		return len(row[column].dates) == 1 && strings.Contains(row[column].text, "/")
	})
}

// compareReference compares the record that a task is linked to with what its cell means.
func (s *silentRun) compareReference(d *importer.Draft, field string, c int, kept map[string]string,
	o *Offline) {
	cell := s.file.rows[d.Row-1][c]
	kind, _, _ := strings.Cut(field, "_")
	if field == "related_type" {
		if cell.refers == "" || !s.says(d.Row, "related_external_id") && !s.says(d.Row, "related_name") {
			s.differs(field, d.Row)
		}
		return
	}
	links := []string{}
	for of, id := range map[importer.Kind]uuid.UUID{importer.Contacts: d.ContactID, importer.Companies: d.CompanyID,
		importer.Deals: d.DealID} {
		if h, ok := o.records[id]; ok && (kind == "related" || strings.HasPrefix(string(of), kind[:4])) {
			links = append(links, h.ExternalID)
		}
	}
	if kind == "assignee" && d.AssigneeID == "uma" {
		links = append(links, "u1")
	}
	if cell.refers == "" || !slices.Contains(links, cell.refers) || strings.Contains(cell.text, ";c") {
		if s.differs(field, d.Row); !strings.Contains(cell.text, ";c") { // of several the rest is kept
			s.wantOriginal(d, c, kept)
		}
	}
}

// says reports whether a row has something for a field.
func (s *silentRun) says(row int, field string) bool {
	return slices.ContainsFunc(s.reader.Layout.Sources[field], func(c int) bool {
		return !isAbsent(field, s.file.rows[row-1][c].text)
	})
}
