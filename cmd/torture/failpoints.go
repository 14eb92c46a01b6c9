package main

import (
	"bufio"
	"encoding/json"
	"net"
	"slices"
	"sync"

	"github.com/google/uuid"

	"taskport/internal/failpoint"
)

// reached is the message of a process at a failpoint.
type reached struct {
	PID       int            `json:"pid"`
	Failpoint failpoint.Name `json:"step"`
	Import    uuid.UUID      `json:"import"`
	Chunk     int            `json:"chunk"`
}

const goOn = "go"

// trap waits for a process at a failpoint and strikes there.
type trap struct {
	matches func(reached) bool
	strike  func(reached) (answer string)
	sprung  chan reached
}

// failpoints receives every failpoint of every process; the process waits for the answer.
type failpoints struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex
	traps   []*trap
	watches map[*watch]bool
	// always answers failpoints that no trap takes.
	always func(reached) (answer string)
}

func listenFailpoints(socket string, always func(reached) string) (*failpoints, error) {
	l, err := net.Listen("unix", socket) //nolint:noctx // it listens for the whole run
	if err != nil {
		return nil, err
	}
	s := &failpoints{listener: l, always: always, watches: map[*watch]bool{}}
	s.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() { s.answer(c) })
		}
	})
	return s, nil
}

func (s *failpoints) answer(c net.Conn) {
	defer c.Close()
	line, err := bufio.NewReader(c).ReadBytes('\n')
	if err != nil {
		return
	}
	var r reached
	if json.Unmarshal(line, &r) != nil {
		return
	}
	if r.Failpoint == failpoint.AfterCommit {
		s.committed(r)
	}
	var text string
	if t := s.spring(r); t != nil {
		text = t.strike(r)
		t.sprung <- r
	} else {
		text = s.always(r)
	}
	_, _ = c.Write([]byte(text + "\n")) // the process may be dead by now: that was the point
}

// spring removes and returns the first trap that matches, or nil.
func (s *failpoints) spring(r reached) *trap {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.traps {
		if t.matches(r) {
			s.traps = slices.Delete(s.traps, i, i+1)
			return t
		}
	}
	return nil
}

func (s *failpoints) set(t *trap) *trap {
	t.sprung = make(chan reached, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traps = append(s.traps, t)
	return t
}

// remove removes a trap; it reports false if the trap was sprung meanwhile.
func (s *failpoints) remove(t *trap) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.traps, t)
	if i < 0 {
		return false
	}
	s.traps = slices.Delete(s.traps, i, i+1)
	return true
}

// watch waits for the commit of a chunk.
type watch struct {
	matches func(reached) bool
	seen    chan reached
}

func (s *failpoints) watch(matches func(reached) bool) *watch {
	w := &watch{matches: matches, seen: make(chan reached, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches[w] = true
	return w
}

func (s *failpoints) unwatch(w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watches, w)
}

func (s *failpoints) committed(r reached) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		if w.matches(r) {
			delete(s.watches, w)
			w.seen <- r
		}
	}
}

func (s *failpoints) stop() { _ = s.listener.Close() }
