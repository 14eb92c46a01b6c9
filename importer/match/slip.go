package match

import "math"

// The shares are rough: what decides is the order of magnitude. A word is mistyped once in thirty; swapped, doubled and lost letters are likelier than
// one letter in place of a particular other one.
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

// slip gives the natural logarithm of the chance that typing entry gives query with at most so many slips, and how many it took; more than most, and no
// chance, when it takes more. A slip is a letter lost, added or replaced, or two swapped (F. J. Damerau, 1964).
func slip(entry, query string, most int) (edits int, chance float64) {
	n, m := len(entry), len(query)
	if max(n, m) > longestSlip || max(n-m, m-n) > most {
		return most + 1, math.Inf(-1)
	}
	var cost [3][longestSlip + 1]slipCost
	for j := 0; j <= m; j++ {
		cost[0][j] = slipCost{j, float64(j) * logOther}
	}
	for i := 1; i <= n; i++ {
		row, above, twice := &cost[i%3], &cost[(i+2)%3], &cost[(i+1)%3]
		row[0] = slipCost{i, float64(i) * logLose}
		for j := 1; j <= m; j++ {
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
	}
	end := cost[n%3][m]
	if end.edits > most {
		return most + 1, math.Inf(-1)
	}
	return end.edits, end.chance + float64(end.edits)*(logTypo-math.Log(float64(n)/7))
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
	if neighbours[[2]byte{want, got}] {
		return logNeighbour
	}
	return logOther
}

// added is the chance of the j-th letter of query being one too many behind the i-th of entry.
func added(entry, query string, i, j int) float64 {
	c := query[j-1]
	if entry[i-1] == c || i < len(entry) && entry[i] == c {
		return logDouble
	}
	if neighbours[[2]byte{entry[i-1], c}] {
		return logNeighbour
	}
	return logOther
}

// neighbours are the keys that lie side by side on keyboards with the usual three layouts.
var neighbours = neighbourTable("qwertyuiop", "asdfghjkl", "zxcvbnm")

func neighbourTable(rows ...string) map[[2]byte]bool {
	table := map[[2]byte]bool{}
	near := func(a, b byte) { table[[2]byte{a, b}], table[[2]byte{b, a}] = true, true }
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
