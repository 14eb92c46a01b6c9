package importer

import (
	"fmt"
	"strings"

	"taskport/importer/file"
)

// reportRemedies say, in the column _message of a report, what to write into the row; only rows
// have messages there.
var reportRemedies = map[string]func(r file.Remedy) string{
	RemedyValue: func(r file.Remedy) string {
		return fmt.Sprintf("write one of our own, such as %s, or import with the meaning of %s", r.Meaning, shown(r.Value))
	},
	RemedyDateOrder: inRow("write the day as YYYY-MM-DD, or import with the order of day and month"),
	RemedyShortened: inRow("put the whole id into the cell, import the file as it was before, or leave out the column"),
	RemedyCandidate: func(r file.Remedy) string { return "put the id of the right candidate into " + r.Field },
	RemedyRecord: func(r file.Remedy) string {
		return fmt.Sprintf("correct the name, add the %s, or put its id into %s", strings.TrimSuffix(r.Field, "_id"), r.Field)
	},
	RemedyGiveID:      func(r file.Remedy) string { return "put the id of the right one into " + r.Field },
	RemedyMismatch:    func(r file.Remedy) string { return "put the id of the right one into " + r.Field },
	RemedyDuplicate:   inRow("remove the row, or give it another external_id"),
	RemedyRepeatedRow: inRow("remove it, or make the rows differ if both are meant"),
}

func inRow(text string) func(file.Remedy) string { return func(file.Remedy) string { return text } }

// reportWords is the report's file.Words.
func reportWords(r file.Remedy) string { return reportRemedies[r.Code](r) }
