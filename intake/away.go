package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"taskport/store"
)

// A database that hangs is detected after at most awayTimeout plus awayPause, so that requests are
// answered within 2 s.
const (
	awayTimeout = 1500 * time.Millisecond
	awayPause   = 250 * time.Millisecond
	// uploadPatience is how long an upload waits for a database that does not answer: sending a large
	// file again costs more than waiting.
	uploadPatience = 10 * time.Second
)

// watch pings the database while requests are running, and ends requests that wait for a database
// that does not answer.
type watch struct {
	ping   func(context.Context) error
	logger *slog.Logger

	mu      sync.Mutex
	running map[*waiting]struct{}
	asking  bool
	since   time.Time // when the database began not to answer; zero while it does
}

// waiting is a running request that may wait for the database.
type waiting struct {
	end      context.CancelCauseFunc
	patience time.Duration
}

func newWatch(ping func(context.Context) error, logger *slog.Logger) *watch {
	return &watch{ping: ping, logger: logger, running: map[*waiting]struct{}{}}
}

// enter returns the context of a request, which ends with store.ErrUnavailable once the database
// has been away for longer than its patience. The caller must call leave.
func (w *watch) enter(ctx context.Context, patience time.Duration) (_ context.Context, leave func()) {
	ctx, end := context.WithCancelCause(ctx)
	r := &waiting{end, patience}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.since.IsZero() {
		end(store.ErrUnavailable)
	}
	w.running[r] = struct{}{}
	if !w.asking {
		w.asking = true
		go w.ask(context.WithoutCancel(ctx)) // it serves the requests that follow as well
	}
	return ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.running, r)
		end(nil)
	}
}

// ask pings the database until no request is running and the database answers.
func (w *watch) ask(ctx context.Context) {
	for {
		once, cancel := context.WithTimeout(ctx, awayTimeout)
		err := w.ping(once)
		cancel()
		if !w.heard(err) {
			return
		}
		time.Sleep(awayPause)
	}
}

// heard ends requests that have waited long enough, and reports whether to ping again.
func (w *watch) heard(err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil && !w.since.IsZero():
		w.logger.Info("the database answers again", slog.Duration("after", time.Since(w.since)))
		w.since = time.Time{}
	case err != nil && w.since.IsZero():
		w.logger.Warn("the database does not answer; requests are refused until it does", slog.Any("error", err))
		w.since = time.Now()
	}
	if !w.since.IsZero() {
		for r := range w.running {
			if time.Since(w.since) >= r.patience {
				r.end(store.ErrUnavailable)
			}
		}
	}
	w.asking = len(w.running) > 0 || !w.since.IsZero()
	return w.asking
}

// patienceOf returns how long a request waits for a database that does not answer.
func patienceOf(method, path string) time.Duration {
	if isImport(method, path) {
		return uploadPatience
	}
	return 0
}
