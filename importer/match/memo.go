package match

import "sync"

// maxMemo bounds how many verdicts a directory remembers: names repeat within an import.
const maxMemo = 1 << 16

// memo remembers verdicts. A full one forgets everything: which names come again is not known.
type memo struct {
	mu       sync.RWMutex
	verdicts map[question]Verdict
}

// question is all that a verdict depends on, besides the directory.
type question struct {
	name      string
	company   ID     // the only one, or the first
	companies string // the others
	params    Params
}

func ask(name string, companies []ID, p Params) question {
	q := question{name: name, params: p}
	if len(companies) == 0 {
		return q
	}
	q.company = companies[0]
	var others []byte
	for _, c := range companies[1:] {
		others = append(others, c[:]...)
	}
	q.companies = string(others)
	return q
}

func (m *memo) get(q question) (Verdict, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.verdicts[q]
	return v, ok
}

func (m *memo) put(q question, v Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verdicts == nil || len(m.verdicts) >= maxMemo {
		m.verdicts = make(map[question]Verdict)
	}
	m.verdicts[q] = v
}
