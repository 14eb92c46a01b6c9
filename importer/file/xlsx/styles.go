package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// dateKind is how a number format shows a number.
type dateKind byte

const (
	noDate dateKind = iota
	dayOnly
	dayAndTime
	timeOnly
	elapsed // hours, minutes or seconds beyond those of a day
)

const maxStyles = 1 << 16

// styles has the number format of each style, to recognize dates.
type styles struct {
	kinds    []dateKind
	date1904 bool
}

func readStyles(p *parts, b *book) (styles, error) {
	s := styles{date1904: b.date1904}
	file := b.kinds["styles"]
	if file == "" || p.find(file) == nil {
		return s, nil
	}
	formats := map[string]dateKind{}
	cells := false // within the formats of cells, which follow those of named styles
	err := eachElement(p, file, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if len(formats) < maxStyles {
				formats[attribute(e, "numFmtId")] = kindOfFormat(attribute(e, "formatCode"))
			}
		case "cellStyleXfs", "cellXfs", "cellStyles", "dxfs":
			cells = e.Name.Local == "cellXfs"
		case "xf":
			if cells && len(s.kinds) < maxStyles {
				id := attribute(e, "numFmtId")
				kind, own := formats[id]
				if !own {
					kind = builtInKind(id)
				}
				s.kinds = append(s.kinds, kind)
			}
		}
		return nil
	})
	return s, err
}

// builtInKind returns the kind of a format that a workbook does not define itself (ECMA-376,
// 18.8.30), including those of East Asian languages.
func builtInKind(id string) dateKind {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil:
		return noDate
	case n == 22:
		return dayAndTime
	case n == 46: //nolint:mnd // [h]:mm:ss
		return elapsed
	case n >= 18 && n <= 21, n >= 45 && n <= 47, n >= 32 && n <= 35:
		return timeOnly
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 58:
		return dayOnly
	}
	return noDate
}

// kindOfFormat returns the kind of a format code. Only its first section counts, without quoted
// text, escapes, and brackets other than those of elapsed time.
func kindOfFormat(code string) dateKind {
	day, clock, long := false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			i = len(code)
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return noDate
			}
			long = long || strings.Trim(strings.ToLower(code[i+1:i+end]), "hms") == "" && end > 1
			clock = clock || long
			i += end
		case 'd', 'D', 'y', 'Y', 'e':
			day = day || c != 'e' || i == 0 || code[i-1] == '/' || code[i-1] == '-'
		case 'h', 'H', 's', 'S':
			clock = true
		case 'G', 'g': // General
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				i += len("general") - 1
			}
		case '0', '#', '?':
			if !clock {
				return noDate
			}
		}
	}
	if strings.ContainsAny(code, "mM") && !day && !clock && onlyMonths(code) {
		day = true
	}
	switch {
	case day && clock:
		return dayAndTime
	case day:
		return dayOnly
	case long:
		return elapsed
	case clock:
		return timeOnly
	}
	return noDate
}

// onlyMonths reports whether a format is one such as mmmm.
func onlyMonths(code string) bool { return strings.Trim(strings.ToLower(code), "m-/. ") == "" }

// text returns a number as a person sees it: a date or time in ISO 8601 if its style is one,
// otherwise the number with at most 15 digits, as in Excel. A longer number in scientific notation
// keeps its power of ten: zeros instead would look like digits.
func (s styles) text(value, style string) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return value
	}
	at, err := strconv.Atoi(style)
	if err == nil && at >= 0 && at < len(s.kinds) && s.kinds[at] != noDate {
		if text, ok := s.date(n, s.kinds[at]); ok {
			return text
		}
	}
	return number(value, n)
}

func number(value string, n float64) string {
	if strings.Trim(value, "0123456789") == "" || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	if err != nil {
		return value
	}
	if size := math.Abs(rounded); size != 0 && (size >= 1e15 || size < 1e-9) {
		return strconv.FormatFloat(rounded, 'E', -1, 64)
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// date returns the day and time of a serial number. The system of 1900 has a 29 February 1900,
// which did not exist.
func (s styles) date(n float64, kind dateKind) (string, bool) {
	const lastDay, never = 2958466, 60
	if n < 0 || n >= lastDay {
		return "", false
	}
	seconds := int64(math.Round(n * 24 * 60 * 60))
	if kind == elapsed {
		return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60), true
	}
	days, clock := seconds/86400, seconds%86400
	at := time.Duration(clock) * time.Second
	clockText := time.Time{}.Add(at).Format(time.TimeOnly)
	if kind == timeOnly && days == 0 {
		return clockText, true
	}
	var day string
	switch {
	case s.date1904:
		day = time.Date(1904, 1, 1+int(days), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case days == never:
		day = "1900-02-29"
	case days < never:
		day = time.Date(1899, 12, 31+int(days), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	default:
		day = time.Date(1899, 12, 30+int(days), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if clock == 0 && kind == dayOnly {
		return day, true
	}
	return day + "T" + clockText, true
}
