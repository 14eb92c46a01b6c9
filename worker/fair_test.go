package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
	"taskport/worker/queue"
)

// A row of one workspace waits only for the chunks at work of another one that has 150 imports.
func TestWorkspacesShareTheWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 150 {
		b.stage(t, importer.Tasks, tasksFile(4), 2)
		if err := b.hand(t, store.DefaultDispatch); err != nil {
			t.Fatal(err)
		}
	}
	other := *b
	ws, err := b.store.CreateWorkspace(t.Context(), "other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other.workspace = ws.ID

	w := b.worker()
	w.Dispatch, w.Sweep = store.DefaultDispatch, time.Minute
	var mu sync.Mutex
	var order []uuid.UUID
	w.beforeCommit = func(c *store.Claim) {
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		order = append(order, c.WorkspaceID)
	}
	processed := func() []uuid.UUID {
		mu.Lock()
		defer mu.Unlock()
		return order
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	await(t, "the first workspace is at work", func() bool { return len(processed()) > 5 })
	i := other.stage(t, importer.Companies, "name\nAcme\n", 1)
	if err := other.hand(t, store.DefaultDispatch); err != nil {
		t.Fatal(err)
	}
	before := len(processed())
	other.await(t, i)
	waited := 0
	for _, id := range processed()[before:] {
		if id == other.workspace {
			break
		}
		waited++
	}
	// The chunks at work, and those that begin while the newcomer's job is on its way.
	if most := 2 * w.Concurrency; waited > most {
		t.Errorf("a row of another workspace waited for %d chunks, want at most %d", waited, most)
	}
}

// A workspace whose chunks take all places of a worker, for as long as they like, does not keep
// another one from being processed.
func TestNewcomerWhileAllPlacesAreTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := *b
	ws, err := b.store.CreateWorkspace(t.Context(), "other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other.workspace = ws.ID
	w := b.worker()
	w.Dispatch = store.DefaultDispatch
	var taken atomic.Int32
	release := make(chan struct{})
	w.beforeCommit = func(c *store.Claim) {
		if c.WorkspaceID == b.workspace {
			taken.Add(1)
			<-release
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		close(release)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for range 10 {
		b.stage(t, importer.Tasks, tasksFile(4), 2)
	}
	if err := b.hand(t, store.DefaultDispatch); err != nil {
		t.Fatal(err)
	}
	await(t, "all places are taken", func() bool { return int(taken.Load()) >= w.Concurrency })
	time.Sleep(10 * pollInterval) // one more may be at the front
	i := other.stage(t, importer.Companies, "name\nAcme\n", 1)
	if err := other.hand(t, store.DefaultDispatch); err != nil {
		t.Fatal(err)
	}
	other.await(t, i)
	if n, most := int(taken.Load()), w.Concurrency+1; n > most {
		t.Errorf("%d chunks of one workspace were processed at a time, want at most %d", n, most)
	}
}

// A workspace takes turns among its imports, and has a window over all of them.
func TestWindowOfAWorkspace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.stage(t, importer.Tasks, tasksFile(20), 2), b.stage(t, importer.Tasks, tasksFile(20), 2)
	for range 20 {
		b.stage(t, importer.Tasks, tasksFile(2), 2)
	}
	d := store.Dispatch{Window: 4, WorkspaceWindow: 6, RedeliverAfter: time.Minute}
	due, err := b.store.DueOf(t.Context(), b.workspace, d)
	if err != nil || len(due) != d.WorkspaceWindow {
		t.Fatalf("%d due, %v; want %d", len(due), err, d.WorkspaceWindow)
	}
	front, of := 0, map[uuid.UUID]int{}
	for _, ref := range due {
		of[ref.ImportID]++
		if ref.AtFront {
			front++
		}
	}
	if front != 1 || of[first.ID] != 1 || of[second.ID] != 1 || len(of) != 6 {
		t.Errorf("%d at the front, by import %v", front, of)
	}
	// Nothing more is due while these wait; what ends makes room, without a place at the front as long
	// as another one is being processed.
	if due, err := b.store.DueOf(t.Context(), b.workspace, d); err != nil || len(due) != 0 {
		t.Errorf("due again: %v, %v", due, err)
	}
	if c, err := b.store.Claim(t.Context(), due[1], time.Minute); c == nil || err != nil {
		t.Fatal(err)
	}
	if err := b.worker().Process(t.Context(), due[0]); err != nil {
		t.Fatal(err)
	}
	// Process has enqueued the next one itself.
	if n := b.queued(t); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM chunks WHERE enqueues > 0 AND at_front AND state = 'pending'`); n != 0 {
		t.Errorf("%d at the front beside one that is being processed", n)
	}
}

// hand hands the due chunks of the workspace to the queue, as intake does.
func (b *bundle) hand(t *testing.T, d store.Dispatch) error {
	t.Helper()
	due, err := b.store.DueOf(t.Context(), b.workspace, d)
	if err != nil {
		return err
	}
	return queue.New(b.redis, b.queueName).EnqueueAll(t.Context(), due)
}
