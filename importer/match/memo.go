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
	companies string
	params    Params
}

func ask(name string, companies []ID, p Params) question {
	if len(companies) == 0 {
		return question{name: name, params: p}
	}
	ids := make([]byte, 0, len(companies)*len(ID{}))
	for _, c := range companies {
		ids = append(ids, c[:]...)
	}
	return question{name: name, companies: string(ids), params: p}
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
