package store

import (
	"sync"
	"time"
)

const (
	// callerAge is how long a key is believed without asking the database: a key that another process revokes ends within this time.
	callerAge = time.Second
	// maxCallers bounds how many keys a process remembers.
	maxCallers = 10_000
)

// callerCache remembers who has just asked, so that a busy key does not cost each of its requests a question.
type callerCache struct {
	mu    sync.Mutex
	byKey map[string]remembered
}

type remembered struct {
	caller Caller
	until  time.Time
}

func (c *callerCache) get(hash string) (Caller, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.byKey[hash]
	return r.caller, ok && time.Now().Before(r.until)
}

// put remembers what was asked for at a time: the answer may be as old as the question.
func (c *callerCache) put(hash string, caller Caller, asked time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil || len(c.byKey) >= maxCallers {
		c.byKey = map[string]remembered{}
	}
	c.byKey[hash] = remembered{caller, asked.Add(callerAge)}
}

// forget makes every key be asked for again.
func (c *callerCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey = nil
}
