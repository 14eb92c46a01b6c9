package file

import (
	"fmt"
	"strconv"
)

// maxSkipLines is how many lines may stand above the header.
const maxSkipLines = 1000

// CheckSkipLines returns an *Error where n is not a number of lines that may be above the header;
// nil is not a number yet.
func CheckSkipLines(n *int) error {
	if n != nil && (*n < 0 || *n > maxSkipLines) {
		return &Error{Message: fmt.Sprintf("it must be a number from 0 to %d", maxSkipLines)}
	}
	return nil
}

// ReadSkipLines reads how many lines stand above the header; nil for an empty text: it is then
// detected. The error is that of CheckSkipLines.
func ReadSkipLines(text string) (*int, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nothing was asked for
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = -1
	}
	return &n, CheckSkipLines(&n)
}

// DelimiterNamed allows names for the delimiters that are hard to write in a form, a URL or a
// shell.
func DelimiterNamed(s string) string {
	if named := map[string]string{"tab": "\t", `\t`: "\t", "comma": ",", "semicolon": ";"}[s]; named != "" {
		return named
	}
	return s
}
