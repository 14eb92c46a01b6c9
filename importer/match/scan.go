package match

import "github.com/xrash/smetrics"

// The parameters of Jaro–Winkler: prefixes count from this Jaro score on, and up to this length (W. E. Winkler, 1990).
const (
	boostThreshold = 0.7
	prefixSize     = 4
)

func jaroWinkler(a, b string) float64 { return smetrics.JaroWinkler(a, b, boostThreshold, prefixSize) }

// plainScan compares a query with every text.
type plainScan struct{ texts []text }

func (s *plainScan) add(t text) { s.texts = append(s.texts, t) }

// visit calls found for each text that scores at least least; found gives the least score from then on.
func (s *plainScan) visit(query string, least float64, found func(entry int32, text string, score, least float64) float64) {
	for _, t := range s.texts {
		if score := jaroWinkler(query, t.bytes); score >= least {
			least = found(t.entry, t.bytes, score, least)
		}
	}
}
