package importer

import (
	"fmt"
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

// Percent returns a share in percent; it rounds neither a few to 0 nor all but a few to 100.
func Percent(share float64) string {
	switch {
	case share > 0 && share < 0.01:
		return "<1 %"
	case share > 0.99 && share < 1:
		return ">99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
