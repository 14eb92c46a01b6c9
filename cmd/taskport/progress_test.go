package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressOfAnImportIsALineWhereThereIsNoTerminal(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("processing", 0), jobJSON("processing", 0), jobJSON("completed", 0))
	p := a.client(t)
	r := p.run("import", p.file("tasks.csv", tasksFile))
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	if len(lines) != 2 || lines[0] != "0 of 10 rows" || !strings.HasPrefix(lines[1], "10 of 10 rows, ") ||
		strings.Contains(r.err, "\r") {
		t.Errorf("progress is\n%s", r.err)
	}
}

func TestLinesOfAnUpload(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	var b bytes.Buffer
	p := &lineProgress{w: &b, started: at, now: func() time.Time { return at }}
	const mb = 1 << 20
	for sent := int64(0); sent <= 40*mb; sent += 4 * mb {
		p.upload(sent, 40*mb)
		at = at.Add(2 * time.Second)
	}
	p.rows(100, 1000)
	at = at.Add(4 * time.Second)
	p.rows(1000, 1000)
	p.rows(1000, 1000)
	want := "uploading: 12 of 40 MB\nuploading: 24 of 40 MB\nuploading: 36 of 40 MB\n100 of 1,000 rows, 50 rows/s, " +
		"19 s left\n1,000 of 1,000 rows, 166 rows/s\n"
	if b.String() != want {
		t.Errorf("lines are\n%swant\n%s", b.String(), want)
	}
}

func TestProgressOfAnImportIsABarOnATerminal(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("processing", 0), jobJSON("completed", 0))
	p := a.client(t)
	r := p.within(t.Context(), true, "import", p.file("tasks.csv", tasksFile))
	for _, want := range []string{"upload", "import", "(10/10, ", "\r"} {
		if !strings.Contains(r.err, want) {
			t.Errorf("no %q in %q", want, r.err)
		}
	}
	if !strings.HasSuffix(r.err, "\n") || strings.Contains(r.err, "\n\n") {
		t.Errorf("the bars do not end with one line break each: %q", r.err)
	}
	if strings.ContainsAny(r.out, "\r\x1b") {
		t.Errorf("stdout has progress: %q", r.out)
	}
}

func TestBarStartsAnewWithAnUpload(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := &barProgress{w: &b}
	p.upload(50, 100)
	p.upload(100, 100)
	before := b.Len()
	p.upload(10, 100)
	if second := b.String()[before:]; !strings.Contains(second, "10%") {
		t.Errorf("the second upload shows %q", second)
	}
	before = b.Len()
	p.done()
	p.done()
	if end := b.String()[before:]; end != "\n" {
		t.Errorf("an unfinished bar ends with %q", end)
	}
}

// A commit begins with rows that are counted already: their rate over no time says nothing.
func TestNoRateBeforeThereIsOne(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	var b bytes.Buffer
	p := &lineProgress{w: &b, started: at, now: func() time.Time { return at }}
	at = at.Add(4 * time.Microsecond)
	p.rows(3, 6)
	at = at.Add(2 * time.Second)
	p.rows(6, 6)
	if want := "3 of 6 rows\n6 of 6 rows, 2 rows/s\n"; b.String() != want {
		t.Errorf("lines are\n%swant\n%s", b.String(), want)
	}
}
