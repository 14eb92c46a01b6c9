package main

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// kind is a kind of finding.
type kind int

const (
	longLine kind = iota
	longComment
	longDocument
	longPage
	longSentence
	bareCode
	brokenLink
	bannedPhrase  // in a comment or a document
	bannedMessage // in a string of the program or a page's text
	kinds
)

var kindNames = [kinds]string{"long line", "long comment", "long document line", "long page", "long sentence",
	"code without a language", "link", "phrase", "phrase in a message"}

type finding struct {
	path string
	line int
	kind kind
	what string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.path, f.line, kindNames[f.kind], f.what)
}

type counts struct {
	comments int // comment lines
	of       [kinds]int
}

// report holds the findings of the tree, and their counts by directory.
type report struct {
	documents documents
	findings  []finding
	counts    map[string]*counts
	comments  map[string]int // comment lines by file
}

// checkTree checks all files of ours below the top of the tree.
func checkTree(tree fs.FS) (*report, error) {
	r := &report{counts: map[string]*counts{}, comments: map[string]int{}, documents: documents{tree: tree,
		anchors: map[string]map[string]bool{}, links: map[string][]string{}}}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if skipped(name) {
				return fs.SkipDir
			}
			return nil
		}
		if reader(name) == nil {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		r.checkFile(name, string(data))
		return nil
	})
	r.documents.checkLinks(func(name string, line int, k kind, what string) {
		r.findings = append(r.findings, finding{name, line, k, what})
		r.countsOf(name).of[k]++
	})
	return r, err
}

// skipped reports whether a directory holds nothing to check. Of testdata, its page is checked.
func skipped(dir string) bool {
	base := path.Base(dir)
	return base == ".git" || base == ".cache" || base == "dist" || base == "screenshots" ||
		base == "testdata" && dir != "testdata" || strings.HasPrefix(dir, "testdata/")
}

// countsOf returns the counts of a file's directory.
func (r *report) countsOf(name string) *counts {
	dir := path.Dir(name)
	if r.counts[dir] == nil {
		r.counts[dir] = &counts{}
	}
	return r.counts[dir]
}

func (r *report) checkFile(name, text string) {
	c := r.countsOf(name)
	add := func(line int, k kind, what string) {
		r.findings = append(r.findings, finding{name, line, k, what})
		c.of[k]++
	}
	parts := reader(name)(name, text)
	most, tooLong := maxLine, longLine
	if path.Ext(name) == ".md" {
		most, tooLong = maxText, longDocument
		r.documents.checkDocument(name, text, add)
	} else if !strings.HasPrefix(name, "internal/words/") {
		r.documents.noteMentions(name, text)
	}
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > most {
			add(i+1, tooLong, fmt.Sprintf("%d characters", n))
		}
	}
	for _, p := range parts {
		k := bannedPhrase
		switch p.role {
		case comment:
			c.comments += len(p.lines)
			r.comments[name] += len(p.lines)
			for _, l := range p.lines {
				if l.width > maxText {
					add(l.number, longComment, fmt.Sprintf("%d characters", l.width))
				}
			}
		case document, aside: // their lines were measured above
		case message:
			k = bannedMessage
		}
		for _, f := range p.phrases() {
			add(f.line, k, f.what)
		}
	}
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// phrases finds the banned phrases of a part. It looks at the lines as one text, because a phrase
// may be broken over two of them.
func (p part) phrases() []finding {
	var joined strings.Builder
	starts := make([]int, len(p.lines))
	for i, l := range p.lines {
		starts[i] = joined.Len()
		joined.WriteString(l.text + "\n")
	}
	text := joined.String()
	if p.role != message {
		text = codeSpan.ReplaceAllStringFunc(text, func(code string) string { return strings.Repeat("`", len(code)) })
	}
	var out []finding
	add := func(offset int, what string) {
		i, exact := slices.BinarySearch(starts, offset)
		if !exact {
			i--
		}
		out = append(out, finding{line: p.lines[i].number, what: what})
	}
	for _, at := range anyBanned.FindAllStringSubmatchIndex(text, -1) {
		if allowed.MatchString(text[at[0]:]) {
			continue
		}
		words := strings.Join(strings.Fields(text[at[0]:at[1]]), " ")
		for i, b := range banned {
			if at[2*(i+1)] >= 0 { // the group of this phrase has matched
				add(at[0], fmt.Sprintf("%q; write: %s", words, b.instead))
			}
		}
	}
	if p.ofFunction {
		if verb := functionVerbs.FindString(text); verb != "" {
			add(0, fmt.Sprintf("%q; write: returns, reports, parses", verb))
		}
	}
	return out
}

// directories returns the directories with checked files, sorted.
func (r *report) directories() []string {
	return slices.Sorted(maps.Keys(r.counts))
}

// within reports whether a path is one of the roots or below one of them. The root "." holds all.
func within(name string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return root == "." || name == root || strings.HasPrefix(name, root+"/")
	})
}
