package main

import (
	"strings"
	"sync"
	"time"
)

// stageNames are the parts of a chunk's work, as the worker logs them.
var stageNames = []string{"claim", "read", "view", "link", "write", "commit"}

// times are seconds by the name of a stage.
type times map[string]float64

func (t times) add(other times) {
	for name, sum := range other {
		t[name] += sum
	}
}

// stages sum up what the worker says its chunks took.
type stages struct {
	mu   sync.Mutex
	sums times
}

// read takes the durations out of a line of the log (name=12.3ms).
func (s *stages) read(logged string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sums == nil {
		s.sums = times{}
	}
	for _, word := range strings.Fields(logged) {
		name, value, _ := strings.Cut(word, "=")
		if d, err := time.ParseDuration(value); err == nil {
			s.sums[name] += d.Seconds()
		}
	}
}

// take returns the sums and resets them.
func (s *stages) take() times {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.sums
	s.sums = nil
	return taken
}
