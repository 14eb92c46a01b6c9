package match

import (
	"math"
	"math/bits"
)

// The figures are rough: only the order of magnitude matters. One word in thirty is mistyped.
// Swapped, doubled and lost letters are likelier than the replacement by one particular letter.
var (
	logTypo      = math.Log(1.0 / 30)
	logSwap      = math.Log(1.0 / 4)
	logLose      = math.Log(1.0 / 4)
	logDouble    = math.Log(1.0 / 8)
	logOther     = math.Log(1.0 / 4 / 25)
	logNeighbour = math.Log(1.0 / 4 / 6)
)

// longestSlip is the length of the longest word in which slips are counted.
const longestSlip = 40

// Slips returns the number of slips (see slip) between two words, or a number above most if there
// are more than that.
func Slips(a, b string, most int) int {
	if max(len(a), len(b)) > longestSlip {
		return most + 1
	}
	edits, _ := slip(a, b, most)
	return edits
}

// slip returns the number of slips that turn entry into query, and the natural logarithm of their
// probability. With more than most slips it returns a number above most and minus infinity. A slip
// is a letter that is lost, added or replaced, or two that are swapped (F. J. Damerau, 1964).
func slip(entry, query string, most int) (edits int, chance float64) {
	n, m := len(entry), len(query)
	if max(n, m) > longestSlip || max(n-m, m-n) > most || farApart(entry, query, most) {
		return most + 1, math.Inf(-1)
	}
	impossible := slipCost{longestSlip, math.Inf(-1)}
	var cost [3][longestSlip + 2]slipCost
	for j := 0; j <= m; j++ {
		cost[0][j] = slipCost{j, float64(j) * logOther}
	}
	cost[0][m+1] = impossible
	for i := 1; i <= n; i++ {
		row, above, twice := &cost[i%3], &cost[(i+2)%3], &cost[(i+1)%3]
		// At most this far from the diagonal.
		from, to := max(1, i-most), min(m, i+most)
		row[from-1] = impossible
		if from == 1 {
			row[0] = slipCost{i, float64(i) * logLose}
		}
		for j := from; j <= to; j++ {
			best := above[j-1]
			if entry[i-1] != query[j-1] {
				best = best.with(replaced(entry[i-1], query[j-1]))
			}
			best = better(best, above[j].with(logLose))
			best = better(best, row[j-1].with(added(entry, query, i, j)))
			if i > 1 && j > 1 && entry[i-1] == query[j-2] && entry[i-2] == query[j-1] && entry[i-1] != entry[i-2] {
				best = better(best, twice[j-2].with(logSwap))
			}
			row[j] = best
		}
		row[to+1] = impossible
	}
	end := cost[n%3][m]
	if end.edits > most {
		return most + 1, math.Inf(-1)
	}
	return end.edits, end.chance + float64(end.edits)*(logTypo-math.Log(float64(n)/7))
}

// farApart reports whether one word has more different letters that the other lacks than so many
// slips can add or remove.
func farApart(a, b string, most int) bool {
	x, y := lettersOf(a), lettersOf(b)
	return bits.OnesCount32(x&^y) > most || bits.OnesCount32(y&^x) > most
}

func lettersOf(word string) (set uint32) {
	for i := range len(word) {
		set |= 1 << (word[i] & 31)
	}
	return set
}

type slipCost struct {
	edits  int
	chance float64
}

func (c slipCost) with(chance float64) slipCost { return slipCost{c.edits + 1, c.chance + chance} }

func better(a, b slipCost) slipCost {
	if b.edits < a.edits || b.edits == a.edits && b.chance > a.chance {
		return b
	}
	return a
}

func replaced(want, got byte) float64 {
	if sideBySide(want, got) {
		return logNeighbour
	}
	return logOther
}

// added returns the logarithm of the probability that the j-th letter of query is a surplus one
// behind the i-th of entry.
func added(entry, query string, i, j int) float64 {
	c := query[j-1]
	if entry[i-1] == c || i < len(entry) && entry[i] == c {
		return logDouble
	}
	if sideBySide(entry[i-1], c) {
		return logNeighbour
	}
	return logOther
}

// neighbours has, for each letter, the bits of the letters beside it on the three usual keyboard
// layouts.
var neighbours = neighbourTable("qwertyuiop", "asdfghjkl", "zxcvbnm")

func sideBySide(a, b byte) bool { return isLetter(a) && isLetter(b) && neighbours[a&31]>>(b&31)&1 == 1 }

func neighbourTable(rows ...string) (table [32]uint32) {
	near := func(a, b byte) {
		table[a&31] |= 1 << (b & 31)
		table[b&31] |= 1 << (a & 31)
	}
	for r, row := range rows {
		for i := range len(row) {
			if i > 0 {
				near(row[i-1], row[i])
			}
			if r+1 < len(rows) {
				below := rows[r+1]
				if i < len(below) {
					near(row[i], below[i])
				}
				if i > 0 && i-1 < len(below) {
					near(row[i], below[i-1])
				}
			}
		}
	}
	return table
}
