package console

import (
	"fmt"
	"strings"
	"time"

	"taskport/store"
)

// chartSpans is the largest number of bars in the throughput chart.
const chartSpans = 48

// chart is drawn as SVG. Bars have whole numbers as attributes, so that no inline style is needed.
type chart struct {
	Bars          []bar
	Width, Height int
	Label         string // for screen readers
	Most          string
	From, To      string
}

// bar is one value of a chart.
type bar struct {
	X, Y, Width, Height int
	Title               string
	Class               string
	Text, Value         string
	Link                string
}

const (
	fewestSpans  = 4 // a chart of fewer is not drawn
	reasonHeight = 24
	reasonWidth  = 320
	speedWidth   = 480
	speedHeight  = 96
)

// reasonChart draws a bar for each reason.
func reasonChart(reasons []reasonCount) chart {
	c := chart{Width: reasonWidth, Height: reasonHeight * len(reasons)}
	var most, all int64
	for _, r := range reasons {
		most = max(most, r.Count)
		all += r.Count
	}
	var texts []string
	for n, r := range reasons {
		text := fmt.Sprintf("%s: %s", reasonText(r.Reason), grouped(r.Count))
		texts = append(texts, text)
		c.Bars = append(c.Bars, bar{Y: n*reasonHeight + 4, Width: max(int(reasonWidth*r.Count/most), 2),
			Height: reasonHeight - 8, Title: text, Class: "reason-" + string(r.Reason),
			Text: reasonText(r.Reason), Value: grouped(r.Count), Link: string(r.Reason)})
	}
	c.Label = "Rejected rows by reason: " + strings.Join(texts, ", ")
	return c
}

// speedChart draws the rows per second over time.
func speedChart(spans []store.Throughput) chart {
	c := chart{Width: speedWidth, Height: speedHeight}
	if len(spans) < fewestSpans {
		return c
	}
	var most float64
	for _, s := range spans {
		most = max(most, rate(s))
	}
	width := speedWidth / len(spans)
	for n, s := range spans {
		height := int(rate(s) / most * (speedHeight - 8))
		c.Bars = append(c.Bars, bar{X: n * width, Y: speedHeight - height, Width: max(width-1, 1), Height: height,
			Title: fmt.Sprintf("%s: %s rows/s", s.Begin.Format(time.TimeOnly), grouped(int64(rate(s))))})
	}
	last := spans[len(spans)-1]
	c.Most = grouped(int64(most)) + " rows/s"
	c.From, c.To = spans[0].Begin.Format(time.TimeOnly), last.Begin.Add(last.Span).Format(time.TimeOnly)
	c.Label = fmt.Sprintf("Throughput from %s to %s, at most %s", c.From, c.To, c.Most)
	return c
}

func rate(t store.Throughput) float64 { return float64(t.Rows) / t.Span.Seconds() }
