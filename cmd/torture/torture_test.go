package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A few faults against the real program, so that the harness does not rot.
func TestSliceOfASlice(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	o, err := readOptions(strings.Fields("--for 5s --files 2 --most-rows 1200 --parallel 6 --rounds 1 --pause 0 "+
		"--patience 60s --only FLUSHALL,SIGTERM,serialization,empty"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r, err := runOnce(t.Context(), o, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if !r.clean() || r.Faults == 0 || r.Imports <= 2 {
		t.Errorf("%s\n%s", strings.Join(r.Stories, "\n"), r.line())
	}
	if want := "torture: faults="; !strings.HasPrefix(r.line(), want) || !strings.HasSuffix(r.line(),
		" lost=0 doubled=0 misplaced=0 stuck=0 seed=1") {
		t.Errorf("got %s", r.line())
	}
}

func TestVerdictNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	in := want{place: created, title: "Call", contact: "P-1", external: placeholder + "-1"}
	good := found{tasks: 1, title: "Call", contact: "P-1", externalText: "000007-1"}
	other := good
	other.contact = "P-2"
	for _, c := range []struct {
		name string
		want want
		got  found
		says losses
	}{
		{"right", in, good, losses{}},
		{"lost", in, found{}, losses{lost: 1}},
		{"twice a task", in, found{tasks: 2, title: "Call", contact: "P-1", externalText: "000007-1"}, losses{doubled: 1}},
		{"task and dead letter", in, found{tasks: 1, dead: 1, title: "Call", contact: "P-1", externalText: "000007-1"},
			losses{doubled: 1, misplaced: 1}},
		{"wrong link", in, other, losses{misplaced: 1}},
		{"dead instead of created", in, found{dead: 1, reason: "orphan"}, losses{misplaced: 1}},
		{"right reason", want{place: rejected, reason: "orphan"}, found{dead: 1, reason: "orphan"}, losses{}},
		{"wrong reason", want{place: rejected, reason: "orphan"}, found{dead: 1, reason: "malformed_row"},
			losses{misplaced: 1}},
		{"skipped", want{place: skipped}, found{}, losses{}},
		{"skipped and there", want{place: skipped}, good, losses{misplaced: 1}},
	} {
		var v verdict
		v.row(1, c.want, c.got, "000007")
		if v.losses != c.says {
			t.Errorf("%s: got %+v, want %+v (%s)", c.name, v.losses, c.says, v.first)
		}
	}
}

func TestCountsThatDoNotAddUpAreFound(t *testing.T) {
	t.Parallel()
	counts, reasons := map[place]int{created: 3, rejected: 1}, map[string]int{"orphan": 1}
	right := job{Total: 4, Processed: 4, Created: 3, Rejected: 1, ByReason: map[string]int{"orphan": 1}}
	wrong := right
	wrong.Created, wrong.Skipped = 2, 1
	for _, c := range []struct {
		job  job
		want int
	}{{right, 0}, {wrong, 1}} {
		var v verdict
		v.counts(c.job, 4, counts, reasons)
		if v.misplaced != c.want {
			t.Errorf("%+v: got %d, want %d", c.job, v.misplaced, c.want)
		}
	}
}

// Each mutation must still fit the sources that it changes.
func TestMutationsFit(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations {
		if _, err := m.overlay(root, t.TempDir()); err != nil {
			t.Error(err)
		}
	}
	strange := mutation{name: "strange", edits: []edit{{"go.mod", "no such text", ""}}}
	if _, err := strange.overlay(root, t.TempDir()); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("got %v", err)
	}
}

func TestFilesAreTheSameForASeed(t *testing.T) {
	t.Parallel()
	one, again, other := makeFile(7, 1, sites, 2000), makeFile(7, 1, sites, 2000), makeFile(8, 1, sites, 2000)
	if one.text != again.text || !slices.Equal(one.rows, again.rows) || one.text == other.text {
		t.Error("a seed does not decide about a file")
	}
	places := map[place]bool{}
	for _, w := range fileOf(7, 1, sites, 5000).rows[1:] {
		places[w.place] = true
	}
	if !places[created] || !places[rejected] {
		t.Errorf("got %v", places)
	}
	if lines := strings.Count(one.text, "\n"); lines != len(one.rows) {
		t.Errorf("%d lines for a header and %d rows", lines, len(one.rows)-1)
	}
}

func TestProxyCutsAMessageInItsMiddle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := net.Listen("unix", filepath.Join(dir, "server")) //nolint:noctx // closed with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	p, err := newProxy(filepath.Join(dir, "proxy"), filepath.Join(dir, "server"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	client, err := net.Dial("unix", filepath.Join(dir, "proxy")) //nolint:noctx // it answers at once
	if err != nil {
		t.Fatal(err)
	}
	inside, err := server.Accept()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	for _, step := range []struct {
		halve bool
		want  string
	}{{false, "12345678"}, {true, "1234"}} {
		if step.halve {
			p.halve()
		}
		if _, err := io.WriteString(client, "12345678"); err != nil {
			t.Fatal(err)
		}
		n, err := io.ReadFull(inside, buf)
		if string(buf[:n]) != step.want || (err != nil) != step.halve {
			t.Errorf("got %q, %v", buf[:n], err)
		}
	}
	if _, err := client.Read(buf); err == nil {
		t.Error("the connection outlives its cut")
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, says string }{{"--only earthquake", "earthquake"}, {"--workers 0", "--workers"},
		{"extra", "extra"}, {"--pooler swimming", "--pooler"}, {"--most-rows 1", "--most-rows"}} {
		if _, err := readOptions(strings.Fields(c.args), io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.args, err)
		}
	}
}

func TestEventuallyGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := eventually(ctx, func() error { return os.ErrNotExist }); err == nil {
		t.Error("it did not")
	}
}
