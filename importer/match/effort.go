package match

// budget is how much work one name may cost, in units of about one comparison of two short names
// (some 60 ns). Directories of real names stay far below it (docs/resolution.md has the figures);
// only names made to be alike reach it.
const budget = 1 << 19

// What the rest costs in units.
const (
	foundUnits   = 4       // to keep and sort a text that was found
	readUnits    = 24      // to read a name of two words as a way of writing another one
	stopUnits    = 1 << 12 // between two looks at the stop signal
	lettersShort = 20      // with each so many letters of a short query a comparison costs a unit more
	lettersUnit  = 1 << 8  // so many pairs of letters of two texts, one of them long, are compared at the price of a unit
)

// effort counts the work of one lookup. What it counts depends on the name and the directory alone:
// not on the processor, on how the directory came to be what it is, or on what was looked up
// before. So a lookup that runs out of its budget does so always and everywhere.
type effort struct {
	done        <-chan struct{} // ends the lookup, whatever it has come to; nil for never
	limit       int
	spent       int
	next        int // at so many units there is something to look at
	exhausted   bool
	interrupted bool
}

// spend counts units of work; it reports false when the lookup is to end.
func (e *effort) spend(units int) bool {
	e.spent += units
	return e.spent < e.next || e.goOn()
}

// afford reports whether so many units are left, without spending them: what cannot be paid to its
// end need not be begun.
func (e *effort) afford(units int) bool {
	if e.spent+units > e.limit {
		return e.spend(units)
	}
	return !e.over()
}

// over reports whether the lookup is to end.
func (e *effort) over() bool { return e.exhausted || e.interrupted }

func (e *effort) goOn() bool {
	select {
	case <-e.done:
		e.interrupted = true
	default:
		e.exhausted = e.exhausted || e.spent > e.limit
	}
	if e.over() {
		e.next = 0
		return false
	}
	e.next = min(e.spent+stopUnits, e.limit+1)
	return true
}

// pairUnits is what it costs to compare two texts of these lengths.
func pairUnits(a, b int) int {
	if a <= maxIndexed && b <= maxIndexed {
		return 1 + a/lettersShort
	}
	return 1 + a*b/lettersUnit
}

// readingUnits is what it costs to read one name as a way of writing another.
func readingUnits(qs, es []form) int {
	units := readUnits
	for _, q := range qs {
		for _, e := range es {
			units += len(q.words)*len(e.words) + pairUnits(len(q.text), len(e.text))
		}
	}
	return units
}
