package match

import (
	"strings"
	"sync"
)

// maxMemo bounds how many verdicts a directory remembers: names repeat within an import.
const maxMemo = 1 << 16

// memo remembers verdicts. A full one forgets everything: which names come again is not known. It remembers those of one set of parameters, the latest.
type memo struct {
	mu       sync.RWMutex
	params   Params
	verdicts map[question]*Verdict
}

// question is all that a verdict depends on, besides the directory and the parameters.
type question struct {
	name    string
	company ID
}

// ask gives the question of a name that its row gives at most one company; others are too rare to be remembered.
func ask(name string, companies []ID) (q question, ok bool) {
	q.name = name
	if len(companies) > 0 {
		q.company = companies[0]
	}
	return q, len(companies) < 2
}

func (m *memo) get(q question, p Params) (Verdict, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if v := m.verdicts[q]; v != nil && m.params == p {
		return *v, true
	}
	return Verdict{}, false
}

func (m *memo) put(q question, p Params, v Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verdicts == nil || len(m.verdicts) >= maxMemo || m.params != p {
		m.params, m.verdicts = p, make(map[question]*Verdict)
	}
	q.name = strings.Clone(q.name) // the row's text is not kept for its sake
	m.verdicts[q] = &v
}
