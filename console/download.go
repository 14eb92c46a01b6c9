package console

import (
	"io"
	"mime"
	"net/http"

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
		return s.Store.WriteResults(r.Context(), i, to)
	}), nil
}

// attachment answers with a file to be kept.
func attachment(i store.Import, ending, contentType string, stream func(io.Writer) error) *answer {
	return &answer{status: http.StatusOK, stream: func(w *web.SlowWriter) error { return stream(w) }, header: map[string]string{
		"Content-Type":        contentType,
		"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": importer.ReportName(i.FileName, i.ID.String(), ending)}),
	}}
}
