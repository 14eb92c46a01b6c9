package web

import (
	"mime"
	"strings"

	"taskport/importer"
	"taskport/store"
)

// The media types of reports.
const (
	CSV      = "text/csv"
	Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// FileHeader returns the headers of an answer that is a file of an import. ending is the end of its
// name.
func FileHeader(i store.Import, ending, mediaType string) map[string]string {
	if strings.HasPrefix(mediaType, "text/") {
		mediaType += "; charset=utf-8"
	}
	name := importer.ReportName(i.FileName, i.ID.String(), ending)
	return map[string]string{"Content-Type": mediaType, "Content-Disposition": mime.FormatMediaType("attachment",
		map[string]string{"filename": name})}
}
