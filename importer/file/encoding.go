package file

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// The encodings that are recognized without statistics.
const (
	encodingUTF8    = "utf-8"
	encodingUTF16LE = "utf-16le"
	encodingUTF16BE = "utf-16be"
	encodingUTF32LE = "utf-32le"
	encodingUTF32BE = "utf-32be"
	encoding2022JP  = "iso-2022-jp"
	encodingWindows = "windows-1252"
)

// encodings are the supported encodings, by their IANA names; utf-8 needs no decoder. The index of
// encodings in golang.org/x/text (htmlindex) is not used: it reads iso-8859-1 and us-ascii as
// windows-1252, and does not have ansi, latin-1 or the DOS code pages.
var encodings = func() map[string]encoding.Encoding {
	all := map[string]encoding.Encoding{
		encodingUTF8:    nil,
		encodingUTF16LE: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		encodingUTF16BE: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		encodingUTF32LE: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
		encodingUTF32BE: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
		encoding2022JP:  japanese.ISO2022JP,
		"gbk":           simplifiedchinese.GBK,
		"iso-8859-1":    charmap.ISO8859_1,
	}
	for _, c := range detectable {
		all[c.name] = c.encoding
	}
	return all
}()

// rare is for an encoding that hardly any program writes: it is chosen only where nothing else
// fits.
const rare = -3

type detectableEncoding struct {
	name      string
	encoding  encoding.Encoding
	languages string
	usual     float64
}

// detectable are the encodings that statistics distinguish, with the languages that are written in
// them and how usual they are in exports, as a logarithm.
var detectable = []detectableEncoding{
	{encodingWindows, charmap.Windows1252, "de fr es pt it nl da sv nb fi is ca sq ga cy", 4},
	{"windows-1250", charmap.Windows1250, "pl cs sk hu sl hr ro sq de", 1},
	{"windows-1251", charmap.Windows1251, "ru uk bg sr mk be", 1},
	{"windows-1253", charmap.Windows1253, "el", 1},
	{"windows-1254", charmap.Windows1254, "tr de fr", 1},
	{"windows-1255", charmap.Windows1255, "he", 1},
	{"windows-1256", charmap.Windows1256, "ar fa fr", 1},
	{"windows-1257", charmap.Windows1257, "lt lv et pl de", -1},
	{"windows-1258", charmap.Windows1258, "vi fr", 0},
	{"windows-874", charmap.Windows874, "th", 1},
	{"iso-8859-2", charmap.ISO8859_2, "pl cs sk hu sl hr ro sq de", -1},
	{"iso-8859-3", charmap.ISO8859_3, "mt eo tr", -2},
	{"iso-8859-4", charmap.ISO8859_4, "lt lv et", -2},
	{"iso-8859-5", charmap.ISO8859_5, "ru uk bg sr mk be", -1},
	{"iso-8859-6", charmap.ISO8859_6, "ar", -1},
	{"iso-8859-7", charmap.ISO8859_7, "el", -1},
	{"iso-8859-8", charmap.ISO8859_8, "he", -1},
	{"iso-8859-9", charmap.ISO8859_9, "tr de fr", -1},
	{"iso-8859-10", charmap.ISO8859_10, "is sv nb lt lv et", -2},
	{"iso-8859-13", charmap.ISO8859_13, "lt lv et pl de", -2},
	{"iso-8859-14", charmap.ISO8859_14, "cy ga", -2},
	{"iso-8859-15", charmap.ISO8859_15, "de fr es pt it nl da sv nb fi is ca sq ga", -1},
	{"iso-8859-16", charmap.ISO8859_16, "ro pl hu hr fr", rare},
	{"koi8-r", charmap.KOI8R, "ru", 0},
	{"koi8-u", charmap.KOI8U, "uk ru be", -1},
	{"macintosh", charmap.Macintosh, "de fr es pt it nl da sv nb is ca sq", -1},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, "ru uk bg sr mk be", rare},
	{"ibm437", charmap.CodePage437, "de fr es it nl sv", -2},
	{"ibm850", charmap.CodePage850, "de fr es pt it nl da sv nb fi is ca", -2},
	{"ibm852", charmap.CodePage852, "pl cs sk hu sl hr ro", -2},
	{"ibm866", charmap.CodePage866, "ru uk be", -2},
	{"shift_jis", japanese.ShiftJIS, "ja", 1},
	{"euc-jp", japanese.EUCJP, "ja", 0},
	{"euc-kr", korean.EUCKR, "ko", 1},
	{"gb18030", simplifiedchinese.GB18030, "zh zt", 1},
	{"big5", traditionalchinese.Big5, "zt", 1},
}

// encodingAliases are other names that people and programs use, without signs.
var encodingAliases = map[string]string{
	"usascii": encodingUTF8, "ascii": encodingUTF8, "utf8sig": encodingUTF8, "utf16": encodingUTF16LE,
	"ucs2": encodingUTF16LE, "utf32": encodingUTF32LE,
	"ansi": encodingWindows, "latin1": "iso-8859-1", "latin2": "iso-8859-2", "latin5": "iso-8859-9",
	"latin9": "iso-8859-15", "greek": "iso-8859-7", "cyrillic": "iso-8859-5", "arabic": "iso-8859-6",
	"hebrew": "iso-8859-8", "iso885911": "windows-874", "tis620": "windows-874", "cp874": "windows-874",
	"macroman": "macintosh", "mac": "macintosh", "maccyrillic": "x-mac-cyrillic",
	"sjis": "shift_jis", "cp932": "shift_jis", "windows31j": "shift_jis", "ms932": "shift_jis",
	"eucjp": "euc-jp", "uhc": "euc-kr", "cp949": "euc-kr", "ksc56011987": "euc-kr", "ksc5601": "euc-kr",
	"cp936": "gbk", "gb2312": "gbk", "euccn": "gbk", "cp54936": "gb18030", "cp950": "big5", "big5hkscs": "big5",
}

// encodingNamed has each encoding by its name without signs, and by what Windows calls its code
// page.
var encodingNamed = func() map[string]string {
	all := maps.Clone(encodingAliases)
	for name := range encodings {
		all[withoutSigns(name)] = name
		if page, ok := strings.CutPrefix(name, "windows-"); ok {
			all["cp"+page], all[page] = name, name
		}
		if page, ok := strings.CutPrefix(name, "ibm"); ok {
			all["cp"+page], all[page] = name, name
		}
	}
	return all
}()

func withoutSigns(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(name))
}

// CheckEncoding returns the canonical name of an encoding, or an *Error that lists the supported
// ones. Empty stays empty: the encoding is then detected.
func CheckEncoding(named string) (string, error) {
	key := withoutSigns(named)
	name := encodingNamed[key]
	if name == "" && key != "" {
		return "", &Error{Field: "encoding", Message: fmt.Sprintf("%s is not a supported encoding; choose one of %s",
			Shown(named), strings.Join(slices.Sorted(maps.Keys(encodings)), ", "))}
	}
	return name, nil
}

// marks are the byte order marks, with the encodings that they indicate.
var marks = []struct{ mark, encoding string }{{"\xEF\xBB\xBF", encodingUTF8},
	{"\xFF\xFE\x00\x00", encodingUTF32LE}, {"\x00\x00\xFE\xFF", encodingUTF32BE},
	{"\xFF\xFE", encodingUTF16LE}, {"\xFE\xFF", encodingUTF16BE}}

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
