package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"taskport/importer"
)

// printColumns shows what each column holds and what it feeds, and the problems that the notes have not told.
func printColumns(w io.Writer, columns []importer.ColumnProfile, notes []string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  column\tfeeds\tfilled\tsamples")
	for _, c := range columns {
		feeds := c.Feeds
		if feeds == "" {
			feeds = "-"
		}
		samples := make([]string, len(c.Samples))
		for i, s := range c.Samples {
			samples[i] = oneLine(s)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", oneLine(c.Name), feeds, percent(c.Filled), strings.Join(samples, " · "))
	}
	_ = t.Flush() // as with every print to the terminal, there is nowhere else to say it
	for _, c := range columns {
		for _, p := range c.Problems {
			if slices.Contains(notes, p) {
				continue
			}
			fmt.Fprintf(w, "  problem: %s\n", oneLine(p))
		}
	}
}

// percent writes a share so that neither a few nor all but a few are rounded away.
func percent(share float64) string {
	switch {
	case share > 0 && share < 0.01:
		return "<1 %"
	case share > 0.99 && share < 1:
		return ">99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
