package intake

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

// deadLetterJSON is a dead letter in the API.
type deadLetterJSON struct {
	RowNumber int             `json:"row_number"`
	Line      int             `json:"line"`
	Code      importer.Code   `json:"code"`
	Reason    importer.Reason `json:"reason"`
	Field     string          `json:"field"`
	Message   string          `json:"message"`
	remedyJSON
	Candidates []importer.Candidate `json:"candidates"`
	Details    *importer.Details    `json:"details"`
	Row        map[string]string    `json:"row"`
	Corrected  map[string]string    `json:"mended,omitempty"` // what was decided about it so far, by field
	Version    int                  `json:"version"`          // moves with each decision
	Decision   *decisionJSON        `json:"decision,omitempty"`
	Dismissed  *dismissedJSON       `json:"dismissed,omitempty"`
}

// dismissedJSON is the dismissal of a dead letter.
type dismissedJSON struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// decisionJSON is the latest correction of a dead letter.
type decisionJSON struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Pending bool      `json:"pending"`
}

func showDeadLetter(i store.Import, d importer.DeadLetter) deadLetterJSON {
	shown := deadLetterJSON{RowNumber: d.Row, Line: d.Line, Code: d.Code(), Reason: d.Reason, Field: d.Field,
		Message: d.In(words), remedyJSON: showRemedy(d.Message, d.Remedy), Candidates: d.Candidates,
		Details: d.Details, Row: importer.NamedCells(i.Layout, d.Cells), Corrected: d.Corrections, Version: d.Version}
	if shown.Candidates == nil {
		shown.Candidates = []importer.Candidate{}
	}
	if d.Dismissed != nil {
		shown.Dismissed = &dismissedJSON{d.Dismissed.By, d.Dismissed.At, d.Dismissed.Why}
	}
	if d.Decision != nil {
		shown.Decision = &decisionJSON{d.Decision.By, d.Decision.At, d.Decision.Pending}
	}
	return shown
}

// rejectsFilter parses the filter of a list of dead letters.
func rejectsFilter(r *request) (store.DeadLetterFilter, error) {
	q := r.URL.Query()
	f := store.DeadLetterFilter{Reason: importer.Reason(q.Get("reason")), Field: q.Get("field"), Name: q.Get("name"),
		Search: q.Get("search")}
	if q.Has("company") {
		company := q.Get("company")
		f.Company = &company
	}
	var err error
	if f.Dismissed, err = boolean(q, "dismissed", false); err != nil {
		return f, err
	}
	if f.Skipped, err = boolean(q, "skipped", false); err != nil {
		return f, err
	}
	return f, checkReason(f.Reason)
}

func checkReason(reason importer.Reason) error {
	if reason != "" && !slices.Contains(importer.Reasons(), reason) {
		return newError("validation_error", "reason must be one of %s", strings.Join(reasonNames(), ", ")).of("reason")
	}
	return nil
}

func reasonNames() []string {
	var names []string
	for _, r := range importer.Reasons() {
		names = append(names, string(r))
	}
	return names
}

// listOfJob is a list that belongs to a job: a page of it as JSON, and the whole of it in other
// formats.
type listOfJob struct {
	page  func(*request, store.Import, store.Page) (*answer, error)
	whole map[string]wholeList // by format
}

// wholeList returns all of a list in one format.
type wholeList func(*request, store.Import) (*answer, error)

// ofJob returns the handler of such a list.
func (s *server) ofJob(l listOfJob) handler {
	return func(r *request) (*answer, error) {
		format, err := listFormat(r, slices.Sorted(maps.Keys(l.whole))...)
		if err != nil {
			return nil, err
		}
		i, err := s.importOfPath(r)
		if err != nil {
			return nil, err
		}
		if whole, ok := l.whole[format]; ok {
			return whole(r, i)
		}
		p, err := readPage(r.URL.Query())
		if err != nil {
			return nil, err
		}
		return l.page(r, i, p)
	}
}

// rejects returns a page of the dead letters.
func (s *server) rejects(r *request, i store.Import, p store.Page) (*answer, error) {
	f, err := rejectsFilter(r)
	if err != nil {
		return nil, err
	}
	if f.Skipped {
		return nil, newError("validation_error", "skipped is for the report as csv or xlsx; as JSON the skipped rows are "+
			"at %s/skipped", jobPath(i.ID)).of("skipped")
	}
	dead, err := s.Store.DeadLetters(r.Context(), i.WorkspaceID, i.ID, f, p)
	if err != nil {
		return nil, err
	}
	return list(r, p, dead, func(d importer.DeadLetter) deadLetterJSON { return showDeadLetter(i, d) }), nil
}

// skippedRowJSON is a skipped row with its cells.
type skippedRowJSON struct {
	importer.SkippedRow
	Line int               `json:"line"`
	Row  map[string]string `json:"row"`
}

// skippedRows answers GET /v1/import/jobs/{id}/skipped.
func (s *server) skippedRows(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.SkippedRowPage(r.Context(), i, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, rows, func(row store.SkippedSource) skippedRowJSON {
		return skippedRowJSON{row.SkippedRow, row.Line, importer.NamedCells(i.Layout, row.Cells)}
	}), nil
}

// results returns a page of the tasks or records that rows created.
func (s *server) results(r *request, i store.Import, p store.Page) (*answer, error) {
	results, err := s.Store.Results(r.Context(), i, p)
	if err != nil {
		return nil, err
	}
	return list(r, p, results, func(made store.Result) store.Result { return made }), nil
}

// resultsFile streams all results.
func (s *server) resultsFile(r *request, i store.Import) (*answer, error) {
	return fileAnswer(i, "results.csv", web.CSV, func(w io.Writer) error {
		return s.Store.WriteResults(r.Context(), i, w)
	}), nil
}

func fileAnswer(i store.Import, ending, mediaType string, stream func(io.Writer) error) *answer {
	return &answer{status: http.StatusOK, stream: func(w *web.SlowWriter) error { return stream(w) },
		header: web.FileHeader(i, ending, mediaType)}
}

// formatTypes are the media types of the formats of a list.
var formatTypes = map[string]string{"json": "application/json", "csv": web.CSV, "xlsx": web.Workbook}

// listFormat returns json or one of the formats, chosen by ?format= or Accept.
func listFormat(r *request, formats ...string) (string, error) {
	formats = append([]string{"json"}, formats...)
	if format := r.URL.Query().Get("format"); format != "" {
		if !slices.Contains(formats, format) {
			return "", newError("not_acceptable", "format must be %s", strings.Join(formats, " or "))
		}
		return format, nil
	}
	types := make([]string, len(formats))
	for n, f := range formats {
		types[n] = formatTypes[f]
	}
	at := slices.Index(types, accepted(r, types...))
	if at < 0 {
		return "", newError("not_acceptable", "this list comes as %s", strings.Join(types, " or "))
	}
	return formats[at], nil
}

func (s *server) rejectsList() listOfJob {
	return listOfJob{page: s.rejects, whole: map[string]wholeList{
		"csv": s.reportAs(store.ReportCSV), "xlsx": s.reportAs(store.ReportWorkbook)}}
}

func (s *server) resultsList() listOfJob {
	return listOfJob{page: s.results, whole: map[string]wholeList{"csv": s.resultsFile}}
}

// reportAs streams the dead-letter report in a format.
func (s *server) reportAs(format store.ReportFormat) wholeList {
	return func(r *request, i store.Import) (*answer, error) {
		f, err := rejectsFilter(r)
		if err != nil {
			return nil, err
		}
		write, err := s.Store.Report(r.Context(), i, f, format)
		if err != nil {
			return nil, err
		}
		return fileAnswer(i, "rejects."+string(format), formatTypes[string(format)], write), nil
	}
}

// groupJSON is a group of dead letters that one correction may resolve.
type groupJSON struct {
	Reason         importer.Reason `json:"reason"`
	Field          string          `json:"field"`
	Name           string          `json:"name"`
	Company        string          `json:"company"`
	Count          int             `json:"count"`
	PendingCount   int             `json:"pending_count"`
	FirstRowNumber int             `json:"first_row_number"`
}

// rejectGroups answers GET /v1/import/jobs/{id}/rejects/groups.
func (s *server) rejectGroups(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	groups, total, err := s.Store.DeadLetterGroupPage(r.Context(), i.WorkspaceID, i.ID, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, store.Placed(groups, total, page), func(g store.DeadLetterGroup) groupJSON {
		return groupJSON{g.Reason, g.Field, g.Name, g.Company, g.Count, g.Pending, g.FirstRow}
	}), nil
}
