package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"taskport/importer"
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

// What an option is about is said in the same words by --help, openapi.yaml, docs/fields.md and the
// console, and the first three list the same values.
func TestOptionsAreCalledAlike(t *testing.T) {
	t.Parallel()
	read := func(path string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	plain := func(text string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "")), " "))
	}
	var described struct {
		Components struct {
			Parameters map[string]struct {
				Name        string
				Description string
				Schema      struct {
					Ref  string `yaml:"$ref"`
					Enum []string
				}
			}
			Schemas map[string]struct{ Enum []string }
		}
	}
	if err := yaml.Unmarshal([]byte(read("intake/openapi.yaml")), &described); err != nil {
		t.Fatal(err)
	}
	openAPI, values := map[string]string{}, map[string][]string{}
	for _, p := range described.Components.Parameters {
		openAPI[p.Name] = plain(p.Description)
		values[p.Name] = p.Schema.Enum
		if p.Schema.Ref != "" {
			values[p.Name] = described.Components.Schemas[path.Base(p.Schema.Ref)].Enum
		}
	}
	page := strings.ReplaceAll(plain(read("docs/fields.md")), "|", "")
	var help []string
	eachCommand(func(c *cobra.Command, _ []string) {
		c.Flags().VisitAll(func(f *pflag.Flag) { help = append(help, f.Name+": "+plain(f.Usage)) })
	})
	for _, option := range importer.OptionsWithTerms() {
		term, flag := plain(importer.OptionTerm(option)), strings.ReplaceAll(option, "_", "-")
		if !strings.Contains(openAPI[option], term) {
			t.Errorf("openapi.yaml: %s is %q, want %q in it", option, openAPI[option], term)
		}
		if !strings.Contains(page, term) || !strings.Contains(page, option) {
			t.Errorf("docs/fields.md does not say %q of %s", term, option)
		}
		var usages []string
		for _, usage := range help {
			if text, is := strings.CutPrefix(usage, flag+": "); is && strings.Contains(text, term) {
				usages = append(usages, text)
			}
		}
		if len(usages) == 0 {
			t.Errorf("no --%s is described as %q", flag, term)
		}
		if option == "preset" { // its help names some products
			continue
		}
		for _, value := range values[option] {
			for _, usage := range usages {
				if !strings.Contains(usage, value) {
					t.Errorf("--%s does not name the value %s: %q", flag, value, usage)
				}
			}
			if !strings.Contains(page, value) {
				t.Errorf("docs/fields.md does not name the value %s of %s", value, option)
			}
		}
	}
	controls := regexp.MustCompile(`<(?:select|input)[^>]* name="([a-z_]+)"`)
	for _, name := range []string{"staged.html", "_layout.html"} {
		text := read("console/templates/" + name)
		for _, control := range controls.FindAllStringSubmatch(text, -1) {
			option := control[1]
			if slices.Contains([]string{"preset", "retry_rejects", "on_same_file"}, option) {
				continue // their labels say what these choices do
			}
			if importer.OptionTerm(option) != "" && !strings.Contains(text, `{{term "`+option+`"}}`) {
				t.Errorf("%s: the label of %s is not its term", name, option)
			}
		}
	}
}
