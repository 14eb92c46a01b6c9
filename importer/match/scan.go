package match

import "github.com/xrash/smetrics"

// The parameters of Jaro–Winkler: prefixes count from this Jaro score, and up to this length (W. E.
// Winkler, 1990).
const (
	boostThreshold = 0.7
	prefixSize     = 4
)

func jaroWinkler(a, b string) float64 { return smetrics.JaroWinkler(a, b, boostThreshold, prefixSize) }
