package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, indent string
		width        int
		want         string
	}{
		{"one two three", "", 0, "one two three"},
		{"one two three", "", 13, "one two three"},
		{"one two three", "", 12, "one two\nthree"},
		{"one two three", "  ", 7, "one two\n  three"},
		{"über Öl áé", "", 7, "über Öl\náé"},
		{"a\n  a command to copy\nb", "", 5, "a\n  a command to copy\nb"},
		{"  a note to wrap", "    ", 10, "  a note\n    to\n    wrap"},
		{"unbreakablelongword x", "", 5, "unbreakablelongword\nx"},
		{"ends so\n", "", 4, "ends\nso\n"},
	} {
		if got := fold(c.text, c.width, c.indent); got != c.want {
			t.Errorf("%q at %d: got %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// Errors and warnings are coloured on a terminal alone, and never with NO_COLOR; results never are.
func TestColours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		{true, nil, true}, {false, nil, false},
		{true, map[string]string{"NO_COLOR": "1"}, false}, {true, map[string]string{"TERM": "dumb"}, false},
	} {
		a := newAPI(t, jobJSON("completed", 1))
		a.lists = says(http.StatusOK, "title,_row\n,1\n")
		p := a.client(t)
		for name, value := range c.env {
			p.env[name] = value
		}
		r := p.within(t.Context(), c.terminal, "import", "--report", filepath.Join(p.dir, "r.csv"), p.file("tasks.csv",
			tasksFile))
		if strings.Contains(r.err, "\x1b[33mthe rejected rows") != c.want || strings.Contains(r.out, "\x1b") {
			t.Errorf("%+v: %+v", c, r)
		}
		r = p.within(t.Context(), c.terminal, "import", filepath.Join(p.dir, "nowhere.csv"))
		if strings.HasPrefix(r.err, "\x1b[31mtaskport:\x1b[0m ") != c.want || c.want == strings.HasPrefix(r.err,
			"taskport: ") {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	choices := []string{"open", "in_progress", "completed", "cancelled"}
	for _, c := range []struct{ typed, chosen, problem string }{
		{"open", "open", ""}, {"O", "open", ""}, {"in", "in_progress", ""}, {"COMP", "completed", ""},
		{"1", "open", ""}, {"4", "cancelled", ""}, {"", "", ""},
		{"c", "", `"c" is the beginning of completed and cancelled; type more of it`},
		{"soon", "", `"soon" is not one of open, in_progress, completed, cancelled`},
		{"0", "", "choose a number from 1 to 4, not 0"}, {"5", "", "choose a number from 1 to 4, not 5"},
	} {
		if chosen, problem := choose(c.typed, choices); chosen != c.chosen || problem != c.problem {
			t.Errorf("%q: got %q and %q, want %q and %q", c.typed, chosen, problem, c.chosen, c.problem)
		}
	}
}

const knownList = `{"data":[
 {"job_id":"j9","kind":"tasks","status":"completed","dry_run":true,"file_name":"tasks.csv","total_count":3,
  "created_count":3},
 {"job_id":"j8","kind":"tasks","status":"undone","file_name":"tasks.csv","total_count":3,"created_count":3},
 {"job_id":"j7","kind":"tasks","status":"completed","file_name":"tasks.csv","total_count":ROWS,"created_count":2,
  "rejected_count":1}],"meta":{}}`

// Whether the file is known is asked before anything else, and the answers to the other questions
// are not asked for when nothing is to be sent.
func TestKnownFileIsAskedAboutFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, typed string
		asked, sent bool
		again       bool
	}{
		{"3", "n\n", true, false, false},
		{"3", "", true, false, false},
		{"3", "y\ndmy\n", true, true, true},
		{"4", "dmy\n", false, true, false},
	} {
		a := newAPI(t, jobJSON("completed", 0))
		a.lists = says(http.StatusOK, strings.Replace(knownList, "ROWS", c.rows, 1))
		p := a.client(t)
		r := p.answering(c.typed, "import", p.file("tasks.csv", openQuestions))
		known, order := strings.Index(r.err, "3 rows was imported"), strings.Index(r.err, "in which order")
		if (known >= 0) != c.asked || (order >= 0) != c.sent || c.asked && c.sent && known > order {
			t.Errorf("%+v: %s", c, r.err)
		}
		if !c.sent {
			if r.code != exitFailed || !strings.Contains(r.err, "taskport jobs j7") {
				t.Errorf("%+v: %+v", c, r)
			}
			continue
		}
		if got := a.posted(t).query; strings.Contains(got, "on_same_file=all") != c.again {
			t.Errorf("%+v: sent %s", c, got)
		}
	}
}

// stalled is a terminal at which nobody types any more, after some lines.
type stalled struct {
	lines io.Reader
	then  func()
}

func (s *stalled) Read(b []byte) (int, error) {
	if n, err := s.lines.Read(b); err == nil {
		return n, nil
	}
	s.then()
	select {}
}

// Ctrl-C at a question ends the program, sends nothing, and keeps the answers as flags.
func TestInterruptedQuestionsKeepTheAnswers(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	p := a.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	code := run(ctx, []string{"import", p.file("tasks.csv", openQuestions)}, &environment{
		in: &stalled{strings.NewReader("dmy\nopen\n"), cancel}, inIsTerminal: true, terminal: true, out: io.Discard,
		err:    &errs,
		getenv: func(name string) string { return p.env[name] }})
	if code != exitFailed || !strings.Contains(errs.String(), "--date-order dmy --value 'status:Wartet=open'") ||
		!strings.Contains(errs.String(), "interrupted; nothing was sent") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	for _, r := range a.got() {
		if r.method == http.MethodPost {
			t.Errorf("sent %+v", r)
		}
	}
}

// Answers that are typed ahead are not lost between two questions of the program.
func TestTypedAheadIsKept(t *testing.T) {
	t.Parallel()
	e := &environment{in: strings.NewReader("one\ntwo"), err: io.Discard}
	for _, want := range []string{"one", "two"} {
		if got, err := e.readLine(t.Context()); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := e.readLine(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// The administration says which database it spoke to, and never the password.
func TestAdministrationNamesTheDatabase(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://ada:s3cret@db.example.com:5433/crm?sslmode=disable": "crm on db.example.com:5433",
		"host=db.example.com user=ada password=s3cret dbname=crm":       "crm on db.example.com:5432",
	} {
		if got := databaseName(address); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	p := newProgram(t)
	p.must("migrate")
	name := databaseName(p.env["DATABASE_URL"])
	for _, args := range [][]string{{"workspace", "create", "acme"},
		{"key", "create", "--workspace", "acme", "--permission", "activities:read"}} {
		r := p.run(args...)
		if r.code != exitDone || r.err != "database: "+name+"\n" || strings.Count(r.out, "\n") != 1 {
			t.Errorf("%v: %+v, want the database %s", args, r, name)
		}
	}
}

// A report without rows is not told of as if it had some.
func TestCheckTellsOfNoRejectedRows(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts, report := p.file("contacts.csv", "full_name\nPetra Vogelsang\n"), filepath.Join(p.dir, "r.csv")
	r := p.run("check", p.file("in.csv", "title,contact_name\nCall,Petra Vogelsang\n"), "--contacts", contacts,
		"--report", report)
	if r.code != exitDone || r.err != "no row would be rejected; "+report+" has no rows\n" {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(report); err != nil {
		t.Error(err)
	}
}

// Where all rejected rows are dismissed, nothing is left for a report or for the exit code.
func TestDismissedRowsAreClosed(t *testing.T) {
	t.Parallel()
	a := newAPI(t, strings.Replace(jobJSON("completed", 2), `"rejected_by_reason"`,
		`"dismissed_count":2,"rejected_by_reason"`, 1))
	p := a.client(t)
	r := p.run("retry", "--quiet", jobID)
	if r.code != exitDone || strings.Contains(r.err, "rejected rows are in") || !strings.Contains(r.out,
		"of them dismissed") {
		t.Errorf("%+v", r)
	}
}
