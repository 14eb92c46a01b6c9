package match

import (
	"strings"
	"sync"
)

// A directory remembers so many verdicts, names repeat within an import: each that is not linked
// counts for several, since it is kept with its candidates.
const (
	maxMemo  = 1 << 17
	unlinked = 2
)

// memo remembers what was decided on names that nobody bears exactly: in a file they come again and
// again, since the system that wrote it has a person misspelt in one way. A full one forgets
// everything: which names come again is not known. It remembers for one set of parameters, the
// latest.
type memo struct {
	mu       sync.RWMutex
	params   Params
	verdicts map[string]remembered
	held     int // what the verdicts count for
}

// remembered is a verdict in little room. Most names are linked in the end, and of those the
// directory has the winner.
type remembered struct {
	winner       int32
	rule         Rule
	best, second float64
	other        *Verdict // one that is not linked, as it is
}

func (m *memo) get(name string, p Params) (r remembered, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.params != p {
		return r, false
	}
	r, ok = m.verdicts[name]
	return r, ok
}

func (m *memo) put(name string, p Params, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verdicts == nil || m.held >= maxMemo || m.params != p {
		m.params, m.verdicts, m.held = p, make(map[string]remembered), 0
	}
	m.held++
	if r.other != nil {
		m.held += unlinked - 1 + len(r.other.All)
	}
	m.verdicts[strings.Clone(name)] = r // the row's text is not kept for its sake
}

// recall returns what was decided on a name; it reports false where it is not remembered.
func (d *Directory) recall(name string, p Params) (Verdict, bool) {
	r, ok := d.memo.get(name, p)
	switch {
	case !ok:
		return Verdict{}, false
	case r.other != nil:
		return *r.other, true
	}
	v := d.linked(r.rule, hit{r.winner, r.best}, nil)
	v.Second = r.second
	return v, true
}

// remember keeps what was decided on a name, for recall.
func (d *Directory) remember(name string, p Params, v Verdict) {
	if v.Finding != Linked {
		d.memo.put(name, p, remembered{other: &v})
		return
	}
	d.memo.put(name, p, remembered{winner: d.find(v.Winner.ID), rule: v.Rule, best: v.Best, second: v.Second})
}
