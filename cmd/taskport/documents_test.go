package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"taskport/internal/markdown"
)

// A document has four kinds of code that this test runs, in the order of the page, against a server
// with a real Postgres and Redis:
//
//	sh       commands; `# exit 2` behind one is its exit code, `# keeps running` leaves it running
//	console  commands behind "$ ", each with what it prints; … there matches any text
//	http     a request with its body, or the answer to the last one (a part of its JSON will do);
//	         {name} is the member of an earlier answer
//
// Code of other kinds is only shown. A block that begins with notRun is not run, and says why.
const notRun = "# Not run by the tests: "

// mostNotRun bounds the blocks that are not run.
const mostNotRun = 30

const treeTop = "../.."

// documentPaths returns the paths of all documents, from the top of the tree.
func documentPaths(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "testdata/*.md"} {
		found, err := filepath.Glob(filepath.Join(treeTop, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 10 {
		t.Fatalf("only %d documents", len(all))
	}
	return all
}

// blocksOf returns the code of a document, and the rows of its tables.
func blocksOf(t *testing.T, path string) []markdown.Block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(markdown.Blocks(string(text)), func(b markdown.Block) bool {
		return b.Kind != markdown.Fence && b.Kind != markdown.Row
	})
}

// Every command and request of the documents does what the documents say.
func TestDocuments(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("commands of documents are run by bash: ", err)
	}
	for _, path := range documentPaths(t) {
		name := strings.TrimPrefix(path, treeTop+"/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blocks := blocksOf(t, path)
			if name == inBackup {
				return // TestBackupRestoreAndFailoverAsDocumented runs its commands, on servers of their own
			}
			if slices.ContainsFunc(blocks, isRun) {
				newReader(t, name, blocks).readAll(blocks)
			}
		})
	}
}

func isRun(b markdown.Block) bool {
	return b.Kind == markdown.Fence && slices.Contains([]string{"sh", "console", "http"}, b.Info) &&
		!strings.HasPrefix(strings.Join(b.Lines, "\n"), notRun)
}

// reader does what a document says, as a reader of it would.
type reader struct {
	*program
	page     string
	port     string            // instead of 8080
	admin    string            // instead of 9090
	known    map[string]string // members of earlier answers
	job      string            // JOB: the last dry run
	commands int               // commands that were run
	status   string            // of the last answer
	header   http.Header
	answered any
}

// newcomers are the pages whose reader has nothing configured: the program brings its own services.
var newcomers = []string{"README.md", "docs/getting-started.md", "docs/tour.md"}

// newReader returns a reader with an empty directory. A page that starts no server gets one, with a
// workspace and a key that may do everything.
func newReader(t *testing.T, page string, blocks []markdown.Block) *reader {
	t.Helper()
	r := &reader{program: newProgram(t), page: page, known: map[string]string{}}
	ports := freeTCPPorts(t, 2)
	r.port, r.admin = ports[0], ports[1]
	text := ""
	for _, b := range blocks {
		text += strings.Join(b.Lines, "\n") + "\n"
	}
	if strings.Contains(text, "testdata/") {
		if err := os.CopyFS(filepath.Join(r.dir, "testdata"), os.DirFS(treeTop+"/testdata")); err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs(treeTop)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"deploy", "docs"} {
		if err := os.Symlink(filepath.Join(absolute, name), filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.prepare(absolute)
	if slices.Contains(newcomers, page) {
		delete(r.env, "DATABASE_URL")
		delete(r.env, "REDIS_URL")
		r.env["TASKPORT_DATA_DIR"] = dataDir(t)
	}
	r.env["TASKPORT_SERVER"] = "http://127.0.0.1:" + r.port
	r.env["TASKPORT_SERVER"] = "http://127.0.0.1:" + r.port
	if r.env["DATABASE_URL"] == "" || strings.Contains(text, keepsRunning) {
		return r
	}
	r.must("migrate")
	r.start(true, "up", "--listen", "127.0.0.1:"+r.port)
	r.must("workspace", "create", "acme")
	r.env["TASKPORT_API_KEY"] = r.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write,companies:write,deals:write,events:write,users:write,webhooks:write")
	return r
}

// dataDir returns a directory that another user may enter: as root, Postgres runs as one.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "taskport-documents-") //nolint:usetesting // only its user may enter that of the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

// prepare makes the program a command of the shell, and its database tools too.
func (r *reader) prepare(top string) {
	r.t.Helper()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	bin := filepath.Join(r.dir, ".bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		r.t.Fatal(err)
	}
	command := fmt.Sprintf("#!/bin/sh\n%s=1 exec %q \"$@\"\n", asProgram, self)
	if err := os.WriteFile(filepath.Join(bin, "taskport"), []byte(command), 0o700); err != nil {
		r.t.Fatal(err)
	}
	path := bin
	tools, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, folder := range slices.Backward(tools) {
		path += ":" + folder
	}
	r.file(".state", "")
	r.file(".prelude", fmt.Sprintf("go() { command go -C %q \"$@\"; }\nmake() { command make -C %[1]q \"$@\"; }\n", top))
	for name, value := range map[string]string{"PATH": path + ":" + os.Getenv("PATH"), "HOME": r.dir, "PWD": r.dir,
		"GOBIN": filepath.Join(r.dir, ".go")} {
		r.env[name] = value
	}
	// What the tests were built with, so that a build of a document compiles nothing again.
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE", "GOFLAGS", "CGO_ENABLED"} {
		out, err := exec.CommandContext(r.t.Context(), "go", "env", name).Output()
		if err != nil {
			r.t.Fatal(err)
		}
		r.env[name] = strings.TrimSpace(string(out))
	}
	r.env["GOFLAGS"] += " -buildvcs=false" // git does not describe the clone of another user
}

func (r *reader) readAll(blocks []markdown.Block) {
	for _, b := range blocks {
		if b.Kind == markdown.Row {
			r.correct(b.Lines[0])
		}
		if !isRun(b) {
			continue
		}
		where := fmt.Sprintf("%s:%d", r.page, b.Line)
		switch b.Info {
		case "sh":
			for _, command := range commandsOf(b.Lines) {
				r.command(where, command)
			}
		case "console":
			r.console(where, b.Lines)
		case "http":
			r.http(where, b.Lines)
		}
		if r.t.Failed() {
			return // what follows depends on it
		}
	}
}

var (
	hereDocument = regexp.MustCompile(`<<-?'?(\w+)'?`)
	planOf       = regexp.MustCompile("taskport commit ([0-9a-f-]{36})")
	wantsExit    = regexp.MustCompile(`\s+# exit ([0-9]+)$`)
)

const keepsRunning = "# keeps running"

// commandsOf joins the lines of each command: those that end with a backslash, that leave a quote
// open, or that have a document behind them.
func commandsOf(lines []string) []string {
	var all []string
	open, until := "", ""
	for _, line := range lines {
		open += line
		switch {
		case until != "":
			if strings.TrimSpace(line) == until {
				until = ""
			}
		case hereDocument.MatchString(line):
			until = hereDocument.FindStringSubmatch(line)[1]
		}
		if until != "" || strings.HasSuffix(line, `\`) || strings.HasSuffix(line, "|") || strings.Count(open, "'")%2 == 1 {
			open += "\n"
			continue
		}
		if trimmed := strings.TrimSpace(open); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			all = append(all, open)
		}
		open = ""
	}
	return all
}

// here replaces what differs between the page's machine and this one.
func (r *reader) here(text string) string {
	return strings.NewReplacer(":8080", ":"+r.port, ":9090", ":"+r.admin, " JOB", " "+r.job,
		"go run ./cmd/taskport", "taskport").Replace(text)
}

// command runs a command, and makes sure that it ends as the page says.
func (r *reader) command(where, command string) string {
	r.t.Helper()
	if _, err := exec.LookPath("curl"); err != nil && strings.Contains(command, "curl ") {
		r.t.Skip("curl is not installed")
	}
	if before, found := strings.CutSuffix(command, keepsRunning); found {
		r.background(where, strings.TrimSpace(before))
		return ""
	}
	want := 0
	if m := wantsExit.FindStringSubmatch(command); m != nil {
		want, _ = strconv.Atoi(m[1])
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	out, err := r.shell(ctx, r.here(command)).CombinedOutput()
	code := 0
	if exit := (*exec.ExitError)(nil); err != nil {
		code = -1
		if ok := asExit(err, &exit); ok {
			code = exit.ExitCode()
		}
	}
	if code != want {
		r.t.Errorf("%s: %s: exit %d, want %d: %s", where, command, code, want, out)
	}
	if m := planOf.FindSubmatch(out); m != nil {
		r.job = string(m[1])
	}
	delete(r.known, "job_id") // may have another value now
	return string(out)
}

func asExit(err error, into **exec.ExitError) bool {
	exit, ok := err.(*exec.ExitError) //nolint:errorlint // os/exec returns it bare
	*into = exit
	return ok
}

// shell returns a shell that goes on where the last one ended: in its directory, with what it
// exported.
func (r *reader) shell(ctx context.Context, command string) *exec.Cmd {
	// A file of its own: a command that keeps running may read it after the next has begun.
	r.commands++
	name := fmt.Sprintf(".command-%d", r.commands)
	r.file(name, command+"\n")
	script := `. "$HOME/.prelude"; . "$HOME/.state"; cd "$PWD"; . "$HOME/$0"; code=$?
export -p >"$HOME/$0-state"; mv "$HOME/$0-state" "$HOME/.state"; exit $code`
	shell := exec.CommandContext(ctx, "bash", "-c", script, name)
	shell.Dir = r.dir
	for name, value := range r.env {
		shell.Env = append(shell.Env, name+"="+value)
	}
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return shell
}

// background starts a command that ends with the test, and waits for its first line. A worker
// prints none.
func (r *reader) background(where, command string) {
	r.t.Helper()
	var errs syncBuffer
	shell := r.shell(context.Background(), "TASKPORT_LISTEN=127.0.0.1:"+r.port+" exec "+r.here(command))
	out, err := shell.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	shell.Stderr = &errs
	if err := shell.Start(); err != nil {
		r.t.Fatal(err)
	}
	first := make(chan string, 1)
	go func() {
		line := make([]byte, 4096)
		n, _ := out.Read(line)
		first <- string(line[:n])
		_, _ = io.Copy(io.Discard, out)
	}()
	r.t.Cleanup(func() {
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGTERM)
		_ = shell.Wait()
	})
	if strings.HasPrefix(command, "taskport work") {
		return
	}
	select {
	case line := <-first:
		if line == "" {
			r.t.Errorf("%s: %s ended: %s", where, command, errs.String())
		}
	case <-time.After(time.Minute):
		r.t.Errorf("%s: %s printed nothing: %s", where, command, errs.String())
	}
}

// console runs the commands of a session, and compares what they print.
func (r *reader) console(where string, lines []string) {
	r.t.Helper()
	for at := 0; at < len(lines); {
		command, found := strings.CutPrefix(lines[at], "$ ")
		if !found {
			r.t.Errorf("%s: %q follows no command", where, lines[at])
			return
		}
		for at++; at < len(lines) && strings.HasSuffix(command, `\`); at++ {
			command += "\n" + lines[at]
		}
		from := at
		for at < len(lines) && !strings.HasPrefix(lines[at], "$ ") {
			at++
		}
		got := r.command(where, command)
		want := strings.TrimSpace(r.here(strings.Join(lines[from:at], "\n")))
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", `[\s\S]*?`) + "$"
		if want != "" && !regexp.MustCompile(pattern).MatchString(strings.TrimSpace(got)) {
			r.t.Errorf("%s: %s printed\n%s\nwant\n%s", where, command, got, want)
		}
	}
}

var member = regexp.MustCompile(`\{([a-z_]+)\}`)

// http sends a request, or compares the last answer.
func (r *reader) http(where string, lines []string) {
	r.t.Helper()
	head, body, _ := strings.Cut(strings.Join(lines, "\n"), "\n\n")
	first, headers, _ := strings.Cut(head, "\n")
	if status, found := strings.CutPrefix(first, "HTTP/1.1 "); found {
		r.compare(where, status, headers, body)
		return
	}
	if strings.Contains(first+body, "{job_id}") && r.known["job_id"] == "" {
		r.send(where, "GET /v1/import/jobs?per_page=1", "", "")
	}
	fill := func(text string) string {
		return member.ReplaceAllStringFunc(text, func(name string) string {
			value, found := r.known[strings.Trim(name, "{}")]
			if !found {
				r.t.Errorf("%s: no answer had %s", where, name)
			}
			return value
		})
	}
	r.send(where, fill(first), headers, fill(body))
	if strings.HasPrefix(r.status, "5") {
		r.t.Errorf("%s: %s: %s: %v", where, first, r.status, r.answered)
	}
}

func (r *reader) send(where, first, headers, body string) {
	r.t.Helper()
	method, path, _ := strings.Cut(first, " ")
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.env["TASKPORT_SERVER"]+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatalf("%s: %v", where, err)
	}
	req.Header.Set("Authorization", "Bearer "+r.env["TASKPORT_API_KEY"])
	if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
		req.Header.Set("Content-Type", "application/json")
	}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(line, ":")
		req.Header.Set(name, strings.TrimSpace(value))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatalf("%s: %v", where, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatalf("%s: %v", where, err)
	}
	r.status, r.header, r.answered = res.Status, res.Header, nil
	_ = json.Unmarshal(text, &r.answered) // a report is not JSON
	r.remember(r.answered, map[string]bool{})
}

// remember keeps the texts of an answer by the names of their members, the outermost and first of
// each name.
func (r *reader) remember(value any, seen map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if text, ok := inner.(string); ok && !seen[name] {
				r.known[name], seen[name] = text, true
			}
		}
		for _, inner := range v {
			r.remember(inner, seen)
		}
	case []any:
		for _, inner := range v {
			r.remember(inner, seen)
		}
	}
}

// compare makes sure that the last answer has the status, the headers and the members of the page.
func (r *reader) compare(where, status, headers, body string) {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("%s: the answer is %s, want %s: %v", where, r.status, status, r.answered)
	}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(value), "…", ".*") + "$"
		if got := r.header.Get(name); !regexp.MustCompile(pattern).MatchString(got) {
			r.t.Errorf("%s: %s is %q, want %q", where, name, got, value)
		}
	}
	if strings.TrimSpace(body) == "" {
		return
	}
	var want any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		r.t.Fatalf("%s: %v", where, err)
	}
	if difference := missing(want, r.answered, ""); difference != "" {
		r.t.Errorf("%s: %s; the answer is %v", where, difference, r.answered)
	}
}

// missing returns what of want an answer does not have; empty for nothing. … matches
// any text.
func missing(want, got any, path string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, want an object", path, got)
		}
		for name, inner := range w {
			value, there := g[name]
			if !there {
				return fmt.Sprintf("%s.%s is missing", path, name)
			}
			if difference := missing(inner, value, path+"."+name); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) < len(w) {
			return fmt.Sprintf("%s has %d elements or more, want %d", path, len(g), len(w))
		}
		for i := range w {
			if difference := missing(w[i], g[i], fmt.Sprintf("%s[%d]", path, i)); difference != "" {
				return difference
			}
		}
		return ""
	case string:
		g, ok := got.(string)
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(w), "…", `[\s\S]*`) + "$"
		if !ok || !regexp.MustCompile(pattern).MatchString(g) {
			return fmt.Sprintf("%s is %v, want %q", path, got, w)
		}
		return ""
	}
	if want != got {
		return fmt.Sprintf("%s is %v, want %v", path, got, want)
	}
	return ""
}

var correctedRow = regexp.MustCompile(`^\| ([0-9]+) \| ([^|` + "`" + `]+) \| ([^|]+) \|`)

// correct writes a value into a cell of the report in the shell's directory, as a table with the id
// of a row, the column and the new value says. Other tables are not for this.
func (r *reader) correct(row string) {
	r.t.Helper()
	m := correctedRow.FindStringSubmatch(row)
	if m == nil {
		return
	}
	state, err := os.ReadFile(filepath.Join(r.dir, ".state"))
	if err != nil {
		r.t.Fatal(err)
	}
	if pwd := regexp.MustCompile(`(?m)^declare -x PWD="(.*)"$`).FindSubmatch(state); pwd != nil {
		path := filepath.Join(string(pwd[1]), "tasks.rejects.csv")
		if _, err := os.Stat(path); err == nil {
			correctReport(r.t, path, m[1], m[2], m[3])
		}
	}
}

// correctReport writes a value into a cell of the row that has the id.
func correctReport(t *testing.T, path, id, column, value string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	corrected := false
	for at, name := range rows[0] {
		for _, row := range rows[1:] {
			if name == column && row[0] == id {
				row[at], corrected = value, true
			}
		}
	}
	if !corrected {
		t.Errorf("the report has no row %s with a column %s: %s", id, column, text)
	}
	var out strings.Builder
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
