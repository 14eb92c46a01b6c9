package match

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"sync"
	"sync/atomic"
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

// sureNames remembers the one entry that a name certainly means, by equality or an alias, because
// names repeat within an import. A name has two places, and takes that of another name when both are
// full. Nothing is locked.
type sureNames struct {
	once   sync.Once
	seed   maphash.Seed
	places []atomic.Pointer[sureName]
}

type sureName struct {
	name  string
	entry int32
	rule  Rule
}

const (
	leastSure   = 1 << 6 // places; in between there are two to four for each entry
	mostSure    = 1 << 17
	longestSure = 64 // bytes; longer names are sought each time
)

// at returns the two places of a name.
func (s *sureNames) at(d *Directory, name string) (first, second *atomic.Pointer[sureName]) {
	s.once.Do(func() {
		s.seed = maphash.MakeSeed()
		s.places = make([]atomic.Pointer[sureName], min(max(leastSure, 2<<bits.Len(uint(d.Len()))), mostSure))
	})
	place := maphash.String(s.seed, name) & uint64(len(s.places)-1)
	return &s.places[place], &s.places[place^1]
}

// recallSure returns the certain verdict that is remembered for a name; it reports false without
// one.
func (d *Directory) recallSure(name string, companies []ID) (Verdict, bool) {
	first, second := d.sure.at(d, name)
	known := first.Load()
	if known == nil || known.name != name {
		known = second.Load()
	}
	if known == nil || known.name != name {
		return Verdict{}, false
	}
	if known.rule == RuleAlias { // the operator who chose it has overruled the company
		companies = nil
	}
	return d.linked(known.rule, hit{known.entry, 1}, companies), true
}

// rememberSure keeps the entry that a name certainly means for recallSure.
func (d *Directory) rememberSure(name string, rule Rule, entry int32) {
	if len(name) > longestSure {
		return
	}
	place, second := d.sure.at(d, name)
	if place.Load() != nil && second.Load() == nil {
		place = second
	}
	place.Store(&sureName{strings.Clone(name), entry, rule})
}
