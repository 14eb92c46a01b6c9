package console

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// functions are the functions of the templates.
var functions = template.FuncMap{
	"shown": shown, "whole": whole, "num": grouped, "count": func(n int) string { return grouped(int64(n)) },
	"at": moment, "took": took, "reason": reasonText, "field": fieldText,
	"score": func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) },
	"add":   func(a, b int) int { return a + b }, "prefix": func() string { return Prefix },
	"reasons":  func(s string) string { return reasonText(importer.Reason(s)) },
	"whys":     func() []string { return usualWhys },
	"statuses": func() []store.Status { return listedStatuses }, "plural": plural,
	"rows": func(n int64) string { return plural(int(n), "row", "rows") }, "keyed": keyed, "kind": kindText,
	"share": importer.Percent, "term": term,
}

// term returns what an option is about, as the label of its control.
func term(option string) string {
	text := importer.OptionTerm(option)
	return strings.ToUpper(text[:1]) + text[1:]
}

// Limits of shown and whole, in characters.
const (
	mostShown = 240
	mostWhole = 20_000
)

// shown returns a text from outside in a form that is safe to read: cut after mostShown characters,
// and with invisible characters made visible.
func shown(s string) string { return visible(s, mostShown) }

// whole is shown with the limit mostWhole.
func whole(s string) string { return visible(s, mostWhole) }

// visible replaces characters that would reorder or hide others, and cuts the text after most
// characters.
func visible(s string, most int) string {
	var b strings.Builder
	n := 0
	for i, r := range s {
		if n++; n > most {
			fmt.Fprintf(&b, "… (%s bytes in all)", grouped(int64(len(s))))
			break
		}
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, "⟨%02X⟩", s[i])
		case r == '\n' || r == '\t' || r == ' ':
			b.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// grouped returns a number with its digits in groups of three.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// moment returns a time.Time or *time.Time in UTC, without the zone.
func moment(t any) string {
	switch t := t.(type) {
	case time.Time:
		return t.UTC().Format("2006-01-02 15:04:05")
	case *time.Time:
		if t != nil {
			return t.UTC().Format("2006-01-02 15:04:05")
		}
	}
	return "–"
}

// took returns a duration in the units that a person would use.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(int64(n)) + " " + many
}

// reasonTexts are the labels of the reasons.
var reasonTexts = map[importer.Reason]string{
	importer.MissingTitle: "no title", importer.Orphan: "no parent", importer.InvalidValue: "bad value",
	importer.UnknownReference:   "unknown id",
	importer.AmbiguousReference: "ambiguous name", importer.UnresolvedReference: "unknown name",
	importer.CompanyMismatch: "other company", importer.Duplicate: "duplicate",
	importer.MalformedRow: "malformed row",
}

func reasonText(r importer.Reason) string {
	if text, ok := reasonTexts[r]; ok {
		return text
	}
	return string(r)
}

func fieldText(name string) string { return strings.ReplaceAll(name, "_", " ") }

// keyed returns a map of pairs of name and value, to pass several values to a template.
func keyed(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			m[name] = pairs[i+1]
		}
	}
	return m
}

// kindText returns the name of one record of a kind.
func kindText(kind importer.Kind) string {
	if kind == importer.Companies {
		return "company"
	}
	return strings.TrimSuffix(string(kind), "s")
}

// notesOf returns the notes about a file in the words of the console: those about what went as it
// should, and those that somebody should look at.
func notesOf(notes []file.Note) (expected, others []string) {
	for n, text := range file.NotesIn(notes, words) {
		if !strings.Contains(notes[n].Text, "kept in "+importer.FieldCustomFields) {
			others = append(others, text)
			continue
		}
		expected = append(expected, strings.Replace(text, importer.FieldCustomFields, "custom fields", 1))
	}
	return expected, others
}
