package dates

import (
	"strings"
	"time"
)

// clockLayouts are the forms of a time of day without am or pm and offset.
var clockLayouts = []string{"15:04:05", "15:04", "15.04.05", "15.04", "15h04", "15"}

// isoClock returns a time of day in ISO 8601, with its offset if it has one: 21:05:00 for "9:05
// PM", 14:30:00 for "14h30".
func isoClock(text string) (iso string, ok bool) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(text, "\u00A0", " ")), "t"))
	text, offset := cutOffset(withoutZoneName(text))
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "uhr"))
	half := ""
	for _, of := range [...]struct{ suffix, half string }{{"a.m.", "am"}, {"p.m.", "pm"}, {"a. m.", "am"},
		{"p. m.", "pm"}, {"am", "am"}, {"pm", "pm"}} {
		if rest, found := strings.CutSuffix(text, of.suffix); found {
			text, half = strings.TrimSpace(rest), of.half
			break
		}
	}
	at, ok := readClock(text, half != "")
	if !ok {
		return "", false
	}
	if half != "" {
		if at.Hour() == 0 || at.Hour() > 12 {
			return "", false
		}
		at = at.Add(-12 * time.Hour * time.Duration(at.Hour()/12)) // twelve counts as zero
		if half == "pm" {
			at = at.Add(12 * time.Hour)
		}
	}
	return at.Format("15:04:05.999999999") + offset, true
}

// readClock parses hours, minutes and seconds. An hour alone is accepted only with am or pm.
func readClock(text string, half bool) (time.Time, bool) {
	for _, layout := range clockLayouts {
		if layout == "15" && !half {
			break
		}
		if len(text) > 0 && (len(text) == 1 || text[1] < '0' || text[1] > '9') {
			text = "0" + text
		}
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// withoutZoneName resolves the parentheses at the end: an offset, as in 9:00 (GMT+1), or the name
// of a zone behind its offset, which is removed.
func withoutZoneName(text string) string {
	before, within, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if !ok || !strings.HasSuffix(text, ")") {
		return text
	}
	if rest, offset := cutOffset(within); rest == "" && offset != "" {
		return before + within
	}
	if _, offset := cutOffset(strings.TrimSpace(before)); offset == "" {
		return text
	}
	return strings.TrimSpace(before)
}

// cutOffset removes the offset from the end of a time of day: Z, UTC, GMT, +01:00, +0100, +01,
// GMT+1.
func cutOffset(text string) (rest, offset string) {
	for _, zero := range []string{"z", "utc", "gmt"} {
		if rest, found := strings.CutSuffix(text, zero); found {
			return rest, "Z"
		}
	}
	at := strings.LastIndexAny(text, "+-")
	if at < 0 {
		return text, ""
	}
	digits := strings.ReplaceAll(text[at+1:], ":", "")
	if len(digits) == 1 && (strings.HasSuffix(text[:at], "utc") || strings.HasSuffix(text[:at], "gmt")) {
		digits = "0" + digits
	}
	if len(digits) == 2 {
		digits += "00"
	}
	if len(digits) != 4 || strings.Trim(digits, "0123456789") != "" || digits[:2] > "23" || digits[2:] > "59" {
		return text, ""
	}
	rest = strings.TrimSpace(text[:at])
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, "utc"), "gmt")
	return rest, text[at:at+1] + digits[:2] + ":" + digits[2:]
}
