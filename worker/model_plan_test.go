package worker

import (
	"errors"

	"taskport/importer"
	"taskport/store"
)

// planFirst replaces the import by a dry run of the same file that has ended.
func (r *modelRun) planFirst() {
	r.i = r.stageWith(r.t, importer.Tasks, r.file, modelChunkRows, importer.Options{DryRun: true})
	shown := false
	r.status, r.dry, r.shown = store.Completed, true, &shown
	for n := range r.chunks {
		if err := r.worker.Process(r.t.Context(), r.ref(r.i, n+1)); err != nil {
			r.t.Fatal(err)
		}
		r.chunks[n].state, r.chunks[n].attempt, r.chunks[n].leased = store.ChunkDone, 1, true
	}
	for row := 1; row <= modelRows; row++ {
		if r.becomes(row) == isDead {
			r.place[row] = isDead
			r.rejected++
		} else {
			r.created++ // that is what a dry run counts
		}
	}
	r.compare()
}

// commit carries out the dry run, if it is one; once the directory has learnt who the stranger is,
// it is outdated.
func (r *modelRun) commit() {
	_, err := r.store.Commit(r.t.Context(), r.workspace, r.i.ID, store.Actor{}, nil)
	var outdated *store.OutdatedError
	if r.dry && r.knows {
		if !errors.As(err, &outdated) || outdated.Difference.Rows != modelRows/2 {
			r.t.Errorf("commit of an outdated plan: %v", err)
		}
		return
	}
	if !r.asked(store.TransitionCommit, err) {
		return
	}
	r.moves(store.TransitionCommit, store.Processing)
	for n := range r.chunks {
		r.chunkMoves(n+1, store.TransitionCommit, store.ChunkPending)
		r.chunks[n].leased = false
	}
	r.dry, r.created = false, 0
}
