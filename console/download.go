package console

import (
	"encoding/csv"
	"io"
	"mime"
	"net/http"
	"strconv"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

// rejectsAs streams the dead-letter report.
func (s *server) rejectsAs(format store.ReportFormat, contentType string) handler {
	return func(r *request) (*answer, error) {
		i, err := s.importOfPath(r)
		if err != nil {
			return nil, err
		}
		write, err := s.Store.Report(r.Context(), i, store.DeadLetterFilter{}, format)
		if err != nil {
			return nil, err
		}
		return attachment(i, "rejects."+string(format), contentType, write), nil
	}
}

// resultsCSV streams which row became which task.
func (s *server) resultsCSV(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return attachment(i, "results.csv", "text/csv; charset=utf-8", func(to io.Writer) error {
		w := csv.NewWriter(to)
		if err := w.Write([]string{"row_number", "id"}); err != nil {
			return err
		}
		err := s.Store.EachResult(r.Context(), i, func(res store.Result) error {
			return w.Write([]string{strconv.Itoa(res.Row), res.ID.String()})
		})
		if err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}), nil
}

// attachment answers with a file to be kept.
func attachment(i store.Import, ending, contentType string, stream func(io.Writer) error) *answer {
	return &answer{status: http.StatusOK, stream: func(w *web.SlowWriter) error { return stream(w) }, header: map[string]string{
		"Content-Type":        contentType,
		"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": importer.ReportName(i.FileName, i.ID.String(), ending)}),
	}}
}
