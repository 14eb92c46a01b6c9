package console

import (
	"net/url"
	"strconv"

	"github.com/google/uuid"
)

// deadLetterPath returns the path of a dead letter.
func deadLetterPath(importID uuid.UUID, row int, w walk) string {
	return importPath(importID) + "/rows/" + strconv.Itoa(row) + w.suffix()
}

// walk is the order in which an operator goes through the dead letters: by groups, or by rows that
// match a filter.
type walk struct {
	ByGroup bool
	At      int // index of the group
	Filter  filter
}

func readWalk(q url.Values) walk {
	w := walk{ByGroup: q.Get("by") == "group", Filter: readFilter(q)}
	if at, err := strconv.Atoi(q.Get("at")); err == nil && at >= 0 {
		w.At = at
	}
	return w
}

// Query returns the walk as the query of a URL.
func (w walk) Query() string {
	if w.ByGroup {
		return url.Values{"by": {"group"}, "at": {strconv.Itoa(w.At)}}.Encode()
	}
	return w.Filter.Query()
}

// The links of the page are complete, because a template would escape a query once more.

// Path returns the path of the page itself.
func (p *deadLetterPage) Path() string { return deadLetterPath(p.ID, p.Row, p.Walk) }

// SkipPath returns the path that redirects to the next row.
func (p *deadLetterPage) SkipPath() string {
	return deadLetterPath(p.ID, p.Row, walk{}) + "/skip" + p.Walk.suffix()
}

// ListPath returns the path of the row in its list.
func (p *deadLetterPage) ListPath() string { return p.Walk.List(p.ID, p.Row) }

// List returns the path of a row in the list of the walk.
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
