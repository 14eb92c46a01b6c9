package store

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// Directories are by far the largest thing that a process keeps. With Go's default, garbage may take as much again as they do, and more while they are built.
const (
	garbageWhileBuilding = 10 // per cent of what is in use
	garbageBytes         = 64 << 20
	leastGarbage         = 25
	mostGarbage          = 100
)

// collector sets how much garbage the process lets pile up, while directories are built and after.
type collector struct {
	mu       sync.Mutex
	building int
}

// begin makes the collector eager until the function that it gives is called.
func (c *collector) begin() (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.building++; c.building == 1 {
		debug.SetGCPercent(garbageWhileBuilding)
	}
	return c.end
}

func (c *collector) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.building--; c.building > 0 {
		return
	}
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(garbagePercent(m.HeapAlloc))
}

// garbagePercent lets a fixed amount of garbage pile up where much is in use, and Go's default where little is.
func garbagePercent(used uint64) int {
	return int(min(mostGarbage, max(leastGarbage, garbageBytes*100/max(used, 1))))
}
