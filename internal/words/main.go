// Command words checks the text of the tree: the length of lines, and phrases that we do not use.
// Run it from the top of the tree:
//
//	go run ./internal/words             # the findings, and a table: one line per directory
//	go run ./internal/words store docs  # the findings in these directories, as file:line
//
// It fails if there are findings, as the test of this package does. The rules are in rules.go, and
// those of documents in document.go.
package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"text/tabwriter"
)

func main() {
	if err := run(os.Args[1:], os.DirFS("."), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(1)
	}
}

func run(directories []string, tree fs.FS, out io.Writer) error {
	r, err := checkTree(tree)
	if err != nil {
		return err
	}
	all := len(directories) == 0
	if all {
		directories = []string{"."}
	}
	found := 0
	for _, f := range r.findings {
		of := func(dir string) bool { return within(f.path, []string{path.Clean(dir)}) }
		if !slices.ContainsFunc(directories, of) || all && f.kind == longComment {
			continue // the test allows some long comments
		}
		found++
		fmt.Fprintln(out, f)
	}
	if all {
		if err := r.table(out); err != nil {
			return err
		}
	}
	if found > 0 {
		return fmt.Errorf("%d findings", found)
	}
	return nil
}

// table prints the counts of each directory, and their sum.
func (r *report) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "directory\tlines > %d\tcomment lines\t> %d\t%%\tdocument lines > %d\tpages\tsentences\tlinks\t"+
		"phrases\tin messages\t\n", maxLine, maxText, maxText)
	var sum counts
	row := func(name string, c counts) {
		share := 0.0
		if c.comments > 0 {
			share = 100 * float64(c.of[longComment]) / float64(c.comments)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, c.of[longLine], c.comments,
			c.of[longComment], share, c.of[longDocument], c.of[longPage]+c.of[bareCode], c.of[longSentence],
			c.of[brokenLink], c.of[bannedPhrase], c.of[bannedMessage])
	}
	for _, dir := range r.directories() {
		c := r.counts[dir]
		row(dir, *c)
		sum.comments += c.comments
		for k := range sum.of {
			sum.of[k] += c.of[k]
		}
	}
	row("all", sum)
	return w.Flush()
}
