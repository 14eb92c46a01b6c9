package store

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"taskport/importer"
)

// ReportFormat is the file format of a dead-letter report.
type ReportFormat string

// The formats of a report.
const (
	ReportCSV      ReportFormat = "csv"
	ReportWorkbook ReportFormat = "xlsx"
)

// WorkbookError refuses a report that exceeds the limits of a workbook. CSV has no limit.
type WorkbookError struct{ why string }

// Error returns what is too large.
func (e *WorkbookError) Error() string { return e.why }

// Report returns a function that writes the dead-letter report of an import, with the rows that
// match the filter. All errors of the request are returned before anything is written: an invalid
// filter as an *importer.Fault, and what a workbook cannot hold as a *WorkbookError.
func (s *Store) Report(ctx context.Context, i Import, f DeadLetterFilter,
	format ReportFormat) (func(io.Writer) error, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	reader, err := i.RowReader()
	if err != nil {
		return nil, err
	}
	corrected, err := s.correctedFields(ctx, i.WorkspaceID, i.ID)
	if err != nil {
		return nil, err
	}
	begin := importer.NewReport
	if format == ReportWorkbook {
		begin = importer.NewWorkbookReport
		if err := s.fitsWorkbook(ctx, i, f, reader); err != nil {
			return nil, err
		}
	}
	return func(w io.Writer) error { return s.writeReport(ctx, i, f, reader, begin, corrected, w) }, nil
}

func (s *Store) writeReport(ctx context.Context, i Import, f DeadLetterFilter, reader *importer.RowReader,
	begin func(io.Writer, *importer.RowReader, uuid.UUID, []string) (*importer.Report, error), corrected []string,
	w io.Writer) error {
	report, err := begin(w, reader, i.ID, corrected)
	if err != nil {
		return err
	}
	if err := s.EachDeadLetter(ctx, i.WorkspaceID, i.ID, f, report.Write); err != nil {
		return err
	}
	if f.Skipped {
		if err := s.eachSkipped(ctx, i, func(row SkippedSource) error {
			return report.WriteSkipped(importer.Source{Row: row.Row, Line: row.Line, Cells: row.Cells}, row.SkippedRow)
		}); err != nil {
			return err
		}
	}
	return report.Close()
}

func (s *Store) fitsWorkbook(ctx context.Context, i Import, f DeadLetterFilter, reader *importer.RowReader) error {
	rows := i.Rejected
	if f.Skipped {
		rows += i.Skipped
	}
	if rows >= importer.WorkbookRows {
		return &WorkbookError{fmt.Sprintf("a workbook holds at most %d rows, and the report has %d", importer.WorkbookRows,
			rows)}
	}
	fits := func(d importer.DeadLetter) error {
		if n := reader.LongestCell(d); n > importer.WorkbookText {
			return &WorkbookError{fmt.Sprintf("row %d has a cell of %d characters, and a workbook holds at most %d", d.Row, n,
				importer.WorkbookText)}
		}
		return nil
	}
	if f.Skipped {
		if err := s.eachSkipped(ctx, i, func(row SkippedSource) error {
			return fits(importer.DeadLetter{Source: importer.Source{Row: row.Row, Cells: row.Cells}})
		}); err != nil {
			return err
		}
	}
	f.LargerThan = importer.WorkbookText
	return s.EachDeadLetter(ctx, i.WorkspaceID, i.ID, f, fits)
}
