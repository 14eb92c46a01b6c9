package store

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The sample of a file does not depend on how it was cut: all checksums of a small file, and of
// others those that are divisible.
func TestSampleDoesNotDependOnTheCut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{1, sampledFile - 1, sampledFile, sampledFile + 1, 5 * sampledFile} {
		all := make([]int64, rows)
		for i := range all {
			all[i] = random.Int64() - random.Int64()
		}
		want := slices.Clone(all)
		if rows > sampledFile {
			want = slices.DeleteFunc(want, func(sum int64) bool { return sum%sampleRate != 0 })
		}
		for range 20 {
			var sample rowSample
			var got []int64
			for rest := all; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(rows))
				got, rest = append(got, sample.add(rest[:n])...), rest[n:]
			}
			if got = append(got, sample.small...); !slices.Equal(got, want) {
				t.Fatalf("%d rows: got a sample of %d checksums, want %d", rows, len(got), len(want))
			}
		}
	}
}
