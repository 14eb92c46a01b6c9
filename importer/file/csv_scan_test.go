package file

import (
	"math/rand/v2"
	"testing"
)

// TestScanOfAPrefix checks that a record is read alike however much of the file has arrived. A
// prefix either has the result of the whole, or is reported as too short; it must not be too short
// if it has all the bytes that are needed.
func TestScanOfAPrefix(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		file := []byte(randomCSV(random))
		if len(file) == 0 {
			continue
		}
		s := csvScanner{delimiter: ','}
		whole, _ := s.scan(file, true)
		for n := 1; n < len(file); n++ {
			part, ok := s.scan(file[:n], false)
			if ok && part != whole {
				t.Fatalf("%q: %+v of the first %d bytes, %+v of all", file, part, n, whole)
			}
			if ok != (n >= whole.seen) && (ok || n > whole.seen+1) {
				t.Fatalf("%q: decided is %v after %d bytes, of %+v", file, ok, n, whole)
			}
		}
	}
}
