package embedded

import (
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Redis is an in-process Redis. Its data is lost when the process ends.
type Redis struct {
	server *miniredis.Miniredis
	stop   chan struct{}
	done   chan struct{}
}

// StartRedis runs an in-process Redis on a free port of the loopback address.
func StartRedis() (*Redis, error) {
	r := &Redis{server: miniredis.NewMiniRedis(), stop: make(chan struct{}), done: make(chan struct{})}
	if err := r.server.Start(); err != nil {
		return nil, fmt.Errorf("start an in-process Redis: %w", err)
	}
	go r.keepTime()
	return r, nil
}

// keepTime advances the clock: times to live in miniredis do not advance by themselves.
func (r *Redis) keepTime() {
	defer close(r.done)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case now := <-ticker.C:
			r.server.SetTime(now)
			r.server.FastForward(time.Second)
		}
	}
}

// URL returns the address of the server.
func (r *Redis) URL() string { return "redis://" + r.server.Addr() }

// Stop ends the server.
func (r *Redis) Stop() error {
	close(r.stop)
	<-r.done
	r.server.Close()
	return nil
}
