package store

import "testing"

func TestGarbageIsBoundedWhereMuchIsInUse(t *testing.T) {
	t.Parallel()
	for used, want := range map[uint64]int{0: 100, 10 << 20: 100, 64 << 20: 100, 128 << 20: 50, 1 << 30: 25} {
		if got := garbagePercent(used); got != want {
			t.Errorf("%d bytes in use: %d %%, want %d", used, got, want)
		}
	}
}
