package store

import (
	"fmt"
	"slices"
	"strings"
)

// Transition is a change of the state of an import or of one of its chunks.
type Transition string

// The transitions. A claim, a release and a lapsed lease leave a chunk pending; they change only
// its attempt and its lease.
const (
	TransitionBegin   Transition = "begin"  // a staged file is imported
	TransitionStart   Transition = "start"  // the first chunk is claimed
	TransitionEnd     Transition = "end"    // the last pending chunk has ended
	TransitionFinish  Transition = "finish" // the outcomes of a chunk's rows are written
	TransitionPark    Transition = "park"   // the attempts of a chunk are exhausted
	TransitionCancel  Transition = "cancel"
	TransitionRetry   Transition = "retry"
	TransitionCorrect Transition = "correction" // an operator corrects dead letters
	TransitionDismiss Transition = "dismiss"    // dead letters are closed, or opened again
	TransitionUndo    Transition = "undo"
	// TransitionUndoDecision brings back the dead letters of a decision.
	TransitionUndoDecision Transition = "undo of the decision"
	TransitionCommit       Transition = "commit" // of a dry run
	TransitionPurge        Transition = "purge"  // what the file held is removed
	TransitionReceive      Transition = "append" // rows of a stream arrive
)

// ChunkState is the state of a chunk.
type ChunkState string

// The states of a chunk.
const (
	ChunkPending   ChunkState = "pending"
	ChunkDone      ChunkState = "done"
	ChunkParked    ChunkState = "parked"
	ChunkCancelled ChunkState = "cancelled" // with its import, or because a later chunk replaces it
)

// ended are the states of an import that has ended.
var ended = []Status{Completed, Failed, Cancelled, Undone}

// importTransitions lists for each transition the states of an import that allow it, and the states
// that it leads to. An import ends failed when a chunk is parked.
var importTransitions = map[Transition]struct {
	from []Status
	to   []Status
}{
	TransitionBegin:   {[]Status{Staged}, []Status{Queued}},
	TransitionStart:   {[]Status{Queued}, []Status{Processing}},
	TransitionEnd:     {[]Status{Queued, Processing}, []Status{Completed, Failed}},
	TransitionCancel:  {[]Status{Queued, Processing}, []Status{Cancelled}},
	TransitionReceive: {[]Status{Queued, Processing}, []Status{Queued, Processing}},
	TransitionRetry:   {[]Status{Completed, Failed}, []Status{Processing}},
	TransitionCorrect: {[]Status{Processing, Completed, Failed}, []Status{Processing}},
	TransitionDismiss: {[]Status{Processing, Completed, Failed, Cancelled}, []Status{Processing, Completed, Failed,
		Cancelled}},
	TransitionUndoDecision: {[]Status{Processing, Completed, Failed, Cancelled}, []Status{Processing, Completed, Failed,
		Cancelled}},
	TransitionUndo:   {[]Status{Completed, Failed, Cancelled}, []Status{Undone}},
	TransitionCommit: {[]Status{Completed}, []Status{Processing}},
	TransitionPurge:  {ended, ended},
}

// chunkTransitions lists the same for a chunk. A retry makes a parked chunk of the file pending,
// and cancels a parked correction chunk, which new ones replace. A correction cancels a parked
// correction chunk whose rows all have a later decision.
var chunkTransitions = map[Transition]struct {
	from []ChunkState
	to   []ChunkState
}{
	TransitionFinish:       {[]ChunkState{ChunkPending}, []ChunkState{ChunkDone}},
	TransitionPark:         {[]ChunkState{ChunkPending}, []ChunkState{ChunkParked}},
	TransitionCancel:       {[]ChunkState{ChunkPending, ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionRetry:        {[]ChunkState{ChunkParked}, []ChunkState{ChunkPending, ChunkCancelled}},
	TransitionCorrect:      {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionUndo:         {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionUndoDecision: {[]ChunkState{ChunkPending, ChunkParked}, []ChunkState{ChunkCancelled}},
	TransitionCommit:       {[]ChunkState{ChunkDone}, []ChunkState{ChunkPending}},
}

// Allows reports whether an import in this state allows the transition.
func (s Status) Allows(t Transition) bool { return slices.Contains(importTransitions[t].from, s) }

// Leads reports whether the transition can bring an import from this state into another.
func (s Status) Leads(t Transition, to Status) bool {
	return s.Allows(t) && slices.Contains(importTransitions[t].to, to)
}

// Allows reports whether a chunk in this state allows the transition.
func (s ChunkState) Allows(t Transition) bool { return slices.Contains(chunkTransitions[t].from, s) }

// Leads reports whether the transition can bring a chunk from this state into another.
func (s ChunkState) Leads(t Transition, to ChunkState) bool {
	return s.Allows(t) && slices.Contains(chunkTransitions[t].to, to)
}

// StateError refuses a transition that the import's state does not allow.
type StateError struct {
	Transition Transition
	Status     Status
	Why        string // the reason, if it is not the status
}

// Error returns what prevents the transition, and which states allow it.
func (e *StateError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("%s is not possible: %s", e.Transition, e.Why)
	}
	var from []string
	for _, s := range importTransitions[e.Transition].from {
		from = append(from, string(s))
	}
	return fmt.Sprintf("%s is not possible: the import is %s; only one that is %s allows it", e.Transition, e.Status,
		strings.Join(from, " or "))
}
