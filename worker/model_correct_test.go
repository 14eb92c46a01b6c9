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
	var err error
	if all {
		_, err = r.store.CorrectAll(r.t.Context(), r.workspace, r.i.ID, store.Selector{Rows: sameRemainder(row)}, m, false,
			store.Actor{}, nil)
	} else {
		_, err = r.store.Correct(r.t.Context(), r.workspace, r.i.ID, row, m, store.Actor{}, nil)
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
	for _, row := range free {
		r.corrected[row] = len(r.chunks)
	}
	for n, c := range r.chunks {
		if c.decided && c.state.Allows(store.TransitionCorrect) &&
			!slices.Contains(slices.Collect(maps.Values(r.corrected)), n+1) {
			r.chunkMoves(n+1, store.TransitionCorrect, store.ChunkCancelled)
		}
	}
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
