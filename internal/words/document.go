package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"taskport/internal/markdown"
)

// The limits of a document.
const (
	maxPage     = 300 // lines
	maxSentence = 35  // words
	maxMedian   = 14  // words of the sentence in the middle of a page
	minCounted  = 5   // sentences that a page has at least for its median to count
)

// documents holds the documents of the tree, and what the files say of them.
type documents struct {
	tree     fs.FS
	anchors  map[string]map[string]bool // by the path of the document
	links    map[string][]string        // the documents and files that a document links to
	mentions []mention
}

// mention is a document named in a file that is not a document.
type mention struct {
	path, target string
	line         int
}

var mentioned = regexp.MustCompile(`\b(?:docs/[\w.-]+\.(?:md|txt)|` +
	`(?:README|CONTRIBUTING|SECURITY|CHANGELOG)\.md)(?:#[\w-]+)?`)

// noteMentions collects the documents that a line of code or text names by their path from the top
// of the tree.
func (d *documents) noteMentions(name, text string) {
	for i, line := range strings.Split(text, "\n") {
		for _, target := range mentioned.FindAllString(line, -1) {
			if strings.HasPrefix(target, "docs/") || !strings.Contains(line, "/"+target) {
				d.mentions = append(d.mentions, mention{name, target, i + 1})
			}
		}
	}
}

// checkDocument checks the text of a document. Its links are checked by checkLinks, once the whole
// tree has been read.
func (d *documents) checkDocument(name, text string, add func(line int, k kind, what string)) {
	d.anchors[name] = markdown.Anchors(text)
	if lines := strings.Count(text, "\n"); lines > maxPage {
		add(lines, longPage, fmt.Sprintf("%d lines, at most %d", lines, maxPage))
	}
	var lengths []int
	for _, b := range markdown.Blocks(text) {
		switch b.Kind {
		case markdown.Indented:
			add(b.Line, bareCode, "put code between lines of ```, and say which it is")
		case markdown.Fence:
			if b.Info == "" {
				add(b.Line, bareCode, "say which code it is: ```sh, http, text")
			}
		case markdown.Paragraph, markdown.Item, markdown.Row:
			texts := []string{b.Text()}
			if b.Kind == markdown.Row {
				texts = strings.Split(b.Text(), "|") // cells are too short to count for the median
			}
			for _, t := range texts {
				for _, sentence := range sentences(t) {
					n := len(strings.Fields(sentence))
					if n > maxSentence {
						add(b.Line, longSentence, fmt.Sprintf("%d words: %.60s…", n, sentence))
					}
					if b.Kind != markdown.Row {
						lengths = append(lengths, n)
					}
				}
			}
		case markdown.Heading, markdown.HTML, markdown.Definition: // are not sentences
		}
	}
	if m := median(lengths); len(lengths) >= minCounted && m > maxMedian {
		add(1, longSentence, fmt.Sprintf("the median is %d words, at most %d", m, maxMedian))
	}
	d.links[name] = d.linksOf(name, text, add)
}

func median(lengths []int) int {
	if len(lengths) == 0 {
		return 0
	}
	slices.Sort(lengths)
	return lengths[len(lengths)/2]
}

var (
	// sentenceEnd is the end of a sentence: its mark, perhaps closed by quotes, and a space behind.
	sentenceEnd  = regexp.MustCompile("[.!?][\"')*]*\\s+")
	abbreviation = regexp.MustCompile(`(?:\b(?:Dr|Prof|Mr|Ms|Mrs|Jr|Sr|St|No|vs|e\.g|i\.e|etc|approx)|\b[A-Z])\.$`)
	inlineLink   = regexp.MustCompile(`!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
)

// sentences returns the sentences of a text. A piece of code counts as one word, and a link as its
// text.
func sentences(text string) []string {
	text = codeSpan.ReplaceAllString(text, "CODE")
	text = inlineLink.ReplaceAllString(text, "$1")
	var out []string
	begin := 0
	for _, end := range sentenceEnd.FindAllStringIndex(text, -1) {
		if abbreviation.MatchString(strings.TrimSpace(text[begin:end[1]])) {
			continue
		}
		out = append(out, text[begin:end[1]])
		begin = end[1]
	}
	if rest := text[begin:]; strings.TrimSpace(rest) != "" {
		out = append(out, rest)
	}
	return out
}

var (
	targets  = regexp.MustCompile(`\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)|(?:src|srcset|href)="([^"]+)"`)
	external = regexp.MustCompile(`^(?:https?|mailto):`)
	named    = regexp.MustCompile(`\]\[([^\]]+)\]`)
)

// linksOf returns the targets of a document's links in the tree, with their anchors, as paths from
// its top.
func (d *documents) linksOf(name, text string, add func(line int, k kind, what string)) []string {
	var out []string
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		line = codeSpan.ReplaceAllString(line, "")
		for _, found := range named.FindAllStringSubmatch(line, -1) {
			if !strings.Contains(text, "\n["+found[1]+"]: ") {
				add(i+1, brokenLink, "["+found[1]+"] is not defined")
			}
		}
		for _, found := range targets.FindAllStringSubmatch(line, -1) {
			target := found[1] + found[2] + found[3]
			if external.MatchString(target) {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			if file == "" {
				file = path.Base(name)
			}
			target = path.Join(path.Dir(name), file)
			if anchor != "" {
				target += "#" + anchor
			}
			out = append(out, target)
			d.mentions = append(d.mentions, mention{name, target, i + 1})
		}
	}
	return out
}

// checkLinks checks the links of documents and the documents that other files name. Each document
// and each file of docs must be linked to, in steps, from the README.
func (d *documents) checkLinks(add func(name string, line int, k kind, what string)) {
	for _, m := range d.mentions {
		file, anchor, _ := strings.Cut(m.target, "#")
		if _, err := fs.Stat(d.tree, file); err != nil {
			add(m.path, m.line, brokenLink, file+" does not exist")
		} else if anchor != "" && d.anchors[file] != nil && !d.anchors[file][anchor] {
			add(m.path, m.line, brokenLink, "no heading of "+file+" is #"+anchor)
		}
	}
	reached := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if reached[name] {
			return
		}
		reached[name] = true
		for _, target := range d.links[name] {
			file, _, _ := strings.Cut(target, "#")
			follow(file)
		}
	}
	const first = "README.md"
	follow(first)
	if d.anchors[first] == nil {
		return // a part of a tree
	}
	_ = fs.WalkDir(d.tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if err == nil && skipped(name) && path.Base(name) != "screenshots" {
				return fs.SkipDir
			}
			return err
		}
		if (strings.HasPrefix(name, "docs/") || path.Ext(name) == ".md") && !reached[name] {
			add(name, 1, brokenLink, "no document links to it")
		}
		return nil
	})
}
