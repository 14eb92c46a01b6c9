package intake

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/gocarina/gocsv"

	"taskport/importer"
	"taskport/store"
)

// deadLetterJSON is a dead letter as the API shows it.
type deadLetterJSON struct {
	RowNumber  int                  `json:"row_number"`
	Line       int                  `json:"line"`
	Code       importer.Code        `json:"code"`
	Reason     importer.Reason      `json:"reason"`
	Field      string               `json:"field"`
	Message    string               `json:"message"`
	Candidates []importer.Candidate `json:"candidates"`
	Details    *importer.Details    `json:"details"`
	Row        map[string]string    `json:"row"`
}

// ofJob answers a list that belongs to a job: the whole of it as CSV, or a page as JSON.
func (s *server) ofJob(whole func(*request, store.Import) (*answer, error), page func(*request, store.Import, store.Page) (*answer, error)) handler {
	return func(r *request) (*answer, error) {
		format, err := listFormat(r)
		if err != nil {
			return nil, err
		}
		i, err := s.importOfPath(r)
		if err != nil {
			return nil, err
		}
		if format == "csv" {
			return whole(r, i)
		}
		p, err := readPage(r.URL.Query())
		if err != nil {
			return nil, err
		}
		return page(r, i, p)
	}
}

// rejects gives a page of the dead letters.
func (s *server) rejects(r *request, i store.Import, p store.Page) (*answer, error) {
	dead, total, err := s.Store.DeadLetters(r.Context(), i.WorkspaceID, i.ID, p)
	if err != nil {
		return nil, err
	}
	shown := make([]deadLetterJSON, len(dead))
	for n, d := range dead {
		candidates := d.Candidates
		if candidates == nil {
			candidates = []importer.Candidate{}
		}
		shown[n] = deadLetterJSON{RowNumber: d.Row, Line: d.Line, Code: d.Code(), Reason: d.Reason, Field: d.Field, Message: d.Message,
			Candidates: candidates, Details: d.Details, Row: importer.NamedCells(i.Layout, d.Cells)}
	}
	return list(shown, p, total), nil
}

// report streams the dead-letter report.
func (s *server) report(r *request, i store.Import) (*answer, error) {
	plan, err := i.Plan()
	if err != nil {
		return nil, err
	}
	return csvAnswer(reportName(i, "rejects"), func(w io.Writer) error {
		report, err := importer.NewReport(w, plan, i.ID)
		if err != nil {
			return err
		}
		if err := s.Store.EachDeadLetter(r.Context(), i.WorkspaceID, i.ID, report.Write); err != nil {
			return err
		}
		return report.Flush()
	}), nil
}

// results gives a page of which row became which task.
func (s *server) results(r *request, i store.Import, p store.Page) (*answer, error) {
	results, total, err := s.Store.Results(r.Context(), i.WorkspaceID, i.ID, p)
	if err != nil {
		return nil, err
	}
	return list(results, p, total), nil
}

// resultsFile streams all of them.
func (s *server) resultsFile(r *request, i store.Import) (*answer, error) {
	return csvAnswer(reportName(i, "results"), func(w io.Writer) error { return s.writeResults(r, i, w) }), nil
}

// writeResults encodes the results as they come from the database; gocsv takes the columns from the tags of store.Result.
func (s *server) writeResults(r *request, i store.Import, w io.Writer) error {
	rows := make(chan any)
	failed := make(chan error, 1)
	go func() {
		defer close(rows)
		failed <- s.Store.EachResult(r.Context(), i.WorkspaceID, i.ID, func(res store.Result) error {
			select {
			case rows <- res:
				return nil
			case <-r.Context().Done():
				return r.Context().Err()
			}
		})
	}()
	err := gocsv.MarshalChan(rows, gocsv.DefaultCSVWriter(w))
	if errors.Is(err, gocsv.ErrChannelIsClosed) { // no rows: gocsv has not learnt the columns
		_, err = io.WriteString(w, "row_number,id\n")
	}
	if err != nil {
		return err
	}
	return <-failed
}

func csvAnswer(name string, stream func(io.Writer) error) *answer {
	return &answer{status: http.StatusOK, stream: stream, header: map[string]string{
		"Content-Type":        "text/csv; charset=utf-8",
		"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": name}),
	}}
}

// reportName is the name of a file that belongs to an import: tasks.csv gives tasks.rejects.csv.
func reportName(i store.Import, what string) string {
	base := strings.TrimSuffix(filepath.Base(i.FileName), filepath.Ext(i.FileName))
	if i.FileName == "" {
		base = i.ID.String()
	}
	return base + "." + what + ".csv"
}

// listFormat gives json or csv, by ?format= or by Accept.
func listFormat(r *request) (string, error) {
	switch format := r.URL.Query().Get("format"); format {
	case "json", "csv":
		return format, nil
	case "":
	default:
		return "", newError("not_acceptable", "format must be json or csv")
	}
	switch accepted(r, "application/json", "text/csv") {
	case "application/json":
		return "json", nil
	case "text/csv":
		return "csv", nil
	}
	return "", newError("not_acceptable", "this list comes as application/json or text/csv")
}
