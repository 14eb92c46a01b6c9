package importer

import (
	"strconv"

	"taskport/importer/file"
)

// shown quotes a client's text for a message.
func shown(s string) string { return file.Shown(s) }

// shownList quotes the first of many texts.
func shownList(texts []string) string { return file.ShownList(texts) }

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
