package match

import (
	"strings"
	"sync"
)

// maxMemo bounds how many verdicts a directory remembers: names repeat within an import.
const maxMemo = 1 << 16

// memo remembers what was decided on names that nobody bears exactly: in a file they come again and again, since the system that wrote it has a person
// misspelt in one way. A full one forgets everything: which names come again is not known. It remembers for one set of parameters, the latest.
type memo struct {
	mu       sync.RWMutex
	params   Params
	verdicts map[string]*Verdict
}

func (m *memo) get(name string, p Params) (Verdict, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if v := m.verdicts[name]; v != nil && m.params == p {
		return *v, true
	}
	return Verdict{}, false
}

func (m *memo) put(name string, p Params, v Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verdicts == nil || len(m.verdicts) >= maxMemo || m.params != p {
		m.params, m.verdicts = p, make(map[string]*Verdict)
	}
	m.verdicts[strings.Clone(name)] = &v // the row's text is not kept for its sake
}
