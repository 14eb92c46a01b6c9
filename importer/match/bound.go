package match

import (
	"math"
	"math/bits"
)

// slack is subtracted from every bound, so that rounding can only let too much through, never lose anything.
const slack = 1e-9

// neededJaro gives the Jaro score that two texts with a common prefix of so many bytes need to reach a Jaro–Winkler score of t > 0.7.
//
// With Jaro j and prefix p the score is j + 0.1·p·(1−j) where j exceeds the boost threshold, and j where it does not. The first is at least t just when
// j ≥ (t − 0.1·p) / (1 − 0.1·p); the second never, since then j ≤ 0.7 < t. So j must reach the larger of that and 0.7.
func neededJaro(t float64, prefix int) float64 {
	boost := 0.1 * float64(prefix)
	return max((t-boost)/(1-boost), boostThreshold) - slack
}

// neededMatches gives the number of matching characters that texts of lengths a and b need to reach a Jaro score of j; more than the shorter length
// means that they cannot.
//
// Jaro is (m/a + m/b + (m−x)/m) / 3 with m matches and x transpositions, so at most (m/a + m/b + 1) / 3, which reaches j just when m ≥ (3j−1)·a·b / (a+b).
func neededMatches(j float64, a, b int) int {
	return max(1, int(math.Ceil((3*j-1)*float64(a*b)/float64(a+b)-slack)))
}

// needs is what a query needs of a text: matches by prefix and length. It is built for a score and built anew when the score rises.
type needs [prefixSize + 1][maxIndexed + 1]uint8

func (n *needs) fill(t float64, length int) {
	for p := range n {
		j := neededJaro(t, p)
		for l := 1; l <= maxIndexed; l++ {
			n[p][l] = uint8(min(neededMatches(j, length, l), math.MaxUint8))
		}
	}
}

// query is a text that is searched for, prepared to be compared with many.
type query struct {
	text      string
	prefix    [prefixSize]byte
	signature uint64
	rest      int
	positions [256]uint64 // where each character stands
}

func (ix *index) prepare(q *query, text string) {
	*q = query{text: text, prefix: prefixOf(text)}
	q.signature, q.rest = ix.alphabet.signature(text)
	for i := range len(text) {
		q.positions[text[i]] |= 1 << i
	}
}

// matches gives the number of matching characters as Jaro counts them: equal ones not further apart than half the longer length less one, each
// used once; and at which places of both texts they stand.
//
// smetrics gives each character of the first text the first free partner in the second; here it is the other way round. For one character both do the
// same: the first of the one row of positions and the first of the other are a pair if they are near enough, else the smaller of them has no partner at all,
// since everything further on is further away; and so on with the rest.
func (q *query) matches(other string) (m int, mine, theirs uint64) {
	reach := max(0, max(len(q.text), len(other))/2-1)
	free := ^uint64(0)
	// window has the positions from i−reach to i+reach.
	window := uint64(1)<<(reach+1) - 1
	for i := range len(other) {
		if found := q.positions[other[i]] & window & free; found != 0 {
			free &^= found & -found
			theirs |= 1 << i
			m++
		}
		window <<= 1
		if i < reach {
			window |= 1
		}
	}
	return m, ^free, theirs
}

// score gives what smetrics would, but for rounding, from the matches and the common prefix: half the matches that do not follow in the same order are
// transpositions.
func (q *query) score(other string, m int, mine, theirs uint64, prefix int) float64 {
	unaligned := 0
	for ; mine != 0; mine, theirs = mine&(mine-1), theirs&(theirs-1) {
		if q.text[bits.TrailingZeros64(mine)] != other[bits.TrailingZeros64(theirs)] {
			unaligned++
		}
	}
	n := float64(m)
	j := (n/float64(len(q.text)) + n/float64(len(other)) + (n-float64(unaligned/2))/n) / 3
	return j + 0.1*float64(prefix)*(1-j)
}
