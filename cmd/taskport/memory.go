package main

import (
	"math"
	"runtime/debug"
)

// memoryLimit is how much memory a server or worker uses before Go's collector becomes eager. A
// directory of a million contacts fits below it; with a larger one the collector works more, and
// GOMEMLIMIT raises the limit.
const memoryLimit = 256 << 20

// limitMemory sets the limit, unless the environment has done so.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryLimit)
	}
}
