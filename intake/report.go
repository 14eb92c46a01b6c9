package intake

import (
	"io"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

func (s *server) rejectsList() listOfJob {
	return listOfJob{page: s.rejects, whole: map[string]func(*request, store.Import) (*answer, error){"csv": s.reportAs("csv", importer.NewReport), "xlsx": s.reportAs("xlsx", importer.NewWorkbookReport)}}
}

func (s *server) resultsList() listOfJob {
	return listOfJob{page: s.results, whole: map[string]func(*request, store.Import) (*answer, error){"csv": s.resultsFile}}
}

// reportAs streams the dead-letter report in a format.
func (s *server) reportAs(format string, begin func(io.Writer, *importer.Plan, uuid.UUID, []string) (*importer.Report, error)) func(*request, store.Import) (*answer, error) {
	return func(r *request, i store.Import) (*answer, error) {
		f, err := rejectsFilter(r)
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
		if format == "xlsx" {
			if err := s.fitsWorkbook(r, i, f, plan); err != nil {
				return nil, err
			}
		}
		return fileAnswer(formatTypes[format], reportName(i, "rejects", format), func(w io.Writer) error {
			report, err := begin(w, plan, i.ID, mended)
			if err != nil {
				return err
			}
			if err := s.Store.EachDeadLetter(r.Context(), i.WorkspaceID, i.ID, f, report.Write); err != nil {
				return err
			}
			return report.Close()
		}), nil
	}
}

// fitsWorkbook refuses a report that no workbook can hold, before any of it is sent.
func (s *server) fitsWorkbook(r *request, i store.Import, f store.DeadLetterFilter, plan *importer.Plan) error {
	const remedy = "take the report as CSV, which has no such limit"
	if i.Rejected >= importer.WorkbookRows {
		return newError("not_acceptable", "a workbook holds at most %d rows, and %d were rejected; %s", importer.WorkbookRows, i.Rejected, remedy)
	}
	f.LargerThan = importer.WorkbookText
	return s.Store.EachDeadLetter(r.Context(), i.WorkspaceID, i.ID, f, func(d importer.DeadLetter) error {
		if n := plan.LongestCell(d); n > importer.WorkbookText {
			return newError("not_acceptable", "row %d has a cell of %d characters, and a workbook holds at most %d; %s", d.Row, n, importer.WorkbookText, remedy)
		}
		return nil
	})
}
