package console

import (
	"net/url"
	"strconv"

	"github.com/google/uuid"
)

// deadLetterPath leads to a dead letter.
func deadLetterPath(importID uuid.UUID, row int, w walk) string {
	return importPath(importID) + "/rows/" + strconv.Itoa(row) + w.suffix()
}

// walk says in which order an operator goes through the dead letters: by groups, or by rows that
// pass a filter.
type walk struct {
	ByGroup bool
	At      int // of the groups
	Filter  filter
}

func readWalk(q url.Values) walk {
	w := walk{ByGroup: q.Get("by") == "group", Filter: readFilter(q)}
	if at, err := strconv.Atoi(q.Get("at")); err == nil && at >= 0 {
		w.At = at
	}
	return w
}

// Query returns the walk for the address of a page.
func (w walk) Query() string {
	if w.ByGroup {
		return url.Values{"by": {"group"}, "at": {strconv.Itoa(w.At)}}.Encode()
	}
	return w.Filter.Query()
}

// The ways from the page, each whole: a template that puts a query behind a path escapes it once
// more.

// Path leads to the page itself.
func (p *deadLetterPage) Path() string { return deadLetterPath(p.ID, p.Row, p.Walk) }

// SkipPath leads past the row.
func (p *deadLetterPage) SkipPath() string {
	return deadLetterPath(p.ID, p.Row, walk{}) + "/skip" + p.Walk.suffix()
}

// ListPath leads back to where the row stands in the list.
func (p *deadLetterPage) ListPath() string { return p.Walk.List(p.ID, p.Row) }

// List leads back to where a row stands in the list.
func (w walk) List(importID uuid.UUID, row int) string {
	anchor := "#row-" + strconv.Itoa(row)
	if w.ByGroup {
		return importPath(importID) + "/groups" + anchor
	}
	return importPath(importID) + w.suffix() + anchor
}

func (w walk) suffix() string {
	if q := w.Query(); q != "" {
		return "?" + q
	}
	return ""
}
