package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// sample is what one thing measured in several runs.
type sample []float64

func (s sample) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// spread is half the distance from the least to the greatest, as a share of the median.
func (s sample) spread() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return (slices.Max(s) - slices.Min(s)) / 2 / s.median()
}

// over returns the ratio of each run to that of the reference that ran beside it.
func (s sample) over(reference sample) sample {
	out := make(sample, min(len(s), len(reference)))
	for i := range out {
		out[i] = s[i] / reference[i]
	}
	return out
}

// line is a row of a table: what was measured, and its figures as text.
type line []string

// table is a heading, its columns and lines.
type table struct {
	title  string
	header line
	lines  []line
	notes  []string
}

// report is all that was measured: tables for a reader, figures for a program.
type report struct {
	tables  []*table
	figures map[string]any
}

func (r *report) figure(name string, value any) {
	if r.figures == nil {
		r.figures = map[string]any{}
	}
	if f, ok := value.(float64); ok {
		value = math.Round(f*10_000) / 10_000
	}
	r.figures[name] = value
}

func (r *report) table(title string, header ...string) *table {
	t := &table{title: title, header: header}
	r.tables = append(r.tables, t)
	return t
}

func (t *table) add(cells ...string) { t.lines = append(t.lines, cells) }

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (r *report) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	for _, t := range r.tables {
		fmt.Fprintf(&b, "\n%s\n\n", t.title)
		writeLine(&b, t.header)
		rule := make(line, len(t.header))
		for i := range rule {
			rule[i] = "---"
		}
		writeLine(&b, rule)
		for _, l := range t.lines {
			writeLine(&b, l)
		}
		for _, n := range t.notes {
			fmt.Fprintf(&b, "\n%s\n", n)
		}
	}
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

func writeLine(b *strings.Builder, cells line) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r.figures)
}

// count writes a number with its thousands apart.
func count(n float64) string {
	digits := strconv.FormatFloat(math.Round(n), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func ratio(x float64) string { return fmt.Sprintf("%.2f", x) }

func percent(x float64) string { return fmt.Sprintf("±%.0f %%", 100*x) }

func seconds(x float64) string { return fmt.Sprintf("%.2f s", x) }

func milliseconds(x float64) string { return fmt.Sprintf("%.1f ms", 1000*x) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
