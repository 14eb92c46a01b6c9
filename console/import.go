package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// importPage is one import: its numbers, its charts, and a page of its dead letters.
type importPage struct {
	progress
	Token   string
	Writes  bool
	Reading string
	Notes   []string
	Chart   chart
	Speed   chart
	Filter  filter
	Letters []deadLetterLine
	Next    string // the way to the next page; empty for none
	Groups  int
	Steps   []store.Transition
}

// filter is what narrows the dead letters of a page.
type filter struct {
	Reason importer.Reason
	Search string
	After  int // the row behind which the page begins
}

func readFilter(q url.Values) filter {
	after, err := strconv.Atoi(q.Get("after"))
	if err != nil || after < 0 {
		after = 0
	}
	f := filter{Reason: importer.Reason(q.Get("reason")), Search: q.Get("q"), After: after}
	if !slices.Contains(importer.Reasons(), f.Reason) {
		f.Reason = ""
	}
	return f
}

// Query returns the filter for the address of a page.
func (f filter) Query() string {
	q := url.Values{}
	if f.Reason != "" {
		q.Set("reason", string(f.Reason))
	}
	if f.Search != "" {
		q.Set("q", f.Search)
	}
	if f.After > 0 {
		q.Set("after", strconv.Itoa(f.After))
	}
	return q.Encode()
}

// first returns the filter from the first row on.
func (f filter) first() filter {
	f.After = 0
	return f
}

func (f filter) store() store.DeadLetterFilter {
	return store.DeadLetterFilter{Reason: f.Reason, Search: f.Search}
}

// deadLetterLine is a dead letter as a list shows it: the cells that are filled, the one at fault
// marked.
type deadLetterLine struct {
	importer.DeadLetter
	Path  string // of its page
	Cells []lineCell
}

// lineCell is a cell of a dead letter.
type lineCell struct {
	Column string
	Text   string
	Field  string // that it feeds
	Fault  bool
}

// Lengthy reports whether the text would push the rest of its row out of sight.
func (c lineCell) Lengthy() bool { return utf8.RuneCountInString(c.Text) > 3*mostShown }

// showImport shows one import.
func (s *server) showImport(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	p := importPage{progress: progressOf(i, s.Now()), Token: r.token, Writes: r.in.key.MayChange(i.Kind),
		Filter:  readFilter(r.URL.Query()),
		Reading: i.Layout.Reading(words).String(), Notes: file.NotesIn(i.Layout.Notes, words)}
	for _, step := range []store.Transition{store.TransitionCommit, store.TransitionCancel, store.TransitionRetry,
		store.TransitionUndo} {
		if step == store.TransitionRetry && i.Rejected+i.Parked == 0 {
			continue // there is nothing that it could do
		}
		if i.CanTake(step) {
			p.Steps = append(p.Steps, step)
		}
	}
	p.Chart = reasonChart(p.Reasons)
	spans, err := s.Store.Throughput(r.Context(), i, chartSpans)
	if err != nil {
		return nil, err
	}
	p.Speed = speedChart(spans)
	if err := s.addLetters(r, &p); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, view: "import.html", title: cmp.Or(shown(i.FileName), "Import"), data: p}, nil
}

// addLetters reads the page of dead letters that the filter asks for.
func (s *server) addLetters(r *request, p *importPage) error {
	if p.Rejected == 0 {
		return nil
	}
	letters, err := s.Store.DeadLettersAfter(r.Context(), p.WorkspaceID, p.ID, p.Filter.store(), p.Filter.After,
		pageRows+1)
	if err != nil {
		return err
	}
	if len(letters) > pageRows {
		letters = letters[:pageRows]
		next := p.Filter
		next.After = letters[pageRows-1].Row
		p.Next = "?" + next.Query() + "#letters"
	}
	plan, err := p.RowReader()
	if err != nil {
		return err
	}
	for _, d := range letters {
		p.Letters = append(p.Letters, deadLetterLine{d, deadLetterPath(p.ID, d.Row, walk{Filter: p.Filter}),
			lineCells(plan, d)})
	}
	groups, err := s.counts.groupsOf(r.Context(), s.Store, p.Import)
	p.Groups = groups.total
	return err
}

// FirstRows leads to the first page of the list; empty on that page.
func (p importPage) FirstRows() string {
	if p.Filter.After == 0 {
		return ""
	}
	return "?" + p.Filter.first().Query() + "#letters"
}

// lineCells returns the cells that feed fields, and of the others those that are filled.
func lineCells(plan *importer.RowReader, d importer.DeadLetter) []lineCell {
	named := plan.Named(d)
	cells := make([]lineCell, 0, len(named))
	for _, c := range named {
		if c.Text != "" || c.Field == d.Field && d.Field != "" {
			cells = append(cells, lineCell{Column: c.Column, Text: c.Text, Fault: c.Field != "" && c.Field == d.Field})
		}
	}
	return cells
}
