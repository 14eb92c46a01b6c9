package store

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/dates"
)

// BenchmarkEncode writes tasks in the binary format of COPY.
func BenchmarkEncode(b *testing.B) {
	const rows = 5_000
	workspace, importID := newID(), newID()
	task := importer.Task{Title: "Call back about the invoice", Description: "Asked for the terms, again",
		Status: "open", Priority: "high", TaskType: "call",
		Due:       dates.When{At: time.Date(2031, 4, 5, 0, 0, 0, 0, time.UTC), DayOnly: true, Given: true},
		ContactID: uuid.New(), CompanyID: uuid.New(),
		CreatedDate: "2031-01-02T03:04:05Z", CreatedAt: time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC),
		ExternalID: "EXT-00000001"}
	b.ReportAllocs()
	for b.Loop() {
		c := newCopy()
		for row := range rows {
			task.ID = TaskID(importID, row+1)
			c.appendTask(workspace, importID, row+1, &task)
		}
		b.SetBytes(int64(len(c.buf)))
		c.drop()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

// BenchmarkEncodeDeadLetters writes dead letters of ambiguous names in the same format.
func BenchmarkEncodeDeadLetters(b *testing.B) {
	const rows = 500
	workspace, importID := newID(), newID()
	dead := importer.DeadLetter{
		Source: importer.Source{Line: 12, Cells: []string{"Call back about the invoice", "Asked for the terms, again",
			"open", "high", "2031-04-05", "Hans Müller", "Österreich & Söhne GmbH"}},
		Fault: importer.Fault{Reason: importer.AmbiguousReference, Field: "contact_name",
			Message: `"Hans Müller" fits more than one contact; put the id of the right candidate into contact_id`,
			Subject: "Hans Müller", Company: "Österreich & Söhne GmbH",
			Details: &importer.Details{Rule: "equality", Best: 1, Second: 1, Threshold: 0.92, Margin: 0.05},
			Candidates: []importer.Candidate{{ID: uuid.New(), Name: "Hans Müller", Company: "A GmbH", Score: 1},
				{ID: uuid.New(), Name: "Hans Müller", Company: "B GmbH", Score: 1}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		c := newCopy()
		for row := range rows {
			dead.Row = row + 1
			c.appendDeadLetter(workspace, importID, &dead)
		}
		b.SetBytes(int64(len(c.buf)))
		c.drop()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}
