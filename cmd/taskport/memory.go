package main

import (
	"math"
	"runtime/debug"
)

// memoryLimit is how much memory a server or worker uses before Go's collector becomes eager. A
// directory of a million contacts fits below it; with a larger one the collector works more, and
// GOMEMLIMIT raises the limit.
const memoryLimit = 256 << 20

// workerGarbage is how much garbage a worker lets pile up below the limit, in percent of what is in
// use. With Go's default of 100 an import takes 8 % more of the worker's processor time.
const workerGarbage = 200

// limitMemory sets the limit and, for a process with a worker, workerGarbage, unless GOMEMLIMIT or
// GOGC is set.
func limitMemory(works bool, getenv func(string) string) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryLimit)
	}
	if works && getenv("GOGC") == "" {
		debug.SetGCPercent(workerGarbage)
	}
}
