package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"taskport/importer"
	"taskport/internal/markdown"
)

// Whatever a document names in code exists: commands and flags, variables, endpoints, tests, files,
// targets of make. So do those of the blocks that are not run, which are few and say why.
func TestWhatDocumentsNameExists(t *testing.T) {
	t.Parallel()
	has := newInventory(t)
	left := 0
	for _, path := range documentPaths(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		page := strings.TrimPrefix(path, treeTop+"/")
		for _, b := range markdown.Blocks(string(text)) {
			code := inlineCode.FindAllString(b.Text(), -1)
			if b.Kind == markdown.Fence {
				code = nil
				if strings.HasPrefix(strings.Join(b.Lines, "\n"), notRun) {
					left++
					if len(b.Lines[0]) < len(notRun)+5 {
						t.Errorf("%s:%d: say why the block is not run", page, b.Line)
					}
				}
				switch b.Info {
				case "sh":
					code = commandsOf(b.Lines)
				case "http":
					code = b.Lines[:1]
				case "console":
					for _, line := range b.Lines {
						if command, found := strings.CutPrefix(line, "$ "); found {
							code = append(code, command)
						}
					}
				}
			}
			for _, c := range code {
				if problem := has.problem(strings.Trim(c, "`")); problem != "" {
					t.Errorf("%s:%d: %s: %s", page, b.Line, c, problem)
				}
			}
		}
	}
	if left > mostNotRun {
		t.Errorf("%d blocks are not run, at most %d", left, mostNotRun)
	}
	t.Logf("%d blocks are not run", left)
}

var (
	inlineCode = regexp.MustCompile("`[^`]+`")
	ofProgram  = regexp.MustCompile(`(?:^|[|&(] *)(?:go run \./cmd/)?taskport((?: +[^\s|&>)]+)*)`)
	aFlag      = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
	aVariable  = regexp.MustCompile(`\bTASKPORT_[A-Z_]*[A-Z]\b`)
	anEndpoint = regexp.MustCompile(`^(GET|POST|PUT|DELETE) (/[^\s?]*)`)
	aTest      = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	aFile      = regexp.MustCompile(`(?:^|[\s./])((?:cmd|console|deploy|docs|importer|intake|internal|store|testdata|` +
		`worker)/[\w./-]*\w)`)
	aTarget   = regexp.MustCompile(`(?:^|\s)make ([a-z-]+)`)
	parameter = regexp.MustCompile(`\{[^}]*\}|\b[0-9]+$`)
)

// inventory is what documents may name.
type inventory struct {
	commands  *cobra.Command
	flags     map[string]bool // of all commands, and of the tools beside the program
	endpoints map[string]bool // as "POST /v1/tasks/{}"
	sources   string          // of the whole tree
	targets   string          // the Makefile
}

func newInventory(t *testing.T) *inventory {
	t.Helper()
	has := &inventory{flags: map[string]bool{}, endpoints: map[string]bool{}}
	has.commands = newRootCommand(&environment{out: io.Discard, err: io.Discard,
		getenv: func(string) string { return "" }})
	has.commands.InitDefaultHelpCmd()
	has.commands.InitDefaultCompletionCmd()
	var note func(c *cobra.Command)
	note = func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) { has.flags[f.Name] = true })
		for _, inner := range c.Commands() {
			note(inner)
		}
	}
	note(has.commands)
	var sources bytes.Buffer
	err := fs.WalkDir(os.DirFS(treeTop), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(treeTop, name))
		sources.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	has.sources = sources.String()
	has.targets = "\n" + readFile(t, "Makefile")
	path := ""
	for line := range strings.Lines(readFile(t, "intake/openapi.yaml")) {
		if strings.HasPrefix(line, "  /") {
			path = parameter.ReplaceAllString(strings.TrimSuffix(strings.TrimSpace(line), ":"), "{}")
		}
		if m := regexp.MustCompile(`^    (get|post|put|delete):`).FindStringSubmatch(line); m != nil {
			has.endpoints[strings.ToUpper(m[1])+" "+path] = true
		}
	}
	if len(has.endpoints) < 40 || len(has.flags) < 50 {
		t.Fatalf("%d endpoints, %d flags", len(has.endpoints), len(has.flags))
	}
	return has
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(treeTop, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// problem returns what does not exist of what a piece of code names; empty for nothing.
func (has *inventory) problem(code string) string {
	if strings.Contains(code, "-…") || strings.Contains(code, "_…") {
		return "" // the beginning of several
	}
	program := ofProgram.FindAllStringSubmatch(strings.ReplaceAll(code, "\\\n", " "), -1)
	for _, m := range program {
		if problem := has.command(strings.Fields(m[1])); problem != "" {
			return problem
		}
	}
	if len(program) == 0 && (strings.HasPrefix(code, "--") || strings.Contains(code, "go run ./cmd/")) {
		for _, m := range aFlag.FindAllStringSubmatch(code, -1) {
			if !has.flags[m[1]] && !strings.Contains(has.sources, fmt.Sprintf("%q", m[1])) {
				return "no command has --" + m[1]
			}
		}
	}
	for _, name := range aVariable.FindAllString(code, -1) {
		if !strings.Contains(has.sources, `"`+name) {
			return "nothing reads " + name
		}
	}
	if m := anEndpoint.FindStringSubmatch(code); m != nil && strings.HasPrefix(m[2], "/v1/") &&
		!strings.Contains(m[2], "…") {
		if endpoint := m[1] + " " + parameter.ReplaceAllString(m[2], "{}"); !has.endpoints[endpoint] {
			return "the API has no " + endpoint
		}
	}
	for _, name := range aTest.FindAllString(code, -1) {
		if !strings.Contains(has.sources, "func "+name) {
			return "there is no " + name
		}
	}
	for _, m := range aTarget.FindAllStringSubmatch(code, -1) {
		if !strings.Contains(has.targets, "\n"+m[1]+":") {
			return "the Makefile has no " + m[1]
		}
	}
	for _, m := range aFile.FindAllStringSubmatch(code, -1) {
		if _, err := os.Stat(filepath.Join(treeTop, m[1])); err != nil && m[1] != "cmd/taskport@latest" {
			return m[1] + " does not exist"
		}
	}
	return ""
}

// command returns what is wrong with the words behind "taskport".
func (has *inventory) command(words []string) string {
	c, rest := has.commands, words
	for len(rest) > 0 {
		i := slices.IndexFunc(c.Commands(), func(inner *cobra.Command) bool { return inner.Name() == rest[0] })
		if i < 0 {
			break
		}
		c, rest = c.Commands()[i], rest[1:]
	}
	if c == has.commands && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && !strings.ContainsAny(rest[0], "|…`C") {
		return "there is no command " + rest[0]
	}
	for _, word := range rest {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if name = strings.TrimRight(name, ",.;"); isFlag && name != "" && c.Flags().Lookup(name) == nil {
			return fmt.Sprintf("%s has no flag --%s", c.CommandPath(), name)
		}
	}
	return ""
}

// The reasons and the presets are written down wherever they are listed.
func TestClosedListsAreDescribed(t *testing.T) {
	t.Parallel()
	missing := func(name, file, what string) {
		if !strings.Contains(readFile(t, file), what) {
			t.Errorf("%s is not in %s: add %s", name, file, what)
		}
	}
	for _, r := range importer.Reasons() {
		reason := string(r)
		missing(reason, "store/migrations/00001_initial.sql", "'"+reason+"'")
		missing(reason, "intake/openapi.yaml", reason+": {type: integer}")
		missing(reason, "console/static/console.css", ".reason-"+reason+" {")
		missing(reason, "docs/rejects.md", "\n| `"+reason+"` |")
		list := regexp.MustCompile(`(?s)\n    Reason:\n.*?enum: \[([^]]*)\]`).FindStringSubmatch(readFile(t,
			"intake/openapi.yaml"))
		if list == nil || !regexp.MustCompile(`\b`+reason+`\b`).MatchString(list[1]) {
			t.Errorf("%s is not in the enum of Reason in intake/openapi.yaml: add it", reason)
		}
	}
	words := regexp.MustCompile(`(?s)reasonTexts = map.*?\n}`).FindString(readFile(t, "console/text.go"))
	if got, want := strings.Count(words, "importer."), 1+len(importer.Reasons()); got < want {
		t.Errorf("console/text.go has words for %d of %d reasons: add those of the new one to reasonTexts", got-1, want-1)
	}
	lists := regexp.MustCompile(`enum: \[hubspot[^]]*\]`)
	for _, list := range lists.FindAllString(readFile(t, "intake/openapi.yaml"), -1) {
		for _, preset := range importer.PresetNames(importer.Tasks) {
			if !regexp.MustCompile(`\b` + preset + `\b`).MatchString(list) {
				t.Errorf("intake/openapi.yaml lists %s without %s", list, preset)
			}
		}
	}
	for _, preset := range importer.PresetNames(importer.Tasks) {
		missing(preset, "docs/migrating.md", "| `"+preset+"` |")
	}
}

// Each metric is described.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	page := readFile(t, "docs/operations.md")
	found := regexp.MustCompile(`Name: +"(taskport_\w+)"|NewDesc\("(taskport_\w+)"`).FindAllStringSubmatch(
		newInventory(t).sources, -1)
	if len(found) < 10 {
		t.Fatalf("found %v", found)
	}
	for _, m := range found {
		if name := m[1] + m[2]; !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/operations.md lacks %s: add it to the table of metrics", name)
		}
	}
}

// freeTCPPorts returns ports that nobody listens on.
func freeTCPPorts(t *testing.T, n int) []string {
	t.Helper()
	ports := map[string]bool{}
	for len(ports) < n {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at the end, so that no port is returned twice
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports[port] = true
	}
	return slices.Collect(maps.Keys(ports))
}
