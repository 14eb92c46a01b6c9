package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"taskport/importer"
)

// summary writes the outcomes of the rows and the first dead letters. Its notes are wrapped at a
// width in characters; 0 wraps nothing.
func (j job) summary(out io.Writer, deadLetters, width int) {
	w := &foldedLines{out, width}
	head := "import"
	if j.DryRun {
		head = "dry run"
	}
	if j.FileName != "" {
		head += " of " + oneLine(j.FileName)
	}
	fmt.Fprintf(w, "%s: %s, %s\n", head, j.Status, rowsText(j.Total))
	if j.File != nil && j.File.Format != "" {
		fmt.Fprintf(w, "  read as %s\n", oneLine(j.File.String()))
		for _, note := range j.File.Notes {
			fmt.Fprintf(w, "  note: %s\n", oneLine(note))
		}
		if j.DryRun && len(j.File.Columns) > 0 {
			printColumns(out, j.File.Columns, j.File.Notes)
		}
	}
	if d := j.DuplicateRows; d != nil {
		fmt.Fprintf(w, "  note: %s\n", repeatedText(d))
	}
	if j.Message != "" {
		fmt.Fprintf(w, "  %s\n", oneLine(j.Message))
	}
	if j.EndedEarly {
		fmt.Fprint(w, "  the stream ended early: rows after the last acknowledged one were not received\n")
	}
	for _, line := range []struct {
		what string
		n    int
	}{{"created", j.Created}, {"updated", j.Updated}, {"skipped", j.Skipped}, {"rejected", j.Rejected}} {
		fmt.Fprintf(w, "  %-9s %9s\n", line.what, grouped(line.n))
	}
	if j.Dismissed > 0 {
		fmt.Fprintf(w, "    %-21s %7s\n", "of them dismissed", grouped(j.Dismissed))
	}
	if m := j.Mirror; m != nil && m.State == "done" {
		fmt.Fprintf(w, "  %-9s %9s  of %s that were active\n", "inactive", grouped(m.Inactive), grouped(m.Active))
	}
	if m := j.Retried; m != nil {
		fmt.Fprintf(w, "  %-9s %9s  rejected rows that the records resolve: %s created, %s updated, %s skipped\n", "retried",
			grouped(m.Rows), grouped(m.Created), grouped(m.Updated), grouped(m.Skipped))
	}
	if m := j.Mirror; m != nil && m.State == "refused" && m.Inactive*100 > m.Active*m.Most {
		fmt.Fprintf(w, "  load the whole file, or allow more with --mirror-most\n")
	}
	for _, reason := range sortedByCount(j.RejectedByReason) {
		fmt.Fprintf(w, "    %-21s %7s\n", reason, grouped(j.RejectedByReason[reason]))
	}
	if j.EmptyRows > 0 {
		fmt.Fprintf(w, "  %-9s %9s\n", "empty", grouped(j.EmptyRows))
	}
	if left := j.Total - j.Processed; j.ended() && left > 0 {
		fmt.Fprintf(w, "  %-9s %9s\n", "not done", grouped(left))
	}
	for i, s := range j.SkippedRows {
		if i == deadLetters {
			break
		}
		fmt.Fprintf(w, "  row %d: skipped: %s\n", s.Row, oneLine(s.String()))
	}
	for i, e := range j.Errors {
		if i == deadLetters {
			break
		}
		fmt.Fprintf(w, "  row %d: %s: %s\n", e.Row, e.Reason, oneLine(e.Message))
	}
	if j.Plan == "kept" && j.Status == "completed" {
		fmt.Fprintf(w, "  nothing was inserted; `taskport commit %s` carries this out as shown\n", oneLine(j.JobID))
	}
}

// foldedLines wraps the lines that are written to it, each by one call.
type foldedLines struct {
	w     io.Writer
	width int
}

func (f *foldedLines) Write(line []byte) (int, error) {
	_, err := io.WriteString(f.w, fold(string(line), f.width, "    "))
	return len(line), err
}

// repeatedText describes the rows that the file has more than once.
func repeatedText(d *importer.RepeatedRows) string {
	var first []string
	for _, row := range d.First {
		first = append(first, grouped(row))
	}
	text := "no row repeats an earlier one"
	if d.Count > 0 {
		text = fmt.Sprintf("%s without an external_id: the same as an earlier row (row numbers %s",
			rowsText(d.Count), strings.Join(first, ", "))
		if d.Count > len(first) {
			text += " and others"
		}
		text += "); --on-duplicate-row keeps or rejects them"
	}
	if d.Compared > 0 {
		text += fmt.Sprintf("; only the first %s rows were compared", grouped(d.Compared))
	}
	return text
}

func sortedByCount(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return names
}

// rowsText returns a number of rows: "1 row", "2,000 rows".
func rowsText(n int) string {
	if n == 1 {
		return "1 row"
	}
	return grouped(n) + " rows"
}

// grouped returns a number with commas between thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// printColumns shows what each column holds and what it feeds, and the problems that the notes have
// not told.
func printColumns(w io.Writer, columns []importer.ColumnReading, notes []string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  column\tfeeds\tfilled\tsamples")
	for _, c := range columns {
		feeds := cmp.Or(c.Feeds, "-")
		if c.Kept {
			feeds = "kept"
		}
		samples := make([]string, len(c.Samples))
		for i, s := range c.Samples {
			samples[i] = oneLine(s)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", oneLine(c.Name), feeds, importer.Percent(c.Filled), strings.Join(samples, " · "))
	}
	_ = t.Flush() // a failed print to the terminal cannot be reported
	for _, c := range columns {
		for _, p := range c.Problems {
			if slices.Contains(notes, p) {
				continue
			}
			fmt.Fprintf(w, "  problem: %s\n", oneLine(p))
		}
	}
}
