// Package markdown takes documents apart for the checks of their text and the tests that run their
// commands. It reads the part of Markdown that our documents use.
package markdown

import (
	"regexp"
	"strings"
	"unicode"
)

// Kind is the kind of a block.
type Kind int

// The kinds of blocks. A row of a table is a block of its own, and so is an item of a list.
const (
	Paragraph Kind = iota
	Item
	Heading
	Row
	Fence      // code between two lines of ```
	Indented   // code that is indented by four spaces
	HTML       // a line that begins with a tag or a comment
	Definition // [name]: target
)

// Block is a run of lines.
type Block struct {
	Kind  Kind
	Line  int      // of the first line, from 1; of a fence, the line of its ```
	Lines []string // as in the file; of a fence, without its ``` and what is before them
	Info  string   // behind the ``` of a fence
	inset string   // before the ``` of a fence
}

// Text returns the lines as one, without the marks of headings, items and quotes.
func (b Block) Text() string {
	words := strings.Fields(strings.Join(b.Lines, " "))
	text := strings.Join(words, " ")
	switch b.Kind {
	case Heading:
		return strings.TrimSpace(strings.TrimLeft(text, "#"))
	case Item:
		return strings.TrimSpace(itemMark.ReplaceAllString(text, ""))
	default:
		return strings.TrimPrefix(text, "> ")
	}
}

var (
	itemMark   = regexp.MustCompile(`^\s*(?:[-*+]|\d+\.)\s`)
	definition = regexp.MustCompile(`^\[[^\]]+\]:\s`)
	linkOf     = regexp.MustCompile(`\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
	marks      = strings.NewReplacer("`", "", "*", "")
)

// Blocks returns the blocks of a document in their order.
func Blocks(text string) []Block {
	var out []Block
	var open *Block // which the next line may continue
	add := func(kind Kind, line int, text string) *Block {
		out = append(out, Block{Kind: kind, Line: line, Lines: []string{text}})
		return &out[len(out)-1]
	}
	fenced, blank, inList := false, true, false
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "```") {
			if fenced = !fenced; fenced {
				inset, _, _ := strings.Cut(line, "`")
				out = append(out, Block{Kind: Fence, Line: i + 1, Info: strings.TrimLeft(bare, "`"), inset: inset})
			}
			open, blank = nil, true
			continue
		}
		kind := kindOf(line, bare)
		switch {
		case fenced:
			b := &out[len(out)-1]
			b.Lines = append(b.Lines, strings.TrimPrefix(line, b.inset))
			continue
		case bare == "":
			open = nil
		case strings.HasPrefix(line, "    ") && blank && !inList:
			add(Indented, i+1, line)
		case kind == Paragraph && open != nil:
			open.Lines = append(open.Lines, line)
		default:
			open = add(kind, i+1, line)
			if kind != Paragraph && kind != Item {
				open = nil
			}
			inList = kind == Item || inList && strings.HasPrefix(line, " ")
		}
		blank = bare == ""
	}
	return out
}

func kindOf(line, bare string) Kind {
	switch {
	case strings.HasPrefix(line, "#"):
		return Heading
	case strings.HasPrefix(bare, "|"):
		return Row
	case strings.HasPrefix(bare, "<"):
		return HTML
	case definition.MatchString(line):
		return Definition
	case itemMark.MatchString(line):
		return Item
	}
	return Paragraph
}

// Anchors returns the anchors of the headings of a document, as the usual forges make them.
func Anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, b := range Blocks(text) {
		if b.Kind != Heading {
			continue
		}
		heading := marks.Replace(linkOf.ReplaceAllString(b.Text(), "$1"))
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, heading)
		out[anchor] = true
	}
	return out
}
