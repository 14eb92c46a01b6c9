package match

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wholeSlip computes every cell; slip computes only those near the diagonal.
func wholeSlip(entry, query string, most int) (edits int, chance float64) {
	n, m := len(entry), len(query)
	cost := make([][]slipCost, n+1)
	for i := range cost {
		cost[i] = make([]slipCost, m+1)
		for j := range cost[i] {
			switch {
			case i == 0:
				cost[i][j] = slipCost{j, float64(j) * logOther}
				continue
			case j == 0:
				cost[i][j] = slipCost{i, float64(i) * logLose}
				continue
			}
			best := cost[i-1][j-1]
			if entry[i-1] != query[j-1] {
				best = best.with(replaced(entry[i-1], query[j-1]))
			}
			best = better(best, cost[i-1][j].with(logLose))
			best = better(best, cost[i][j-1].with(added(entry, query, i, j)))
			if i > 1 && j > 1 && entry[i-1] == query[j-2] && entry[i-2] == query[j-1] && entry[i-1] != entry[i-2] {
				best = better(best, cost[i-2][j-2].with(logSwap))
			}
			cost[i][j] = best
		}
	}
	end := cost[n][m]
	if end.edits > most {
		return most + 1, math.Inf(-1)
	}
	return end.edits, end.chance + float64(end.edits)*(logTypo-math.Log(float64(n)/7))
}

func TestSlipsNearTheDiagonalAreAllThatCount(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	found := map[int]int{}
	for range 300_000 {
		entry := make([]byte, 1+rng.IntN(9))
		for i := range entry {
			entry[i] = "aeinrst1"[rng.IntN(8)]
		}
		query := append([]byte{}, entry...)
		for range rng.IntN(4) {
			switch at := rng.IntN(len(query)); rng.IntN(4) {
			case 0:
				query[at] = "aeinrst1"[rng.IntN(8)]
			case 1:
				query = append(query[:at:at], append([]byte{"aeinrst1"[rng.IntN(8)]}, query[at:]...)...)
			case 2:
				if len(query) > 1 {
					query = append(query[:at:at], query[at+1:]...)
				}
			case 3:
				query[at], query[len(query)-1-at] = query[len(query)-1-at], query[at]
			}
		}
		most := 1 + rng.IntN(2)
		edits, chance := slip(string(entry), string(query), most)
		wantEdits, wantChance := wholeSlip(string(entry), string(query), most)
		if edits != wantEdits || chance != wantChance {
			t.Fatalf("slip(%s, %s, %d) = %d, %v; want %d, %v", entry, query, most, edits, chance, wantEdits, wantChance)
		}
		found[edits]++
	}
	for edits := range 4 {
		if found[edits] < 1000 {
			t.Errorf("only %d pairs with %d slips", found[edits], edits)
		}
	}
}
