package file

import (
	"fmt"
	"strconv"
)

// maxSkipLines is the most lines above the header.
const maxSkipLines = 1000

// CheckSkipLines returns an *Error if n is not a valid number of lines above the header; nil is
// valid.
func CheckSkipLines(n *int) error {
	if n != nil && (*n < 0 || *n > maxSkipLines) {
		return &Error{Message: fmt.Sprintf("it must be a number from 0 to %d", maxSkipLines)}
	}
	return nil
}

// ReadSkipLines parses the number of lines above the header. It returns nil for an empty text: the
// number is then detected. The error is that of CheckSkipLines.
func ReadSkipLines(text string) (*int, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nothing is set
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = -1
	}
	return &n, CheckSkipLines(&n)
}

// DelimiterNamed returns the delimiter for a name that is easier to write in a form, a URL or a
// shell, and any other text unchanged.
func DelimiterNamed(s string) string {
	if named := map[string]string{"tab": "\t", `\t`: "\t", "comma": ",", "semicolon": ";"}[s]; named != "" {
		return named
	}
	return s
}
