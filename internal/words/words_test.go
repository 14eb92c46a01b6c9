package main

import (
	"io"
	"os"
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
		{"code of a document", "a.md",
			"Text:\n\n    gives " + long + "\n\n```\ngives\n" + long + "\n```\nA `gives` B.\n", nil},
		{"second line of a list item", "a.md", "- one\n    gives two\n", []string{"2: phrase"}},
		{"table", "a.md", "| " + long + " | stands |\n", []string{"1: phrase"}},
		{"link", "a.md", "See [the page](https://example.com/" + long + ").\n", nil},
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
				line, _, _ := strings.Cut(strings.TrimPrefix(f.String(), test.file+":"), ": ")
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
	if err := run([]string{"./a/"}, tree, &out); err != nil {
		t.Fatal(err)
	}
	if want := "a/b/c.sql:1: phrase: \"gives\"; write: returns, shows, has\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if err := run(nil, fstest.MapFS{}, io.Discard); err != nil {
		t.Errorf("an empty tree: %v", err)
	}
}
