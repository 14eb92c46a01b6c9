package match

// budget is the work that one name may cost, in units of about one comparison of two short names
// (60 ns). Directories of real names stay far below it; docs/resolution.md has the figures. Only
// names made to be similar reach it.
const budget = 1 << 19

// Costs of other work, in units.
const (
	foundUnits   = 4       // to keep and sort a text that was found
	readUnits    = 24      // to read a name of two words as a way of writing another name
	stopUnits    = 1 << 12 // between two looks at the stop signal
	lettersShort = 20      // a comparison costs a unit more for each so many letters of a short query
	// a unit pays for so many pairs of letters of two texts, if one of them is long
	lettersUnit = 1 << 8
)

// effort counts the work of one lookup. The count depends on the name and the directory alone: not
// on the processor, on the history of the directory, or on earlier lookups. So a lookup that
// exceeds its budget always does.
type effort struct {
	done        <-chan struct{} // ends the lookup in any state; nil for never
	limit       int
	spent       int
	next        int // the number of units at which to check the limits
	exhausted   bool
	interrupted bool
}

// spend counts units of work; it reports false if the lookup must end.
func (e *effort) spend(units int) bool {
	e.spent += units
	return e.spent < e.next || e.goOn()
}

// afford reports whether so many units are left, without spending them. Work that cannot be paid to
// its end is not begun.
func (e *effort) afford(units int) bool {
	if e.spent+units > e.limit {
		return e.spend(units)
	}
	return !e.over()
}

// over reports whether the lookup must end.
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

// pairUnits returns the cost of comparing two texts of these lengths.
func pairUnits(a, b int) int {
	if a <= maxIndexed && b <= maxIndexed {
		return 1 + a/lettersShort
	}
	return 1 + a*b/lettersUnit
}

// readingUnits returns the cost of reading one name as a way of writing another.
func readingUnits(qs, es []form) int {
	units := readUnits
	for _, q := range qs {
		for _, e := range es {
			units += len(q.words)*len(e.words) + pairUnits(len(q.text), len(e.text))
		}
	}
	return units
}
