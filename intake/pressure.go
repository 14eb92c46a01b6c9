package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// pressing is the number of single tasks within pressureWindow at which workers slow down: 200
	// per second.
	pressing       = 50
	pressureWindow = 250 * time.Millisecond
	// pressureLasts is how long the workers slow down.
	pressureLasts = 4 * pressureWindow
)

// pressure counts the single tasks whose answers clients wait for; of one that is sent later, the
// answer says that it is accepted. Imports share the database with them, and no client waits for a
// chunk.
type pressure struct {
	mu    sync.Mutex
	began time.Time // of the present window
	count int
}

// add counts a task. It reports true once per window, for the task that reaches pressing.
func (p *pressure) add(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.began) > pressureWindow {
		p.began, p.count = now, 0
	}
	p.count++
	return p.count == pressing
}

// press slows down the workers when many clients wait for single tasks. It does not delay the
// request.
func (s *server) press(ctx context.Context) {
	if !s.pressure.add(s.Now()) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, pressureWindow)
		defer cancel()
		if err := s.Queue.SignalOverload(ctx, pressureLasts); err != nil {
			s.Logger.DebugContext(ctx, "workers not told to slow down", slog.Any("error", err))
		}
	}()
}
