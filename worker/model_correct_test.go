package worker

import (
	"errors"
	"maps"
	"slices"

	"taskport/importer"
	"taskport/store"
)

// correct lets somebody decide about a row, or about those that have its remainder.
func (r *modelRun) correct() {
	row, all := 1+r.rand.IntN(modelRows), r.rand.IntN(2) == 0
	free, fits := r.free(row, all)
	m := importer.Correction{ContactID: r.contact}
	var made store.Correcting
	var err error
	if all {
		made, err = r.store.CorrectAll(r.t.Context(), r.workspace, r.i.ID, store.Selector{Rows: sameRemainder(row)}, m, false,
			store.Actor{}, nil)
	} else {
		made, err = r.store.Correct(r.t.Context(), r.workspace, r.i.ID, row, m, store.Actor{}, nil)
	}
	if r.status.Allows(store.TransitionCorrect) && len(free) == 0 {
		var refused *store.StateError
		decided := slices.ContainsFunc(fits, func(row int) bool { return r.corrected[row] > 0 })
		switch {
		case errors.As(err, &refused) && refused.Why != "":
		case errors.Is(err, store.ErrNotFound) && (all || !decided):
		default:
			r.t.Errorf("correction of rows %v, none of them free: %v", fits, err)
		}
		return
	}
	if !r.asked(store.TransitionCorrect, err) {
		return
	}
	r.moves(store.TransitionCorrect, store.Processing)
	r.chunks = append(r.chunks, modelChunk{state: store.ChunkPending, first: free[0], last: free[len(free)-1],
		corrections: true, decided: true})
	d := modelDecision{id: made.Decision, chunk: len(r.chunks), rows: free, before: map[int]int{}}
	for _, row := range free {
		d.before[row] = r.corrected[row]
		r.corrected[row] = len(r.chunks)
	}
	r.decisions = append(r.decisions, d)
	for n, c := range r.chunks {
		if c.decided && c.state.Allows(store.TransitionCorrect) &&
			!slices.Contains(slices.Collect(maps.Values(r.corrected)), n+1) {
			r.chunkMoves(n+1, store.TransitionCorrect, store.ChunkCancelled)
		}
	}
}

// takeBack undoes a decision, the last one or any. Its rows are dead letters again, unless one of
// them has moved on.
func (r *modelRun) takeBack() {
	if len(r.decisions) == 0 {
		return
	}
	n := len(r.decisions) - 1
	if r.rand.IntN(3) == 0 {
		n = r.rand.IntN(len(r.decisions))
	}
	d := r.decisions[n]
	_, err := r.store.UndoDecision(r.t.Context(), r.operator(), d.id)
	if r.status.Allows(store.TransitionUndoDecision) && !r.unmoved(d) {
		var refused *store.StateError
		if !errors.As(err, &refused) || refused.Transition != store.TransitionUndoDecision || refused.Why == "" {
			r.t.Errorf("undo of a decision about rows %v, which have moved on: %v", d.rows, err)
		}
		return
	}
	if !r.asked(store.TransitionUndoDecision, err) {
		return
	}
	r.decisions = slices.Delete(r.decisions, n, n+1)
	if r.chunks[d.chunk-1].state.Allows(store.TransitionUndoDecision) {
		r.chunkMoves(d.chunk, store.TransitionUndoDecision, store.ChunkCancelled)
	}
	for _, row := range d.rows {
		r.corrected[row] = d.before[row]
		if r.place[row] == isTask {
			r.created--
			r.rejected++
		}
		r.place[row] = isDead
	}
	r.chunks = append(r.chunks, modelChunk{state: store.ChunkDone, first: d.rows[0], last: d.rows[len(d.rows)-1],
		corrections: true, decided: true})
	if r.status.Allows(store.TransitionEnd) && r.chunksIn(store.ChunkPending) == 0 {
		r.endModel()
	}
}

// unmoved reports whether the rows of a decision are as it has left them.
func (r *modelRun) unmoved(d modelDecision) bool {
	for _, row := range d.rows {
		retried := slices.ContainsFunc(r.chunks, func(c modelChunk) bool {
			return c.corrections && !c.decided && c.state == store.ChunkPending && c.first <= row && row <= c.last
		})
		there := r.place[row] == isDead || r.place[row] == isTask && r.made[row] == d.chunk
		if r.corrected[row] != d.chunk || retried || !there {
			return false
		}
	}
	return true
}

// free returns the rows that a decision would be about, and those that its filter selects. Free
// rows are dead letters that no pending chunk retries.
func (r *modelRun) free(row int, all bool) (free, fits []int) {
	fits = []int{row}
	if all {
		fits = sameRemainder(row)
	}
	for _, row := range fits {
		taken := slices.ContainsFunc(r.chunks, func(c modelChunk) bool {
			return c.corrections && !c.decided && c.state == store.ChunkPending && c.first <= row && row <= c.last
		})
		if by := r.corrected[row]; by > 0 && r.chunks[by-1].state == store.ChunkPending {
			taken = true
		}
		if r.place[row] == isDead && !taken {
			free = append(free, row)
		}
	}
	return free, fits
}

func sameRemainder(row int) []int {
	var rows []int
	for r := (row-1)%4 + 1; r <= modelRows; r += 4 {
		rows = append(rows, r)
	}
	return rows
}
