package match

import (
	"math"
	"math/bits"
)

// slack is subtracted from every bound, so that rounding can only let too many texts through and
// never lose one.
const slack = 1e-9

// neededJaro returns the Jaro score that two texts need to reach a Jaro–Winkler score of t. prefix
// is the length of their common prefix in bytes.
//
// With Jaro j and prefix p the score is j + 0.1·p·(1−j) if j exceeds the boost threshold, and j
// otherwise. The first is at least t if j ≥ (t − 0.1·p) / (1 − 0.1·p); the second only for t ≤ 0.7.
// So j must reach the larger of that quotient and 0.7. For t ≤ 0.7 it must reach t.
func neededJaro(t float64, prefix int) float64 {
	if t <= boostThreshold {
		return t - slack
	}
	boost := 0.1 * float64(prefix)
	return max((t-boost)/(1-boost), boostThreshold) - slack
}

// needs has the number of matches that a text needs with the query to reach a score, by the length
// of the text. It holds for one length of the common prefix.
//
// Jaro is (m/a + m/b + (m−x)/m) / 3 with lengths a and b, m matches and x transpositions. So it is
// at most (m/a + m/b + 1) / 3, which reaches j if m ≥ (3j−1)·a·b / (a+b). Since m is at most the
// shorter length, the shorter length must be at least (3j−2) times the longer one.
type needs [maxIndexed + 1]uint8 // by length

// impossible is more matches than any text can have.
const impossible = math.MaxUint8

// fill sets the needs for a Jaro–Winkler score of t and a common prefix of so many bytes. It
// returns the bounds of the lengths that can reach the score; lengths outside the band are
// impossible.
func (n *needs) fill(t float64, prefix int, q *query, lengths band) (shortest, longest int) {
	j := neededJaro(t, prefix)
	length := len(q.text)
	shortest, longest = 1, maxIndexed
	if share := 3*j - 2; share > 0 {
		shortest, longest = max(1, int(share*float64(length))), int(min(maxIndexed, float64(length)/share+1))
	}
	shortest, longest = max(shortest, length-lengths.to), min(longest, maxIndexed, length+lengths.to)
	for l := range n {
		n[l] = impossible
	}
	for l := shortest; l <= longest; l++ {
		if max(l-length, length-l) < lengths.from {
			continue
		}
		least := (3*j-1)*q.mean[l] - slack
		m := int(least)
		if float64(m) < least {
			m++
		}
		if m <= min(l, length) {
			n[l] = uint8(max(1, m))
		}
	}
	return shortest, longest
}

// query is the text of a search, prepared to be compared with many texts.
type query struct {
	text      string
	signature uint64
	rest      int
	positions [256]uint64             // where each character is, as bits
	mean      [maxIndexed + 1]float64 // a·b / (a+b) for the query's length and each other length
}

// prepare sets the query. It leaves out positions beyond the longest indexed text.
func (q *query) prepare(text string) {
	q.text = text
	q.signature, q.rest = commonLetters.signature(text)
	clear(q.positions[:])
	for i := range min(len(text), maxIndexed) {
		q.positions[text[i]] |= 1 << i
	}
	for l := range q.mean {
		q.mean[l] = float64(len(text)*l) / float64(len(text)+l)
	}
}

// matches returns the number of matching characters as Jaro counts them, and their places in both
// texts as bits. Characters match if they are equal and not further apart than half the longer
// length less one. Each is used once.
//
// smetrics assigns to each character of the first text the first free partner in the second;
// matches does it the other way round. The result is the same: of the first positions of a
// character in both texts, either the two are near enough and form a pair, or the smaller one has
// no partner, because all later ones are further away. The same holds for the rest.
func (q *query) matches(other string) (m int, mine, theirs uint64) {
	reach := max(0, max(len(q.text), len(other))/2-1)
	free, window := ^uint64(0), uint64(1)<<(reach+1)-1 // the positions from i−reach to i+reach
	near := min(reach, len(other))
	for i := range near {
		found := q.positions[other[i]] & window & free
		free &^= found & -found
		theirs |= (found | -found) >> 63 << i // without a branch, which would often be mispredicted
		window = window<<1 | 1
	}
	for i := near; i < len(other); i++ {
		found := q.positions[other[i]] & window & free
		free &^= found & -found
		theirs |= (found | -found) >> 63 << i
		window <<= 1
	}
	return bits.OnesCount64(theirs), ^free, theirs
}

// score returns the score of a text from its matches and the common prefix. Half the number of
// matches that are in a different order, rounded down, are transpositions. It computes as smetrics
// does, operation by operation, so that the result is equal to the last bit.
func (q *query) score(other string, m int, mine, theirs uint64, prefix int) float64 {
	unaligned := 0
	for ; mine != 0; mine, theirs = mine&(mine-1), theirs&(theirs-1) {
		if q.text[bits.TrailingZeros64(mine)] != other[bits.TrailingZeros64(theirs)] {
			unaligned++
		}
	}
	return scoreOf(m, unaligned, len(q.text), len(other), prefix)
}

// scoreOf returns the score of two texts of lengths a and b from the number of their matches, the
// number of those in a different order, and the length of the common prefix.
func scoreOf(m, unaligned, a, b, prefix int) float64 {
	matches := float64(m)
	j := ((matches / float64(a)) + (matches / float64(b)) + ((matches - float64(unaligned/2)) / matches)) / 3.0
	if j <= boostThreshold {
		return j
	}
	return j + 0.1*float64(prefix)*(1.0-j)
}
