package importer

import (
	"strconv"

	"taskport/importer/file"
)

// shown quotes a text of the client for a message.
func shown(s string) string { return file.Shown(s) }

// shownList quotes the first of several texts.
func shownList(texts []string) string { return file.ShownList(texts) }

// counted returns a number with its noun: 1 row, 2 rows.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
