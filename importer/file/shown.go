package file

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Shown quotes a client's text for a message, cut to a readable length.
func Shown(s string) string {
	const most = 60
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// ShownList quotes the first few texts of a list.
func ShownList(names []string) string {
	const most = 20
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == most {
			return strings.Join(quoted, ", ") + ", …"
		}
		quoted = append(quoted, Shown(n))
	}
	return strings.Join(quoted, ", ")
}
