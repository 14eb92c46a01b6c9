package importer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// shown quotes a client's text for a message, cut to a length that a person reads.
func shown(s string) string {
	const most = 60
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

func shownList(names []string) string {
	const most = 20
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == most {
			return strings.Join(quoted, ", ") + ", …"
		}
		quoted = append(quoted, shown(n))
	}
	return strings.Join(quoted, ", ")
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
