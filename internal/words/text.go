package main

import (
	"go/scanner"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"taskport/internal/markdown"
)

// role says what a part of a file is.
type role int

const (
	comment  role = iota
	aside         // a comment behind code, whose length counts as that of its line
	document      // a paragraph of a document
	message       // a string of the program, or text of a page
)

// part is a run of lines with text: a comment, a paragraph, a string.
type part struct {
	role       role
	lines      []textLine
	ofFunction bool // the doc comment of a function
}

type textLine struct {
	number int
	text   string // without the marks of a comment
	width  int    // of the whole line in the file; 0 where its length does not count
}

// reader returns the function that takes a file apart, or nil for a file that is not checked.
func reader(name string) func(name, text string) []part {
	switch path.Ext(name) {
	case ".go":
		return goParts
	case ".md":
		return markdownParts
	case ".sql":
		return markedBy("--")
	case ".js":
		return markedBy("//")
	case ".css":
		return markedBy("/*")
	case ".yaml", ".yml":
		if path.Base(name) == "openapi.yaml" {
			return openAPIParts
		}
		return markedBy("#")
	case ".html":
		return htmlParts
	case ".s":
		return markedBy("//")
	}
	switch path.Base(name) {
	case "Makefile", "Dockerfile", "run":
		return markedBy("#")
	}
	return nil
}

// goParts returns the comments of a Go file and, unless it is a test, its strings.
func goParts(name, text string) []part {
	var out []part
	lines := strings.Split(text, "\n")
	files := token.NewFileSet()
	file := files.AddFile(name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	last := -1 // the part of the comment right above, which may be continued
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return out
		}
		at := file.Position(pos)
		switch tok {
		case token.COMMENT:
			if strings.HasPrefix(literal, "//go:") || strings.HasPrefix(literal, "//nolint") {
				continue
			}
			p := part{role: comment}
			if strings.TrimSpace(lines[at.Line-1][:at.Column-1]) != "" {
				p.role = aside
			}
			for i, l := range strings.Split(literal, "\n") {
				whole := strings.TrimSuffix(lines[at.Line-1+i], "\r")
				l = strings.TrimSpace(strings.TrimSuffix(strings.TrimLeft(l, "/*"), "*/"))
				p.lines = append(p.lines, textLine{at.Line + i, l, utf8.RuneCountInString(whole)})
			}
			if last >= 0 && p.role == comment && out[last].role == comment && out[last].end()+1 == at.Line {
				out[last].lines = append(out[last].lines, p.lines...)
				continue
			}
			out = append(out, p)
			last = len(out) - 1
		case token.STRING:
			value, err := strconv.Unquote(literal)
			if err == nil && !strings.HasSuffix(name, "_test.go") && name != rulesFile && strings.Contains(value, " ") {
				out = append(out, textPart(message, at.Line, value))
			}
		case token.FUNC:
			if last >= 0 && at.Column == 1 && out[last].end()+1 == at.Line {
				out[last].ofFunction = true
			}
		default: // the rest of the code
		}
	}
}

func (p part) end() int { return p.lines[len(p.lines)-1].number }

func textPart(r role, line int, text string) part {
	p := part{role: r}
	for i, l := range strings.Split(text, "\n") {
		p.lines = append(p.lines, textLine{number: line + i, text: l})
	}
	return p
}

// markedBy returns a reader of files whose comment lines begin with a mark.
func markedBy(mark string) func(string, string) []part {
	return func(_, text string) []part {
		var out []part
		var open part
		end := func() {
			if len(open.lines) > 0 {
				out = append(out, open)
			}
			open = part{role: comment}
		}
		end()
		inside := false // a comment of several lines between /* and */
		for i, line := range strings.Split(text, "\n") {
			bare := strings.TrimSpace(line)
			if !inside && !strings.HasPrefix(bare, mark) || strings.HasPrefix(bare, "#!") {
				end()
				continue
			}
			if mark == "/*" {
				inside = !strings.Contains(bare, "*/")
				bare, _, _ = strings.Cut(bare, "*/")
			}
			bare = strings.TrimSpace(strings.TrimLeft(bare, mark))
			open.lines = append(open.lines, textLine{i + 1, bare, utf8.RuneCountInString(line)})
		}
		end()
		return out
	}
}

// linkTarget is the target of a link, which is not text.
var linkTarget = regexp.MustCompile(`\]\([^)]*\)`)

// markdownParts returns the paragraphs of a document, without its code.
func markdownParts(_, text string) []part {
	var out []part
	for _, b := range markdown.Blocks(text) {
		switch b.Kind {
		case markdown.Fence, markdown.Indented, markdown.Definition:
			continue
		default:
			out = append(out, textPart(document, b.Line, linkTarget.ReplaceAllString(strings.Join(b.Lines, "\n"), "]")))
		}
	}
	return out
}

// namesOfAPI matches the names that clients use: members, schemas, code.
var namesOfAPI = regexp.MustCompile("^ *[\\w-]+:(?: |$)|#/components/[\\w/-]+|`[^`]*`")

// openAPIParts returns the comments and the lines of the API's description without its names: most
// of them are text.
func openAPIParts(name, text string) []part {
	out := markedBy("#")(name, text)
	for i, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			out = append(out, textPart(document, i+1, namesOfAPI.ReplaceAllString(line, " ")))
		}
	}
	return out
}

var notText = regexp.MustCompile(`(?s)\{\{.*?\}\}|<!--.*?-->|<[^>]*>`)

// htmlParts returns the text of a page's template, without tags and actions.
func htmlParts(_, text string) []part {
	text = notText.ReplaceAllStringFunc(text, func(mark string) string {
		return strings.Repeat("\n", strings.Count(mark, "\n")) + " "
	})
	return []part{textPart(message, 1, text)}
}
