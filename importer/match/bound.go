package match

import (
	"math"
	"math/bits"
)

// slack is subtracted from every bound, so that rounding can only let too much through, never lose
// anything.
const slack = 1e-9

// neededJaro returns the Jaro score that two texts with a common prefix of so many bytes need to
// reach a Jaro–Winkler score of t.
//
// With Jaro j and prefix p the score is j + 0.1·p·(1−j) where j exceeds the boost threshold, and j
// where it does not. The first is at least t just when j ≥ (t − 0.1·p) / (1 − 0.1·p); the second
// only for t ≤ 0.7. So j must reach the larger of the former and 0.7, and t where t is no larger
// than that.
func neededJaro(t float64, prefix int) float64 {
	if t <= boostThreshold {
		return t - slack
	}
	boost := 0.1 * float64(prefix)
	return max((t-boost)/(1-boost), boostThreshold) - slack
}

// needs tells how many matches texts with a certain common prefix need with the query to reach a
// certain score.
//
// Jaro is (m/a + m/b + (m−x)/m) / 3 with lengths a and b, m matches and x transpositions, so at
// most (m/a + m/b + 1) / 3, which reaches j just when m ≥ (3j−1)·a·b / (a+b). Since m is no more
// than the shorter length, that must be at least (3j−2) times the longer one.
type needs [maxIndexed + 1]uint8 // by length

// impossible is more matches than any text has.
const impossible = math.MaxUint8

// fill sets the needs for a Jaro–Winkler score of t and a common prefix of so many bytes, and
// returns the bounds of the lengths that can reach it.
func (n *needs) fill(t float64, prefix int, q *query) (shortest, longest int) {
	j := neededJaro(t, prefix)
	length := len(q.text)
	shortest, longest = 1, maxIndexed
	if share := 3*j - 2; share > 0 {
		shortest, longest = max(1, int(share*float64(length))), int(min(maxIndexed, float64(length)/share+1))
	}
	for l := range n {
		n[l] = impossible
	}
	for l := shortest; l <= longest; l++ {
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

// keep leaves the needs of the lengths that differ from that of the query by as much as a band
// says, and makes all others impossible.
func (n *needs) keep(b band, length int) {
	for l := range n {
		if by := max(l-length, length-l); by < b.from || by > b.to {
			n[l] = impossible
		}
	}
}

// query is a text that is searched for, prepared to be compared with many.
type query struct {
	text      string
	signature uint64
	rest      int
	positions [256]uint64             // where each character stands
	mean      [maxIndexed + 1]float64 // a·b / (a+b) for its length and each other
}

// prepare sets the query. Of one that is too long for the index the positions are not needed.
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

// matches returns the number of matching characters as Jaro counts them: equal ones not further
// apart than half the longer length less one, each used once; and at which places of both texts
// they stand.
//
// smetrics returns each character of the first text the first free partner in the second; here it
// is the other way round. For one character both do the same: the first of the one row of positions
// and the first of the other are a pair if they are near enough, else the smaller of them has no
// partner at all, since everything further on is further away; and so on with the rest.
func (q *query) matches(other string) (m int, mine, theirs uint64) {
	reach := max(0, max(len(q.text), len(other))/2-1)
	free, window := ^uint64(0), uint64(1)<<(reach+1)-1 // the positions from i−reach to i+reach
	near := min(reach, len(other))
	for i := range near {
		found := q.positions[other[i]] & window & free
		free &^= found & -found
		theirs |= (found | -found) >> 63 << i // a branch would often be mispredicted
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

// score returns the score of a text from its matches and the common prefix: half the matches that
// do not follow in the same order, rounded down, are transpositions. It computes as smetrics does,
// operation by operation, so that the result is the same to the last bit.
func (q *query) score(other string, m int, mine, theirs uint64, prefix int) float64 {
	unaligned := 0
	for ; mine != 0; mine, theirs = mine&(mine-1), theirs&(theirs-1) {
		if q.text[bits.TrailingZeros64(mine)] != other[bits.TrailingZeros64(theirs)] {
			unaligned++
		}
	}
	return scoreOf(m, unaligned, len(q.text), len(other), prefix)
}

// scoreOf returns the score of two texts of some lengths from their matches, those of them that do
// not follow in the same order, and the common prefix.
func scoreOf(m, unaligned, a, b, prefix int) float64 {
	matches := float64(m)
	j := ((matches / float64(a)) + (matches / float64(b)) + ((matches - float64(unaligned/2)) / matches)) / 3.0
	if j <= boostThreshold {
		return j
	}
	return j + 0.1*float64(prefix)*(1.0-j)
}
