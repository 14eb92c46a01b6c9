package store

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The sample of a file does not depend on how it was cut: all checksums of a small file, and of
// others those that are divisible, each once.
func TestSampleDoesNotDependOnTheCut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{1, sampledFile - 1, sampledFile, sampledFile + 1, 5 * sampledFile} {
		all := make([]int64, rows)
		for i := range all {
			all[i] = random.Int64() - random.Int64()
			if i%7 == 6 {
				all[i] = all[random.IntN(i)] // a row that repeats another
			}
			if i%100 == 99 {
				all[i] = 0
			}
		}
		var want []int64
		for _, sum := range all {
			if sum != 0 && (rows <= sampledFile || sum%sampleRate == 0) && !slices.Contains(want, sum) {
				want = append(want, sum)
			}
		}
		for range 20 {
			var sample rowSample
			var got []int64
			for rest := all; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(rows))
				got, rest = append(got, sample.add(rest[:n])...), rest[n:]
			}
			if got = append(got, sample.fresh(sample.small, 1)...); !slices.Equal(got, want) {
				t.Fatalf("%d rows: got a sample of %d checksums, want %d", rows, len(got), len(want))
			}
		}
	}
}
