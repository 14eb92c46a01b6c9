package match

import (
	"strings"
	"sync"
)

// A directory remembers verdicts, because names repeat within an import. A verdict that is not
// linked counts for several, since it is kept with its candidates.
const (
	maxMemo  = 1 << 17
	unlinked = 2
)

// memo remembers the verdicts on names without an equal entry. They repeat in a file, because its
// source has misspelt a person in one way. A full memo is cleared, because it is unknown which
// names will repeat. It holds verdicts for the latest set of parameters only.
type memo struct {
	mu       sync.RWMutex
	params   Params
	verdicts map[string]remembered
	held     int // the sum of the weights of the verdicts
}

// remembered is a verdict in compact form. Most names are linked, and the directory has the winners
// of those.
type remembered struct {
	winner       int32
	rule         Rule
	best, second float64
	other        *Verdict // a verdict that is not linked, in full
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
	m.verdicts[strings.Clone(name)] = r // a copy, so that the row's text can be freed
}

// recall returns the remembered verdict on a name; it reports false without one.
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

// remember keeps the verdict on a name for recall.
func (d *Directory) remember(name string, p Params, v Verdict) {
	if v.Finding != Linked {
		d.memo.put(name, p, remembered{other: &v})
		return
	}
	d.memo.put(name, p, remembered{winner: d.find(v.Winner.ID), rule: v.Rule, best: v.Best, second: v.Second})
}
