package console

import (
	"io"
	"net/http"

	"taskport/internal/web"
	"taskport/store"
)

// rejectsAs streams the dead-letter report.
func (s *server) rejectsAs(format store.ReportFormat, mediaType string) handler {
	return func(r *request) (*answer, error) {
		i, err := s.importOfPath(r)
		if err != nil {
			return nil, err
		}
		write, err := s.Store.Report(r.Context(), i, store.DeadLetterFilter{
			Skipped: r.URL.Query().Get("skipped") == "true"}, format)
		if err != nil {
			return nil, err
		}
		return attachment(i, "rejects."+string(format), mediaType, write), nil
	}
}

// resultsCSV streams the outcome of each row.
func (s *server) resultsCSV(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return attachment(i, "results.csv", web.CSV, func(w io.Writer) error {
		return s.Store.WriteResults(r.Context(), i, w)
	}), nil
}

// attachment returns an answer that a browser saves as a file.
func attachment(i store.Import, ending, mediaType string, stream func(io.Writer) error) *answer {
	return &answer{status: http.StatusOK, stream: func(w *web.SlowWriter) error { return stream(w) },
		header: web.FileHeader(i, ending, mediaType)}
}
