package console

import (
	"encoding/csv"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// The endings of the report.
const (
	rejectsCSV  = "rejects.csv"
	rejectsXLSX = "rejects.xlsx"
)

// rejectsAs streams the dead-letter report.
func (s *server) rejectsAs(ending, contentType string, begin func(io.Writer, *importer.Plan, uuid.UUID, []string) (*importer.Report, error)) handler {
	return func(r *request) (*answer, error) {
		i, err := s.importOfPath(r)
		if err != nil {
			return nil, err
		}
		plan, err := i.Plan()
		if err != nil {
			return nil, err
		}
		mended, err := s.Store.MendedFields(r.Context(), i.WorkspaceID, i.ID)
		if err != nil {
			return nil, err
		}
		if ending == rejectsXLSX {
			if err := s.fitsWorkbook(r, i, plan); err != nil {
				return nil, err
			}
		}
		return file(i, ending, contentType, func(w io.Writer) error {
			report, err := begin(w, plan, i.ID, mended)
			if err != nil {
				return err
			}
			if err := s.Store.EachDeadLetter(r.Context(), i.WorkspaceID, i.ID, store.DeadLetterFilter{}, report.Write); err != nil {
				return err
			}
			return report.Close()
		}), nil
	}
}

// fitsWorkbook refuses a report that no workbook can hold, before any of it is sent.
func (s *server) fitsWorkbook(r *request, i store.Import, plan *importer.Plan) error {
	const title = "No workbook can hold this"
	if i.Rejected >= importer.WorkbookRows {
		return refuse(http.StatusNotAcceptable, title, "A workbook has at most %s rows, and %s were rejected. Take the report as CSV.", grouped(importer.WorkbookRows), grouped(i.Rejected))
	}
	large := store.DeadLetterFilter{LargerThan: importer.WorkbookText}
	return s.Store.EachDeadLetter(r.Context(), i.WorkspaceID, i.ID, large, func(d importer.DeadLetter) error {
		if n := plan.LongestCell(d); n > importer.WorkbookText {
			return refuse(http.StatusNotAcceptable, title, "Row %d has a cell of %s characters, and a workbook holds at most %s. Take the report as CSV.", d.Row, grouped(int64(n)), grouped(importer.WorkbookText))
		}
		return nil
	})
}

// resultsCSV streams which row became which task.
func (s *server) resultsCSV(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return file(i, "results.csv", "text/csv; charset=utf-8", func(to io.Writer) error {
		w := csv.NewWriter(to)
		if err := w.Write([]string{"row_number", "id"}); err != nil {
			return err
		}
		err := s.Store.EachResult(r.Context(), i.WorkspaceID, i.ID, func(res store.Result) error {
			return w.Write([]string{strconv.Itoa(res.Row), res.ID.String()})
		})
		if err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}), nil
}

// file answers with a file to be kept: tasks.csv gives tasks.rejects.csv.
func file(i store.Import, ending, contentType string, stream func(io.Writer) error) *answer {
	base := strings.TrimSuffix(filepath.Base(i.FileName), filepath.Ext(i.FileName))
	if i.FileName == "" {
		base = i.ID.String()
	}
	return &answer{status: http.StatusOK, stream: func(w *patientWriter) error { return stream(w) }, header: map[string]string{
		"Content-Type":        contentType,
		"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": base + "." + ending}),
	}}
}
