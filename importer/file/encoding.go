package file

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The encodings that are detected.
const (
	encodingUTF8    = "utf-8"
	encodingUTF16LE = "utf-16le"
	encodingUTF16BE = "utf-16be"
	encodingWindows = "windows-1252"
)

// encodings are the supported encodings, by their IANA names; utf-8 needs no decoder. The index of
// encodings in golang.org/x/text (htmlindex) is not used: it reads iso-8859-1 and us-ascii as
// windows-1252, does not have ansi or latin-1, and makes the program 0.6 MB larger.
var encodings = map[string]encoding.Encoding{
	encodingUTF8:    nil,
	encodingUTF16LE: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	encodingUTF16BE: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	encodingWindows: charmap.Windows1252,
	"iso-8859-1":    charmap.ISO8859_1,
	"iso-8859-2":    charmap.ISO8859_2,
	"iso-8859-15":   charmap.ISO8859_15,
	"windows-1250":  charmap.Windows1250,
	"windows-1251":  charmap.Windows1251,
	"macintosh":     charmap.Macintosh,
}

// encodingAliases are other names that people and programs use.
var encodingAliases = map[string]string{
	"utf8": encodingUTF8, "us-ascii": encodingUTF8, "ascii": encodingUTF8, "utf16le": encodingUTF16LE,
	"utf16be": encodingUTF16BE, "utf-16": encodingUTF16LE,
	"utf16": encodingUTF16LE, "cp1252": encodingWindows, "1252": encodingWindows, "ansi": encodingWindows,
	"latin1": "iso-8859-1", "latin-1": "iso-8859-1",
	"iso8859-1": "iso-8859-1", "latin9": "iso-8859-15", "latin-9": "iso-8859-15", "latin2": "iso-8859-2",
	"cp1250": "windows-1250", "cp1251": "windows-1251",
	"mac-roman": "macintosh",
}

// CheckEncoding returns the canonical name of an encoding, or an *Error that lists the supported
// ones. Empty stays empty: the encoding is then detected.
func CheckEncoding(named string) (string, error) {
	name := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(named)), "_", "-")
	if alias, ok := encodingAliases[name]; ok {
		name = alias
	}
	if _, ok := encodings[name]; !ok && name != "" {
		return "", &Error{Field: "encoding", Message: fmt.Sprintf("%s is not a supported encoding; choose one of %s",
			Shown(named), strings.Join(encodingNames(), ", "))}
	}
	return name, nil
}

func encodingNames() []string {
	names := make([]string, 0, len(encodings))
	for name := range encodings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// marks are the byte order marks, with the encodings that they indicate.
var marks = []struct{ mark, encoding string }{{"\xEF\xBB\xBF", encodingUTF8}, {"\xFF\xFE", encodingUTF16LE},
	{"\xFE\xFF", encodingUTF16BE}}

func markOf(head []byte) (mark, encoding string) {
	for _, m := range marks {
		if strings.HasPrefix(string(head[:min(len(head), len(m.mark))]), m.mark) {
			return m.mark, m.encoding
		}
	}
	return "", ""
}

// guessUTF16 detects UTF-16 without a mark. Its ASCII characters, at least line ends and
// delimiters, have a NUL on one side and hardly any on the other.
func guessUTF16(head []byte) string {
	var nul [2]int
	for i, b := range head {
		if b == 0 {
			nul[i%2]++
		}
	}
	pairs := len(head) / 2
	enough := max(3, pairs/16)
	switch {
	case nul[1] >= enough && nul[0] <= nul[1]/20:
		return encodingUTF16LE
	case nul[0] >= enough && nul[1] <= nul[0]/20:
		return encodingUTF16BE
	}
	return ""
}
