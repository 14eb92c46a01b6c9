package match

import "github.com/xrash/smetrics"

// The parameters of Jaro–Winkler: prefixes count from this Jaro score on, and up to this length (W. E. Winkler, 1990).
const (
	boostThreshold = 0.7
	prefixSize     = 4
)

func jaroWinkler(a, b string) float64 { return smetrics.JaroWinkler(a, b, boostThreshold, prefixSize) }

// plainScan compares a query with every entry.
type plainScan struct {
	entries []int32
	forms   []form
}

func (s *plainScan) add(entry int32, f form) {
	if isASCII(f.text) {
		s.entries = append(s.entries, entry)
		s.forms = append(s.forms, f)
	}
}

func (s *plainScan) search(queries []string, least float64) []hit {
	var hits []hit
	for i, f := range s.forms {
		best := hit{entry: s.entries[i], form: f}
		for q, text := range queries {
			if score := jaroWinkler(text, f.text); score > best.score {
				best.score, best.query = score, q
			}
		}
		if best.score < least {
			continue
		}
		// The forms of an entry follow each other: keep the better one.
		if n := len(hits); n > 0 && hits[n-1].entry == best.entry {
			if hits[n-1].score < best.score {
				hits[n-1] = best
			}
			continue
		}
		hits = append(hits, best)
	}
	return hits
}
