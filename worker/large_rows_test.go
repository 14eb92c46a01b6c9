package worker

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// heapAfterGC is what is in use.
func heapAfterGC() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Large rows that were rejected are not in memory all at once: not for the report, and not at all
// for the job, which tells only what is wrong with them. It runs alone: it measures the process.
func TestLargeDeadLettersTakeLittleMemory(t *testing.T) {
	b := setup(t)
	const rows, size, most = 96, 1 << 20, 48 << 20
	i := b.stage(t, importer.Tasks, "title,note\n"+strings.Repeat("Call,"+strings.Repeat("x", size)+"\n", rows), rows/4)
	b.carryOut(t, i)
	i, err := b.store.Import(t.Context(), b.workspace, i.ID)
	if err != nil || i.Rejected != rows {
		t.Fatalf("%d were rejected, %v", i.Rejected, err)
	}
	before := heapAfterGC()
	first, err := b.store.FirstDeadLetters(t.Context(), i, 100)
	if grown := heapAfterGC() - before; err != nil || len(first) != rows || first[rows-1].Row != rows ||
		first[0].Message == "" || grown > most/8 {
		t.Errorf("the first %d dead letters take %d bytes, %v", len(first), grown, err)
	}
	runtime.KeepAlive(first)
	write, err := b.store.Report(t.Context(), i, store.DeadLetterFilter{}, store.ReportCSV)
	if err != nil {
		t.Fatal(err)
	}
	report := &measured{}
	before = heapAfterGC()
	if err := write(report); err != nil {
		t.Fatal(err)
	}
	if report.bytes < rows*size || report.most-before > most {
		t.Errorf("a report of %d bytes takes %d", report.bytes, report.most-before)
	}
	seen := 0
	err = b.store.EachDeadLetter(t.Context(), b.workspace, i.ID, store.DeadLetterFilter{Reason: importer.Orphan},
		func(d importer.DeadLetter) error {
			if seen++; d.Row != seen || len(d.Cells[1]) != size {
				t.Errorf("row %d comes as number %d, with %d bytes", d.Row, seen, len(d.Cells[1]))
			}
			return nil
		})
	if err != nil || seen != rows {
		t.Errorf("%d rows, %v", seen, err)
	}
}

// measured looks at the memory each few megabytes that are written to it.
type measured struct {
	bytes, looked, most int64
}

var _ io.Writer = (*measured)(nil)

func (m *measured) Write(p []byte) (int, error) {
	const each = 4 << 20
	if m.bytes += int64(len(p)); m.bytes-m.looked > each || m.looked == 0 {
		m.looked, m.most = m.bytes, max(m.most, heapAfterGC())
	}
	return len(p), nil
}
