package worker

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/store"
)

var modelSeed = flag.Uint64("model.seed", 0, "repeat the run of TestModel that printed this seed")

const (
	modelRows      = 24
	modelChunkRows = 6
	modelSteps     = 120
)

// model is the expected state of an import, kept beside the real one. Its transitions are those of
// the tables of store/import_state.go.
type model struct {
	status store.Status
	chunks []modelChunk
	// of a row: a task, changed by somebody else, or a dead letter; none before it is processed and
	// after an undo
	place     map[int]string
	knows     bool        // the directory has the stranger
	corrected map[int]int // the chunk that carries out the last decision about a row
	made      map[int]int // the chunk that made a task of a row
	decisions []modelDecision
	shown     *bool // what the directory knew when the dry run was made; nil of an import that is none
	dry       bool  // it is not carried out yet

	created, rejected int
}

const (
	isTask    = "task"
	isChanged = "changed task"
	isDead    = "dead letter"
)

// modelDecision is a decision that is not undone.
type modelDecision struct {
	id     uuid.UUID
	chunk  int
	rows   []int
	before map[int]int // what corrected was
}

type modelChunk struct {
	state       store.ChunkState
	first, last int
	attempt     int
	corrections bool
	decided     bool // it has only rows with a decision
	leased      bool
}

// modelRun is a model, the import that it models, and the claims that workers hold on its chunks,
// live or stale.
type modelRun struct {
	*bundle
	model
	t      *testing.T
	rand   *rand.Rand
	worker *Worker
	i      store.Import
	file   string
	held   []*store.Claim
	trace  []string
}

// Any order of steps leads the real import where the model goes, and never anywhere that the tables
// do not allow.
func TestModel(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2, 3, 4}
	for range 8 {
		seeds = append(seeds, rand.Uint64())
	}
	if *modelSeed != 0 {
		seeds = []uint64{*modelSeed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("seed: -model.seed=%d", seed)
			r := newModelRun(t, seed)
			if seed%2 == 0 {
				r.planFirst()
			}
			for range modelSteps {
				if r.step(r.anyStep()); t.Failed() {
					t.Fatalf("after %s", strings.Join(r.trace, ", "))
				}
			}
		})
	}
}

func newModelRun(t *testing.T, seed uint64) *modelRun {
	r := &modelRun{bundle: setup(t), t: t, rand: rand.New(rand.NewPCG(seed, seed))}
	r.worker = r.bundle.worker()
	var file strings.Builder
	file.WriteString("title,contact_name\n")
	for row := 1; row <= modelRows; row++ {
		fmt.Fprintf(&file, "Task %d,%s\n", row, []string{"", "Hans Müller", "Erika Muster", "Erika Muster"}[row%4])
	}
	r.file = file.String()
	r.i = r.stage(t, "tasks", r.file, modelChunkRows)
	r.model = model{status: store.Queued, place: map[int]string{}, corrected: map[int]int{}, made: map[int]int{}}
	for first := 1; first <= modelRows; first += modelChunkRows {
		r.chunks = append(r.chunks, modelChunk{state: store.ChunkPending, first: first, last: first + modelChunkRows - 1})
	}
	return r
}

// becomes returns the place of a row that is processed now.
func (m *model) becomes(row int) string {
	if m.corrected[row] == 0 && !linksWhen(row, m.knows) {
		return isDead
	}
	return isTask
}

// linksWhen reports whether a row of the file names a contact; knows: the directory has the
// stranger.
func linksWhen(row int, knows bool) bool { return row%4 == 1 || row%4 > 1 && knows }

func (m *model) rowsIn(place string) []int {
	var rows []int
	for row := 1; row <= modelRows; row++ {
		if m.place[row] == place {
			rows = append(rows, row)
		}
	}
	return rows
}

func (m *model) chunksIn(s store.ChunkState) (n int) {
	for _, c := range m.chunks {
		if c.state == s {
			n++
		}
	}
	return n
}

// owns reports whether a claim may still write.
func (m *model) owns(c *store.Claim) bool {
	chunk := m.chunks[c.Number-1]
	return chunk.state == store.ChunkPending && chunk.attempt == c.Attempt
}

// modelStepNames are what can happen; those that bring an import forward are there more than once.
var modelStepNames = []string{"claim", "claim", "claim", "claim", "finish", "finish", "finish", "release", "park",
	"lapse", "lapse", "sweep", "end", "end", "retry", "retry", "cancel", "undo", "commit", "commit", "commit", "learn",
	"learn", "change", "change", "mend", "mend", "mend", "take back", "take back"}

func (r *modelRun) anyStep() string {
	name := modelStepNames[r.rand.IntN(len(modelStepNames))]
	if (name == "cancel" || name == "undo") && r.rand.IntN(5) > 0 { // little comes after them
		return "claim"
	}
	return name
}

// step takes a step in the model and in the store, and compares.
func (r *modelRun) step(name string) {
	r.trace = append(r.trace, name)
	switch name {
	case "claim":
		r.claim()
	case "finish", "release", "park":
		if len(r.held) > 0 {
			n := r.rand.IntN(len(r.held))
			c := r.held[n]
			r.held = slices.Delete(r.held, n, n+1)
			map[string]func(*store.Claim){"finish": r.finish, "release": r.release, "park": r.park}[name](c)
		}
	case "lapse":
		r.lapse(r.t, r.i)
		for n := range r.chunks {
			r.chunks[n].leased = false
		}
	case "sweep":
		r.sweep()
	case "end":
		r.end()
	case "retry":
		r.retry()
	case "commit":
		r.commit()
	case "cancel":
		r.cancelIt()
	case "undo":
		r.undo()
	case "learn":
		if !r.knows && r.rand.IntN(4) == 0 {
			r.learn(r.t)
			r.knows = true
		}
	case "change":
		r.change()
	case "mend":
		r.correct()
	case "take back":
		r.takeBack()
	}
	r.compare()
}

func (r *modelRun) claim() {
	n := r.rand.IntN(len(r.chunks))
	chunk := &r.chunks[n]
	want := (r.status == store.Queued || r.status == store.Processing) && chunk.state == store.ChunkPending &&
		!chunk.leased
	c, err := r.store.Claim(r.t.Context(), r.ref(r.i, n+1), 5*time.Minute)
	if err != nil || (c != nil) != want {
		r.t.Errorf("claim of chunk %d: %v %v, want one: %v", n+1, c, err, want)
		return
	}
	if !want {
		return
	}
	r.moves(store.TransitionStart, store.Processing)
	chunk.attempt++
	chunk.leased = true
	if c.Attempt != chunk.attempt || c.IsCorrection() != chunk.corrections {
		r.t.Errorf("claim of chunk %d is %+v, want %+v", n+1, c, chunk)
	}
	r.held = append(r.held, c)
}

// finish takes a claim through the pipeline; sometimes something else happens between the pipeline
// and the write.
func (r *modelRun) finish(c *store.Claim) {
	knew := r.knows
	r.worker.beforeCommit = nil
	if r.rand.IntN(3) == 0 {
		r.worker.beforeCommit = func(*store.Claim) {
			r.worker.beforeCommit = nil
			if name := r.anyStep(); name != "finish" {
				r.step(name)
			}
		}
	}
	err := r.worker.attempt(r.t.Context(), c, &stages{})
	if !r.owns(c) {
		r.fenced(c, err)
		return
	}
	if err != nil {
		r.t.Errorf("finish of chunk %d: %v", c.Number, err)
		return
	}
	chunk := &r.chunks[c.Number-1]
	r.chunkMoves(c.Number, store.TransitionFinish, store.ChunkDone)
	knows := r.knows
	r.knows = knew // what the pipeline saw counts
	for row := chunk.first; row <= chunk.last; row++ {
		if chunk.corrections && (r.place[row] != isDead || chunk.decided && r.corrected[row] != c.Number) {
			continue
		}
		if r.shown != nil && !chunk.corrections {
			if !linksWhen(row, *r.shown) { // what was shown counts, and its dead letters are there, or were corrected since
				continue
			}
			r.knows = *r.shown
		}
		r.place[row] = r.becomes(row)
		switch {
		case r.place[row] == isTask:
			r.created++
			r.made[row] = c.Number
			if chunk.corrections {
				r.rejected--
			}
		case !chunk.corrections:
			r.rejected++
		}
	}
	r.knows = knows
}

func (r *modelRun) fenced(c *store.Claim, err error) {
	if !errors.Is(err, store.ErrFenced) {
		r.t.Errorf("a stale claim of chunk %d: %v", c.Number, err)
	}
}

func (r *modelRun) release(c *store.Claim) {
	err := r.store.Release(r.t.Context(), c, "released", 0)
	if !r.owns(c) {
		r.fenced(c, err)
		return
	}
	if err != nil {
		r.t.Error(err)
	}
	r.chunks[c.Number-1].leased = false
}

func (r *modelRun) park(c *store.Claim) {
	err := r.store.Park(r.t.Context(), c, "parked")
	if !r.owns(c) {
		r.fenced(c, err)
		return
	}
	if err != nil {
		r.t.Error(err)
	}
	r.chunkMoves(c.Number, store.TransitionPark, store.ChunkParked)
}

func (r *modelRun) sweep() {
	due, _, err := r.store.Sweep(r.t.Context(), quick, false)
	if err != nil {
		r.t.Error(err)
	}
	for _, ref := range due {
		if ref.ImportID != r.i.ID {
			continue
		}
		if c := r.chunks[ref.Number-1]; c.state != store.ChunkPending || c.leased || r.status.Final() {
			r.t.Errorf("chunk %d is due and %+v", ref.Number, c)
		}
	}
	if r.status.Allows(store.TransitionEnd) && r.chunksIn(store.ChunkPending) == 0 {
		r.endModel()
	}
}

func (r *modelRun) end() {
	want := r.status.Allows(store.TransitionEnd) && r.chunksIn(store.ChunkPending) == 0
	ended, err := r.store.FinishImport(r.t.Context(), r.workspace, r.i.ID)
	if err != nil || ended != want {
		r.t.Errorf("ended: %v %v, want %v", ended, err, want)
	}
	if want {
		r.endModel()
	}
}

func (r *modelRun) endModel() {
	if r.chunksIn(store.ChunkParked) > 0 {
		r.moves(store.TransitionEnd, store.Failed)
		return
	}
	r.moves(store.TransitionEnd, store.Completed)
}

// asked compares the answer of the store to a step with what the table allows.
func (r *modelRun) asked(step store.Transition, err error) bool {
	var refused *store.StateError
	want := r.status.Allows(step) && (r.dry == (step == store.TransitionCommit) || step == store.TransitionCancel)
	isRefused := errors.As(err, &refused) && refused.Status == r.status && refused.Transition == step
	if want && err != nil || !want && !isRefused {
		r.t.Errorf("%s of an import that is %s: %v", step, r.status, err)
	}
	return want
}

func (r *modelRun) cancelIt() {
	_, err := r.store.Cancel(r.t.Context(), r.workspace, r.i.ID, store.Actor{}, nil)
	if !r.asked(store.TransitionCancel, err) {
		return
	}
	r.moves(store.TransitionCancel, store.Cancelled)
	for n := range r.chunks {
		if r.chunks[n].state.Allows(store.TransitionCancel) {
			r.chunkMoves(n+1, store.TransitionCancel, store.ChunkCancelled)
		}
	}
}

func (r *modelRun) retry() {
	_, err := r.store.Retry(r.t.Context(), r.workspace, r.i.ID, store.Actor{}, nil)
	if !r.asked(store.TransitionRetry, err) {
		return
	}
	goesOn := false
	for n := range r.chunks {
		if !r.chunks[n].state.Allows(store.TransitionRetry) {
			continue
		}
		goesOn = true
		r.chunks[n].leased = false
		if r.chunks[n].corrections {
			r.chunkMoves(n+1, store.TransitionRetry, store.ChunkCancelled)
			continue
		}
		r.chunkMoves(n+1, store.TransitionRetry, store.ChunkPending)
	}
	if dead := r.rowsIn(isDead); len(dead) > 0 {
		goesOn = true
		r.chunks = append(r.chunks, modelChunk{state: store.ChunkPending, first: dead[0], last: dead[len(dead)-1],
			corrections: true})
	}
	if goesOn {
		r.moves(store.TransitionRetry, store.Processing)
	}
}

func (r *modelRun) undo() {
	after, err := r.store.Undo(r.t.Context(), r.workspace, r.i.ID, store.Actor{}, nil)
	if !r.asked(store.TransitionUndo, err) {
		return
	}
	r.moves(store.TransitionUndo, store.Undone)
	for n := range r.chunks {
		if r.chunks[n].state.Allows(store.TransitionUndo) {
			r.chunkMoves(n+1, store.TransitionUndo, store.ChunkCancelled)
		}
	}
	gone := r.rowsIn(isTask)
	if int(after.Undone) != len(gone) {
		r.t.Errorf("%d tasks undone, want %d", after.Undone, len(gone))
	}
	for _, row := range gone {
		delete(r.place, row)
	}
}

// change lets somebody change a task.
func (r *modelRun) change() {
	if tasks := r.rowsIn(isTask); len(tasks) > 0 {
		row := tasks[r.rand.IntN(len(tasks))]
		r.exec(r.t, `UPDATE tasks SET changed_at = now() WHERE workspace_id = $1 AND import_id = $2 AND row_number = $3`,
			r.workspace, r.i.ID, row)
		r.place[row] = isChanged
	}
}

// moves brings the model's import into a state; the table must allow it.
func (r *modelRun) moves(step store.Transition, to store.Status) {
	if r.status != to && !r.status.Leads(step, to) {
		r.t.Errorf("%s leads an import from %s to %s", step, r.status, to)
	}
	r.status = to
}

func (r *modelRun) chunkMoves(number int, step store.Transition, to store.ChunkState) {
	c := &r.chunks[number-1]
	if !c.state.Leads(step, to) {
		r.t.Errorf("%s leads a chunk from %s to %s", step, c.state, to)
	}
	c.state = to
}

// compare makes sure that the store has what the model has.
func (r *modelRun) compare() {
	r.t.Helper()
	now, err := r.store.Import(r.t.Context(), r.workspace, r.i.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	parked := 0
	var chunks []string
	for n, c := range r.chunks {
		chunks = append(chunks, fmt.Sprintf("%d %s %d", n+1, c.state, c.attempt))
		if c.state == store.ChunkParked && !c.corrections {
			parked += c.last - c.first + 1
		}
	}
	if now.Status != r.status || int(now.Created) != r.created || int(now.Rejected) != r.rejected ||
		int(now.Parked) != parked {
		r.t.Errorf("import is %+v, want %s, %d created, %d rejected, %d parked", now, r.status, r.created, r.rejected, parked)
	}
	var reasons int64
	for _, n := range now.ByReason {
		reasons += n
	}
	if reasons != now.Rejected {
		r.t.Errorf("reasons are %v of %d rejected", now.ByReason, now.Rejected)
	}
	if got := r.list(`SELECT number || ' ' || state || ' ' || attempt FROM chunks WHERE workspace_id = $1
		AND import_id = $2 ORDER BY number`); !slices.Equal(got, chunks) {
		r.t.Errorf("chunks are %v, want %v", got, chunks)
	}
	var places []string
	for row := 1; row <= modelRows; row++ {
		if p := r.place[row]; p != "" {
			places = append(places, fmt.Sprint(row, " ", p))
		}
	}
	if got := r.list(`SELECT row_number || ' ' || p FROM (
		SELECT row_number, CASE WHEN changed_at IS NULL THEN 'task' ELSE 'changed task' END AS p FROM tasks
		WHERE workspace_id = $1 AND import_id = $2
		UNION ALL SELECT row_number, 'dead letter' FROM dead_letters WHERE workspace_id = $1 AND import_id = $2) x
		ORDER BY row_number`); !slices.Equal(got, places) {
		r.t.Errorf("rows are %v, want %v", got, places)
	}
}

func (r *modelRun) list(sql string) []string {
	r.t.Helper()
	var all []string
	r.conn(r.t, func(c *pgx.Conn) error {
		rows, err := c.Query(r.t.Context(), sql, r.workspace, r.i.ID)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return all
}
