package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/session.txt anew")

const (
	sessionFile   = "../../docs/session.txt"
	sessionHeader = "A day at a terminal, from an empty database to a finished import. A test runs these commands and\n" +
		"compares what they print: go test ./cmd/taskport -run Session -update writes this file anew.\n" +
		"Progress bars are left out; ids, times, the key and the database are examples.\n"
)

// session is the transcript of commands at a terminal.
type session struct {
	p    *program
	text bytes.Buffer
}

// typist types lines, which the terminal shows.
type typist struct {
	lines []string
	shown io.Writer
}

func (k *typist) Read(b []byte) (int, error) {
	if len(k.lines) == 0 {
		return 0, io.EOF
	}
	line := k.lines[0] + "\n"
	k.lines = k.lines[1:]
	fmt.Fprint(k.shown, line)
	return copy(b, line), nil
}

// run runs a command in which files are those of the program, types the answers, and returns what
// it printed on standard output.
func (s *session) run(command string, answers ...string) string {
	s.p.t.Helper()
	fmt.Fprintf(&s.text, "\n$ taskport %s\n", command)
	var args []string
	for _, quoted := range regexp.MustCompile(`(?:'[^']*'|[^\s'])+`).FindAllString(command, -1) {
		word := strings.ReplaceAll(quoted, "'", "")
		if strings.HasSuffix(word, ".csv") {
			word = filepath.Join(s.p.dir, word)
		}
		args = append(args, word)
	}
	var out bytes.Buffer
	code := run(s.p.t.Context(), args, &environment{in: &typist{answers, &s.text}, inIsTerminal: true, terminal: true,
		outIsTerminal: true, width: 100, outWidth: 100, out: io.MultiWriter(&out, &s.text), err: &s.text,
		getenv: func(name string) string { return s.p.env[name] }})
	if code != exitDone {
		fmt.Fprintf(&s.text, "[exit %d]\n", code)
	}
	return strings.TrimSpace(out.String())
}

var (
	bars      = regexp.MustCompile(`(?m)^[^\n]*\r[^\n]*\n`)
	ids       = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?\b`)
	times     = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d`)
	keys      = regexp.MustCompile(`wbk_[A-Za-z0-9]{40}`)
	databases = regexp.MustCompile(`database: .*`)
)

// transcript returns the session without what differs between two runs.
func (s *session) transcript() string {
	text := bars.ReplaceAllString(s.text.String(), "")
	text = strings.ReplaceAll(text, s.p.dir+string(filepath.Separator), "")
	seen := map[string]string{}
	text = ids.ReplaceAllStringFunc(text, func(id string) string {
		created := id[:13] // the time, which a table shows alone
		if seen[created] == "" {
			seen[created] = fmt.Sprintf("0198c0de-%04d-7000-8000-000000000000", len(seen)+1)
		}
		return seen[created][:len(id)]
	})
	text = times.ReplaceAllString(text, "2026-03-10 09:00:00")
	text = keys.ReplaceAllString(text, "wbk_"+strings.Repeat("x", 40))
	return sessionHeader + databases.ReplaceAllString(text, "database: taskport on db.example.com:5432")
}

// The session of the documents is one that really happens.
func TestSessionIsAsDocumented(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("migrate")
	p.env["TASKPORT_SERVER"] = up(p)
	p.env["HOME"], p.env["NO_COLOR"] = p.dir, "1"
	p.file("companies.csv", "name,domain\nBrandt GmbH,brandt.example\n")
	p.file("contacts.csv", contactsFile)
	p.file("tasks.csv", "title,contact_name,status,priority,due_date\n"+
		"Call about the offer,Hans Müller,Parked,high,03/04/2026\n"+
		"Send the contract,Anna Nowak,Parked,low,05/06/2026\n"+
		"Ask about the invoice,Annegret Nowakowska,done,A1,07/08/2026\n"+
		"Plan the visit,Petra Neuling,open,,\n"+
		"Total,,,,\n")
	s := &session{p: p}
	s.run("workspace create acme")
	p.env["TASKPORT_API_KEY"] = s.run("key create --workspace acme --name ada --permission " +
		"activities:read,activities:write,contacts:write,companies:write")
	s.run("load companies companies.csv")
	s.run("load contacts contacts.csv")
	s.run("import tasks.csv", "european", "d", "o", "high")
	s.run("rejects @last")
	s.run("correct @last --row 3 --set contact_name='Anna Nowak'")
	s.run("correct @last --row 4 --set due_date=2026-03-31")
	s.run("dismiss @last --row 5 --message 'the total of the old system'")
	s.run("rejects --all")
	s.run("retry --all")
	s.run("jobs")
	s.run("import tasks.csv", "no")
	s.run("undo @last")
	s.run("jobs --kind people")
	got := s.transcript()
	if *update {
		if err := os.WriteFile(sessionFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(sessionFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the session differs from %s; got\n%s", sessionFile, got)
	}
}

// The session of the README is a part of the whole one; … there leaves lines out.
func TestSessionOfTheREADME(t *testing.T) {
	t.Parallel()
	whole := readFile(t, "docs/session.txt")
	shown := 0
	for _, b := range blocksOf(t, filepath.Join(treeTop, "README.md")) {
		if b.Info != "text" || !strings.HasPrefix(b.Lines[0], "$ taskport") {
			continue
		}
		shown++
		rest := whole
		for part := range strings.SplitSeq(strings.Join(b.Lines, "\n"), "\n…\n") {
			_, after, found := strings.Cut(rest, "\n"+part+"\n")
			if !found {
				t.Errorf("docs/session.txt does not have, or not in this order:\n%s", part)
			}
			rest = "\n" + after
		}
	}
	if shown != 1 {
		t.Errorf("the README has %d sessions, want 1", shown)
	}
}
