package store

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
)

// BenchmarkEncode writes tasks in the binary format of COPY.
func BenchmarkEncode(b *testing.B) {
	const rows = 5_000
	workspace, importID := newID(), newID()
	task := importer.Task{Title: "Call back about the invoice", Description: "Asked for the terms, again", Status: "open", Priority: "high", TaskType: "call",
		Due: importer.When{At: time.Date(2031, 4, 5, 0, 0, 0, 0, time.UTC), DayOnly: true, Given: true}, ContactID: uuid.New(), CompanyID: uuid.New(),
		CreatedDate: "2031-01-02T03:04:05Z", CreatedAt: time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC), ExternalID: "EXT-00000001"}
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
