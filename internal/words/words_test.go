package main

import (
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// TestTheTreeIsClean fails for each finding outside notYetClean. With -v it prints the counts of
// all directories.
func TestTheTreeIsClean(t *testing.T) {
	t.Parallel()
	r, err := checkTree(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := r.table(&table); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	if len(r.counts) < 10 {
		t.Fatalf("%d directories were checked, want the whole tree", len(r.counts))
	}
	long, dirty := 0, map[string]bool{}
	for _, f := range r.findings {
		known := false
		for _, entry := range notYetClean {
			if within(f.path, []string{entry}) {
				known, dirty[entry] = true, true
			}
		}
		switch {
		case known:
		case f.kind == longComment:
			long++
			t.Log(f)
		default:
			t.Error(f)
		}
	}
	comments := 0
	for name, n := range r.comments {
		if !within(name, notYetClean) {
			comments += n
		}
	}
	if long*100 > comments*maxLongComments {
		t.Errorf("%d of %d comment lines are longer than %d, want at most %d %%", long, comments, maxText, maxLongComments)
	}
	for _, entry := range notYetClean {
		if !dirty[entry] {
			t.Logf("%s has no findings: take it out of notYetClean", entry)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 101)
	for _, test := range []struct {
		name, file, text string
		want             []string // the findings, without the file
	}{
		{"clean", "a.go", "package a\n\n// A returns a number.\nfunc A() int { return 1 }\n", nil},
		{"line", "a.go", "package a\n\nvar A = `" + long + long + "`\n", []string{"3: long line"}},
		{"characters are counted, not bytes", "a.go", "package a\n\nvar A = `" + strings.Repeat("ü", 110) + "`\n", nil},
		{"comment", "a.go", "package a\n\n// " + long + "\nvar A = 1\n", []string{"3: long comment"}},
		{"comment behind code", "a.go", "package a\n\nvar A = 1 // " + strings.Repeat("x", 95) + "\n", nil},
		{"phrase", "a.go", "package a\n\n// A gives a number.\nfunc A() int { return 1 }\n", []string{"3: phrase"}},
		{"phrase behind code", "a.go", "package a\n\nvar A = 1 // stands here\n", []string{"3: phrase"}},
		{"phrase over two lines", "a.go", "package a\n\n// B C.\n// A is\n// no B.\nvar A = 1\n", []string{"4: phrase"}},
		{"phrase that is allowed", "a.go", "package a\n\n// A is no longer B, and forgives.\nvar A = 1\n", nil},
		{"phrase in code", "a.go", "package a\n\nvar gives, stands = 1, 2\n", nil},
		{"verb of a function", "a.go", "package a\n\n// A tells the number.\nfunc A() {}\n", []string{"3: phrase"}},
		{"verb of a variable", "a.go", "package a\n\n// A tells the number.\nvar A = 1\n", nil},
		{"message", "a.go", "package a\n\nvar A = \"there is no file\"\n", []string{"3: phrase in a message"}},
		{"string of a test", "a_test.go", "package a\n\nvar A = \"there is no file\"\n", nil},
		{"directive", "a.go", "package a\n\n//go:embed " + strings.Repeat("x", 95) + "\nvar A string\n", nil},
		{"document", "a.md", "Text.\n\n" + long + "\n", []string{"3: long document line"}},
		{"code of a document", "a.md", "```sh\ngives\n```\nA `gives` B.\n", nil},
		{"long line of code", "a.md", "```sh\n" + long + "\n```\n", []string{"2: long document line"}},
		{"code without a language", "a.md", "A:\n\n    a\n\n```\nb\n```\n", []string{"3: code without a language",
			"5: code without a language"}},
		{"second line of a list item", "a.md", "- one\n    gives two\n", []string{"2: phrase"}},
		{"table", "a.md", "| " + long + " | stands |\n", []string{"1: long document line", "1: phrase"}},
		{"sentence", "a.md", strings.Repeat("a ", 35) + "b.\n", []string{"1: long sentence"}},
		{"sentences", "a.md", strings.Repeat("a ", 34) + "b. And\n" + strings.Repeat("a ", 33) + "\n`c d`.\n", nil},
		{"sentence after an abbreviation", "a.md", strings.Repeat("a ", 20) + "Dr. " + strings.Repeat("a ", 15) + "b.\n",
			[]string{"1: long sentence"}},
		{"sentence of items", "a.md", "- " + strings.Repeat("a ", 20) + "\n- " + strings.Repeat("a ", 20) + "\n", nil},
		{"sentence of a cell", "a.md", "| a | " + strings.Repeat("a ", 36) + "|\n", []string{"1: long sentence"}},
		{"median", "a.md", strings.Repeat(strings.Repeat("a ", 14)+"b.\n", 5), []string{"1: long sentence"}},
		{"page", "a.md", strings.Repeat("a\n", 301), []string{"301: long page", "1: long sentence"}},
		{"link", "a.md", "See [the page](https://example.com/a), [a], [b](a.md#c-d) and [c][d].\n\n## C: `d`!\n\n" +
			"[d]: a.md\n", nil},
		{"link to nothing", "a.md", "See [the page](b.md) and [c][d].\n", []string{"1: link", "1: link"}},
		{"picture of nothing", "a.md", "<img src=\"b.png\">\n", []string{"1: link"}},
		{"anchor of nothing", "docs/a.md", "See [b](#b) and [c](../docs/a.md#c).\n\n# B\n", []string{"1: link"}},
		{"page that code names", "a.go", "package a\n\n// A is in docs/a.md.\nvar A = 1\n", []string{"3: link"}},
		{"styles", "a.css", "/* One\n   gives " + long + " */\na { b: c }\n", []string{"2: long comment", "2: phrase"}},
		{"statements", "a.sql", "-- gives\nSELECT 1; \n", []string{"1: phrase"}},
		{"page", "a.html", "<p>\n{{if gives}}\n<b>stands</b> here</p>\n", []string{"3: phrase in a message"}},
		{"API", "openapi.yaml", "a: 1\ndescription: It gives B.\n", []string{"2: phrase"}},
		{"data", "a/testdata/a.go", "package a\n\n// gives\n", nil},
		{"not ours", "a.txt", "gives\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := checkTree(fstest.MapFS{test.file: {Data: []byte(test.text)}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.findings {
				line := strconv.Itoa(f.line)
				got = append(got, line+": "+kindNames[f.kind])
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRunPrintsTheFindingsOfADirectory(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"a/b/c.sql": {Data: []byte("-- gives\n")},
		"ab/c.sql":  {Data: []byte("-- stands\n")},
	}
	var out strings.Builder
	if err := run([]string{"./a/"}, tree, &out); err == nil {
		t.Error("no error in spite of a finding")
	}
	if want := "a/b/c.sql:1: phrase: \"gives\"; write: returns, shows, has\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if err := run(nil, fstest.MapFS{}, io.Discard); err != nil {
		t.Errorf("an empty tree: %v", err)
	}
}

// A page that no other page leads to is reported.
func TestPagesAreReachedFromTheREADME(t *testing.T) {
	t.Parallel()
	r, err := checkTree(fstest.MapFS{
		"README.md":               {Data: []byte("[a](docs/a.md)\n")},
		"docs/a.md":               {Data: []byte("[b](b.md)\n")},
		"docs/b.md":               {Data: []byte("![c](screenshots/c.png)\n")},
		"docs/screenshots/c.png":  {},
		"docs/screenshots/no.png": {},
		"docs/no.md":              {Data: []byte("[a](a.md)\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.findings {
		got = append(got, f.String())
	}
	want := []string{"docs/no.md:1: link: no document links to it",
		"docs/screenshots/no.png:1: link: no document links to it"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
