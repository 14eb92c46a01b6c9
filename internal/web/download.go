package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/gocarina/gocsv"

	"taskport/importer"
	"taskport/store"
)

// The media types of the reports.
const (
	CSV      = "text/csv"
	Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// FileHeader is the header of an answer that is a file of an import, to be kept under a name that ends so.
func FileHeader(i store.Import, ending, mediaType string) map[string]string {
	if strings.HasPrefix(mediaType, "text/") {
		mediaType += "; charset=utf-8"
	}
	name := importer.ReportName(i.FileName, i.ID.String(), ending)
	return map[string]string{"Content-Type": mediaType, "Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": name})}
}

// WriteResults encodes which row became what as it comes from the database; gocsv takes the columns from the tags of store.Result.
func WriteResults(ctx context.Context, s *store.Store, i store.Import, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // a reader that has gone needs no more of them
	rows := make(chan any)
	failed := make(chan error, 1)
	go func() {
		defer close(rows)
		failed <- s.EachResult(ctx, i, func(res store.Result) error {
			select {
			case rows <- res:
				return nil
			case <-ctx.Done():
				return ctx.Err()
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
