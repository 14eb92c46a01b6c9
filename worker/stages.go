package worker

import (
	"log/slog"
	"time"

	"taskport/store"
)

// stages are how long the parts of a chunk's work took: the claim with the chunk's bytes, decode → map → validate, the view of the directory,
// resolve, the writing of tasks and dead letters, and the commit.
type stages struct {
	claim, read, view, link, write, commit time.Duration

	wrote store.Finished
}

// attr gives the stages as members of a log line, under their own names.
func (s stages) attr() slog.Attr {
	return slog.Group("", slog.Duration("claim", s.claim), slog.Duration("read", s.read), slog.Duration("view", s.view),
		slog.Duration("link", s.link), slog.Duration("write", s.write), slog.Duration("commit", s.commit))
}

// stopwatch gives a function that tells the time since it was last asked.
func stopwatch() func() time.Duration {
	last := time.Now()
	return func() time.Duration {
		now := time.Now()
		defer func() { last = now }()
		return now.Sub(last)
	}
}
