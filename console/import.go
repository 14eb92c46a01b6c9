package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// importPage is one import: its numbers, its charts, and a page of its dead letters.
type importPage struct { //nolint:recvcheck // templates call the methods of values
	progress
	Token       string
	Writes      bool
	Reading     string
	Notes       []string
	NotImported []importer.LeftColumnReading
	SkippedRows []store.SkippedSource // the first
	Chart       chart
	Speed       chart
	Filter      filter
	Letters     []deadLetterLine
	Next        string // the link to the next page; empty on the last
	Groups      int
	Transitions []store.Transition
	Retried     string // the outcome of the rejected rows that the import has retried
}

// filter selects the dead letters of a page.
type filter struct {
	Reason    importer.Reason
	Search    string
	Dismissed bool // lists those that were dismissed instead of the open ones
	After     int  // the row before the first of the page
}

func readFilter(q url.Values) filter {
	after, err := strconv.Atoi(q.Get("after"))
	if err != nil || after < 0 {
		after = 0
	}
	f := filter{Reason: importer.Reason(q.Get("reason")), Search: q.Get("q"),
		Dismissed: q.Get("dismissed") != "", After: after}
	if !slices.Contains(importer.Reasons(), f.Reason) {
		f.Reason = ""
	}
	return f
}

// Query returns the filter as the query of a URL.
func (f filter) Query() string {
	q := url.Values{}
	if f.Reason != "" {
		q.Set("reason", string(f.Reason))
	}
	if f.Search != "" {
		q.Set("q", f.Search)
	}
	if f.Dismissed {
		q.Set("dismissed", "1")
	}
	if f.After > 0 {
		q.Set("after", strconv.Itoa(f.After))
	}
	return q.Encode()
}

// first returns the filter for the first page.
func (f filter) first() filter {
	f.After = 0
	return f
}

func (f filter) store() store.DeadLetterFilter {
	return store.DeadLetterFilter{Reason: f.Reason, Search: f.Search, OnlyDismissed: f.Dismissed}
}

// deadLetterLine is a dead letter in a list, with its filled cells and the cell at fault.
type deadLetterLine struct {
	importer.DeadLetter
	Path  string // of its page
	Cells []lineCell
}

// lineCell is a cell of a dead letter.
type lineCell struct {
	Column string
	Text   string
	Field  string // that the column feeds
	Fault  bool
}

// Lengthy reports whether the page folds the text.
func (c lineCell) Lengthy() bool { return utf8.RuneCountInString(c.Text) > 3*mostShown }

// showImport shows one import.
func (s *server) showImport(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	p := importPage{progress: progressOf(i, s.Now()), Token: r.token, Writes: r.in.key.MayChange(i.Kind),
		Filter:      readFilter(r.URL.Query()),
		Reading:     i.Layout.Reading(words).String(),
		Notes:       slices.Concat(notesOf(append(i.Layout.AllNotes(), i.Adjusted.Notes()...))),
		NotImported: i.Layout.ColumnsNotImported(words)}
	for _, step := range []store.Transition{store.TransitionCommit, store.TransitionCancel, store.TransitionRetry,
		store.TransitionUndo} {
		if step == store.TransitionRetry && p.Open()+i.Parked == 0 {
			continue // nothing to retry
		}
		if i.CanTake(step) {
			p.Transitions = append(p.Transitions, step)
		}
	}
	if p.Retried, err = s.retriedBy(r.Context(), i); err != nil {
		return nil, err
	}
	p.Chart = reasonChart(p.Reasons)
	spans, err := s.Store.Throughput(r.Context(), i, chartSpans)
	if err != nil {
		return nil, err
	}
	p.Speed = speedChart(spans)
	if err := s.addSkipped(r, &p); err != nil {
		return nil, err
	}
	if err := s.addDeadLetters(r, &p); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, view: "import.html", title: cmp.Or(shown(i.FileName), "Import"), data: p}, nil
}

// mostSkipped is how many skipped rows the page of an import shows.
const mostSkipped = 100

// addSkipped reads the first skipped rows, and notes those that differ from what they repeat.
func (s *server) addSkipped(r *request, p *importPage) error {
	if p.Skipped == 0 {
		return nil
	}
	different, err := s.Store.DifferentRows(r.Context(), p.Import)
	if err != nil {
		return err
	}
	if note, ok := different.Note(); ok {
		p.Notes = append(p.Notes, note.In(words))
	}
	p.SkippedRows, err = s.Store.SkippedRows(r.Context(), p.Import, 0, mostSkipped)
	return err
}

// retriedBy returns the outcome of the rejected rows that an import of the directory has retried;
// empty for one that retries none.
func (s *server) retriedBy(ctx context.Context, i store.Import) (string, error) {
	if i.RetryID == uuid.Nil {
		return "", nil
	}
	m, imports, err := s.Store.Retried(ctx, i)
	switch {
	case err != nil:
		return "", err
	case m.Rows == 0 && !i.Status.Final():
		return "", nil
	case m.Rows == 0:
		return "No rejected row names one of these " + string(i.Kind) + ".", nil
	}
	text := outcomeText(plural(m.Rows, "rejected row", "rejected rows")+" of "+plural(imports, "import", "imports")+
		" retried", m)
	if m.Pending > 0 {
		text += " " + grouped(int64(m.Pending)) + " to come."
	}
	return text, nil
}

// addDeadLetters reads the page of dead letters that the filter selects.
func (s *server) addDeadLetters(r *request, p *importPage) error {
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
	if err := p.addLines(letters); err != nil {
		return err
	}
	groups, err := s.counts.groupsOf(r.Context(), s.Store, p.Import)
	p.Groups = groups.total
	return err
}

// addLines adds dead letters to the list.
func (p *importPage) addLines(letters []importer.DeadLetter) error {
	reader, err := p.RowReader()
	if err != nil {
		return err
	}
	for _, d := range letters {
		p.Letters = append(p.Letters, deadLetterLine{d, deadLetterPath(p.ID, d.Row, walk{Filter: p.Filter}),
			lineCells(reader, d)})
	}
	return nil
}

// Live returns the path of the events that keep the page up to date: also of its rows, where it
// lists the first.
func (p importPage) Live() string {
	if p.Filter == (filter{}) {
		return importPath(p.ID) + "/events?rows=1"
	}
	return importPath(p.ID) + "/events"
}

// FirstRows returns the link to the first page of the list, or "" on that page.
func (p importPage) FirstRows() string {
	if p.Filter.After == 0 {
		return ""
	}
	return "?" + p.Filter.first().Query() + "#letters"
}

// lineCells returns the filled cells, and the cell at fault.
func lineCells(reader *importer.RowReader, d importer.DeadLetter) []lineCell {
	named := reader.Named(d)
	cells := make([]lineCell, 0, len(named))
	for _, c := range named {
		if c.Text != "" || c.Field == d.Field && d.Field != "" {
			cells = append(cells, lineCell{Column: c.Column, Text: c.Text, Fault: c.Field != "" && c.Field == d.Field})
		}
	}
	return cells
}
