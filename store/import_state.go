package store

import (
	"fmt"
	"slices"
	"strings"
)

// Transition is something that happens to an import or to one of its chunks.
type Transition string

// The steps. Claim, Release and a lapsed lease leave a chunk pending; what they move is its attempt
// and its lease.
const (
	TransitionBegin   Transition = "begin"  // a staged file is to be imported
	TransitionStart   Transition = "start"  // the first chunk is claimed
	TransitionEnd     Transition = "end"    // no chunk is pending any more
	TransitionFinish  Transition = "finish" // a chunk's rows are where they belong
	TransitionPark    Transition = "park"   // a chunk has used up its attempts
	TransitionCancel  Transition = "cancel"
	TransitionRetry   Transition = "retry"
	TransitionCorrect Transition = "mend" // somebody decides about dead letters
	TransitionUndo    Transition = "undo"
	TransitionCommit  Transition = "commit" // of a dry run
)

// ChunkState is the state of a chunk.
type ChunkState string

// The states of a chunk.
const (
	ChunkPending   ChunkState = "pending"
	ChunkDone      ChunkState = "done"
	ChunkParked    ChunkState = "parked"
	ChunkCancelled ChunkState = "cancelled" // its import was cancelled, or a later retry has taken its place
)

// importSteps says for each step from which states of an import it leads where. An import ends
// failed when a chunk is parked.
var importSteps = map[Transition]struct {
	from []Status
	to   []Status
}{
	TransitionBegin:   {[]Status{Staged}, []Status{Queued}},
	TransitionStart:   {[]Status{Queued}, []Status{Processing}},
	TransitionEnd:     {[]Status{Queued, Processing}, []Status{Completed, Failed}},
	TransitionCancel:  {[]Status{Queued, Processing}, []Status{Cancelled}},
	TransitionRetry:   {[]Status{Completed, Failed}, []Status{Processing}},
	TransitionCorrect: {[]Status{Processing, Completed, Failed}, []Status{Processing}},
	TransitionUndo:    {[]Status{Completed, Failed, Cancelled}, []Status{Undone}},
	TransitionCommit:  {[]Status{Completed}, []Status{Processing}},
}

// chunkSteps says the same of a chunk. A retry makes a parked chunk of the file pending, and
// withholds a parked chunk that corrections: new ones take its place. So does a correct with one
// whose rows are all decided anew.
var chunkSteps = map[Transition]struct {
	from []ChunkState
	to   []ChunkState
}{
	TransitionFinish:  {[]ChunkState{ChunkPending}, []ChunkState{ChunkDone}},
	TransitionPark:    {[]ChunkState{ChunkPending}, []ChunkState{ChunkParked}},
	TransitionCancel:  {[]ChunkState{ChunkPending, ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionRetry:   {[]ChunkState{ChunkParked}, []ChunkState{ChunkPending, ChunkCancelled}},
	TransitionCorrect: {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionUndo:    {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionCommit:  {[]ChunkState{ChunkDone}, []ChunkState{ChunkPending}},
}

// Allows reports whether an import in this state can take the step.
func (s Status) Allows(step Transition) bool { return slices.Contains(importSteps[step].from, s) }

// Leads reports whether the step can bring an import from this state into another.
func (s Status) Leads(step Transition, to Status) bool {
	return s.Allows(step) && slices.Contains(importSteps[step].to, to)
}

// Allows reports whether a chunk in this state can take the step.
func (s ChunkState) Allows(step Transition) bool { return slices.Contains(chunkSteps[step].from, s) }

// Leads reports whether the step can bring a chunk from this state into another.
func (s ChunkState) Leads(step Transition, to ChunkState) bool {
	return s.Allows(step) && slices.Contains(chunkSteps[step].to, to)
}

// StateError refuses a step that the import's state does not allow.
type StateError struct {
	Transition Transition
	Status     Status
	Why        string // where it is not the status: what else stands against it
}

// Error says what stands against the step and what would allow it.
func (e *StateError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("%s is not possible: %s", e.Transition, e.Why)
	}
	var from []string
	for _, s := range importSteps[e.Transition].from {
		from = append(from, string(s))
	}
	return fmt.Sprintf("%s is not possible: the import is %s; only one that is %s allows it", e.Transition, e.Status,
		strings.Join(from, " or "))
}
