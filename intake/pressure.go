package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// pressing is how many single tasks within pressureWindow make the workers give way: 200 a
	// second.
	pressing       = 50
	pressureWindow = 250 * time.Millisecond
	// pressureLasts is how long the workers believe it.
	pressureLasts = 4 * pressureWindow
)

// pressure counts the single tasks that clients wait for. Imports share the database with them, and
// nobody waits for a chunk.
type pressure struct {
	mu    sync.Mutex
	began time.Time // of the present window
	count int
}

// add counts a task; it reports true once in a window, when it becomes one of many.
func (p *pressure) add(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.began) > pressureWindow {
		p.began, p.count = now, 0
	}
	p.count++
	return p.count == pressing
}

// press lets the workers know when many clients wait for single tasks. It does not keep the request
// that notices it.
func (s *server) press(ctx context.Context) {
	if !s.pressure.add(time.Now()) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, pressureWindow)
		defer cancel()
		if err := s.Queue.SignalOverload(ctx, pressureLasts); err != nil {
			s.Logger.DebugContext(ctx, "workers not told to give way", slog.Any("error", err))
		}
	}()
}
