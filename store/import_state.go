package store

import (
	"fmt"
	"slices"
	"strings"
)

// Step is something that happens to an import or to one of its chunks.
type Step string

// The steps. Claim, Release and a lapsed lease leave a chunk pending; what they move is its attempt and its lease.
const (
	StepBegin  Step = "begin"  // a staged file is to be imported
	StepStart  Step = "start"  // the first chunk is claimed
	StepEnd    Step = "end"    // no chunk is pending any more
	StepFinish Step = "finish" // a chunk's rows are where they belong
	StepPark   Step = "park"   // a chunk has used up its attempts
	StepCancel Step = "cancel"
	StepRetry  Step = "retry"
	StepMend   Step = "mend" // somebody decides about dead letters
	StepUndo   Step = "undo"
	StepCommit Step = "commit" // of a dry run
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

// importSteps says for each step from which states of an import it leads where. An import ends failed when a chunk is parked.
var importSteps = map[Step]struct {
	from []Status
	to   []Status
}{
	StepBegin:  {[]Status{Staged}, []Status{Queued}},
	StepStart:  {[]Status{Queued}, []Status{Processing}},
	StepEnd:    {[]Status{Queued, Processing}, []Status{Completed, Failed}},
	StepCancel: {[]Status{Queued, Processing}, []Status{Cancelled}},
	StepRetry:  {[]Status{Completed, Failed}, []Status{Processing}},
	StepMend:   {[]Status{Processing, Completed, Failed}, []Status{Processing}},
	StepUndo:   {[]Status{Completed, Failed, Cancelled}, []Status{Undone}},
	StepCommit: {[]Status{Completed}, []Status{Processing}},
}

// chunkSteps says the same of a chunk. A retry makes a parked chunk of the file pending, and withholds a parked chunk that mends: new ones take its place.
// So does a mend with one whose rows are all decided anew.
var chunkSteps = map[Step]struct {
	from []ChunkState
	to   []ChunkState
}{
	StepFinish: {[]ChunkState{ChunkPending}, []ChunkState{ChunkDone}},
	StepPark:   {[]ChunkState{ChunkPending}, []ChunkState{ChunkParked}},
	StepCancel: {[]ChunkState{ChunkPending, ChunkParked}, []ChunkState{ChunkCancelled}},
	StepRetry:  {[]ChunkState{ChunkParked}, []ChunkState{ChunkPending, ChunkCancelled}},
	StepMend:   {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	StepUndo:   {[]ChunkState{ChunkParked}, []ChunkState{ChunkCancelled}},
	StepCommit: {[]ChunkState{ChunkDone}, []ChunkState{ChunkPending}},
}

// Allows reports whether an import in this state can take the step.
func (s Status) Allows(step Step) bool { return slices.Contains(importSteps[step].from, s) }

// Leads reports whether the step can bring an import from this state into another.
func (s Status) Leads(step Step, to Status) bool {
	return s.Allows(step) && slices.Contains(importSteps[step].to, to)
}

// Allows reports whether a chunk in this state can take the step.
func (s ChunkState) Allows(step Step) bool { return slices.Contains(chunkSteps[step].from, s) }

// Leads reports whether the step can bring a chunk from this state into another.
func (s ChunkState) Leads(step Step, to ChunkState) bool {
	return s.Allows(step) && slices.Contains(chunkSteps[step].to, to)
}

// StateError refuses a step that the import's state does not allow.
type StateError struct {
	Step   Step
	Status Status
	Why    string // where it is not the status: what else stands against it
}

// Error says what stands against the step and what would allow it.
func (e *StateError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("%s is not possible: %s", e.Step, e.Why)
	}
	var from []string
	for _, s := range importSteps[e.Step].from {
		from = append(from, string(s))
	}
	return fmt.Sprintf("%s is not possible: the import is %s; only one that is %s allows it", e.Step, e.Status, strings.Join(from, " or "))
}
