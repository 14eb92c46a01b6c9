package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// eachCommand passes all commands but those that cobra adds.
func eachCommand(use func(c *cobra.Command, path []string)) {
	var each func(*cobra.Command, []string)
	each = func(c *cobra.Command, path []string) {
		use(c, path)
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" && sub.Name() != "help" {
				each(sub, append(slices.Clone(path), sub.Name()))
			}
		}
	}
	each(newRootCommand(&environment{getenv: func(string) string { return "" }}), nil)
}

// Every command shows in its help how it is called, by examples too, and a flag that it does not
// have is wrong use.
func TestEveryHelpHasExamplesAndGroups(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	commands := 0
	eachCommand(func(c *cobra.Command, path []string) {
		commands++
		help := p.must(append(path, "--help")...)
		name := strings.Join(append([]string{"taskport"}, path...), " ")
		for _, want := range []string{"Usage:\n  " + name, "\nExamples:\n  taskport", "\nGeneral:\n  -h, --help"} {
			if !strings.Contains(help, want) {
				t.Errorf("%s --help lacks %q:\n%s", name, want, help)
			}
		}
		_, usage, _ := strings.Cut(help, "Usage:")
		for _, line := range strings.Split(usage, "\n") {
			if len([]rune(line)) > 110 {
				t.Errorf("%s --help has a line of %d characters: %s", name, len([]rune(line)), line)
			}
		}
		if c.HasParent() && !c.Parent().HasParent() && c.GroupID == "" {
			t.Errorf("%s is in no group", name)
		}
		r := p.run(append(path, "--no-such-flag")...)
		if r.code != exitUsage || r.out != "" || !strings.Contains(r.err, "\nusage: "+name) {
			t.Errorf("%s: %+v", name, r)
		}
	})
	if commands < 25 {
		t.Errorf("only %d commands", commands)
	}
}

func TestFlagsAreGrouped(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	help := p.must("import", "--help")
	at := -1
	for _, group := range []string{"Options", "Mapping", "Reading the file", "Output", "Server", "General"} {
		next := strings.Index(help, "\n"+group+":\n")
		if next <= at {
			t.Errorf("%s is not where it should be in\n%s", group, help)
		}
		at = next
	}
	if create := p.must("key", "create", "--help"); strings.Contains(create, "Which rows") {
		t.Errorf("the name of a key selects rows:\n%s", create)
	}
}

func TestExitCodesAreDocumented(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	for _, command := range []string{"import", "load", "check", "retry", "commit", "correct"} {
		if help := p.must(command, "--help"); !strings.Contains(help, "\nExit codes:\n  0   ") ||
			!strings.Contains(help, "\n  2   ") || !strings.Contains(help, "\n  1   ") || !strings.Contains(help, "\n  64  ") {
			t.Errorf("%s --help:\n%s", command, help)
		}
	}
}

func TestWrongWordsAreWrongUse(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"improt"}, `"improt" is not a command of taskport; did you mean import?`},
		{[]string{"workspace", "nothing"}, `"nothing" is not a command of taskport workspace`},
		{[]string{"help", "nothing"}, `"nothing" is not a command of taskport`},
		{[]string{"completion", "nothing"}, `"nothing" is not a command of taskport completion`},
		{[]string{"jobs", "--page", "two"}, "--page"},
		{[]string{"version", "more"}, "more"},
		{[]string{"key", "create", "--workspace", "acme"}, "--permission is required"},
		{[]string{"key", "list"}, "--workspace is required"},
		{[]string{"workspace", "create", " "}, "must not be blank"},
	} {
		if r := p.run(c.args...); r.code != exitUsage || r.out != "" || !strings.Contains(r.err, c.want) ||
			!strings.Contains(r.err, "\nusage: taskport") {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	for _, args := range [][]string{{}, {"key"}, {"help"}, {"help", "key", "create"}} {
		if r := p.run(args...); r.code != exitDone || !strings.Contains(r.out, "Usage:\n") {
			t.Errorf("%v: %+v", args, r)
		}
	}
}
