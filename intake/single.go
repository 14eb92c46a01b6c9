package intake

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/internal/batch"
	"taskport/internal/failpoint"
	"taskport/internal/web"
	"taskport/store"
)

// acceptTimeout bounds the acceptance of a batch of singles.
const acceptTimeout = 30 * time.Second

// singles accepts tasks that are to be created later. Those of simultaneous requests are stored
// together.
type singles struct {
	accepted *batch.Batcher[*store.NewSingle, store.Import]
	backlogs backlogs
	waker    waker
	// reached is when Redis last took what was written, in nanoseconds since 1970.
	reached atomic.Int64
}

func (s *server) newSingles() *singles {
	return &singles{waker: waker{wake: s.wakeSingles}, accepted: batch.New(1, acceptTimeout, s.acceptSingles),
		backlogs: backlogs{most: s.MaxWaiting, seen: map[uuid.UUID]*backlog{}, count: s.Store.SingleBacklog}}
}

// createTaskLater accepts a task that a worker creates: an import of one row.
func (s *server) createTaskLater(r *request, values importer.Values, o importer.Options,
	p preferences) (*answer, error) {
	if err := s.singles.backlogs.admit(r.Context(), r.key.WorkspaceID, time.Now()); err != nil {
		return nil, err
	}
	if r.idem != nil && r.idem.Fingerprint() == nil { // it may read from the client, so it is called outside the batch
		return nil, store.ErrBroken
	}
	made, err := s.singles.accepted.Ask(r.Context(), &store.NewSingle{WorkspaceID: r.key.WorkspaceID, KeyID: r.key.ID,
		Line: importer.TaskLine(values), Options: o, CreatedAt: s.now(), Idempotency: r.idem, Trace: traceOf(r.Context())})
	if err != nil {
		return nil, err
	}
	if made.ID == uuid.Nil {
		return nil, store.ErrInProgress
	}
	if p.wait != nil {
		return s.await(r, made, p), nil
	}
	return acceptedSingle(made).with("Preference-Applied", strings.Join(p.applied, ", ")), nil
}

// queuedSingle is the answer with the job of a single that waits, before, between and after its id
// and its time.
var queuedSingle = sync.OnceValue(func() (parts [3]string) {
	id, at := uuid.Max, time.Date(1970, time.January, 1, 0, 0, 0, 1, time.UTC)
	i := store.QueuedSingle(uuid.Nil, id, importer.Options{}, time.Time{})
	i.CreatedAt = at
	job := showJob(i)
	job.Errors = []rowErrorJSON{}
	text := string(data(http.StatusAccepted, job).body)
	parts[0], text, _ = strings.Cut(text, id.String())
	parts[1], parts[2], _ = strings.Cut(text, at.Format(time.RFC3339Nano))
	return parts
})

// acceptedSingle returns the answer with the job of a single that waits. Encoding it would take a
// tenth of the request's time, and but for two values it is always the same.
func acceptedSingle(i store.Import) *answer {
	parts, id := queuedSingle(), i.ID.String()
	return &answer{status: http.StatusAccepted, header: map[string]string{"Content-Type": jsonType,
		"Location": "/v1/import/jobs/" + id},
		body: []byte(parts[0] + id + parts[1] + i.CreatedAt.Format(time.RFC3339Nano) + parts[2])}
}

// pingAge is how long an answer of Redis holds for the acceptance of singles.
const pingAge = 100 * time.Millisecond

// acceptSingles stores singles together and wakes the workers. If that fails, the sweeper does it.
func (s *server) acceptSingles(ctx context.Context, all []*store.NewSingle) ([]store.Import, error) {
	if now := time.Now(); now.Sub(time.Unix(0, s.singles.reached.Load())) > pingAge {
		if err := s.Queue.Ping(ctx); err != nil {
			s.Logger.WarnContext(ctx, "tasks refused", slog.Any("error", err))
			return nil, errUnavailable()
		}
		s.singles.reached.Store(now.UnixNano())
	}
	made, err := s.Store.AcceptSingles(ctx, all)
	if err != nil {
		return nil, err
	}
	if err := failpoint.At(ctx, failpoint.BeforeEnqueue, made[0].ID, 0); err != nil {
		s.Logger.WarnContext(ctx, "singles left to the sweeper", slog.Any("error", err))
		return made, nil
	}
	s.singles.waker.singlesAdded()
	return made, nil
}

// wakeSingles queues a wake-up for the workers.
func (s *server) wakeSingles() {
	ctx, cancel := context.WithTimeout(context.Background(), web.FinalTimeout)
	defer cancel()
	if err := s.Queue.WakeSingles(ctx); err != nil {
		s.Logger.WarnContext(ctx, "singles left to the sweeper", slog.Any("error", err))
	}
}

// wakeEvery is the shortest time between two wake-ups of a process.
const wakeEvery = 50 * time.Millisecond

// waker queues a wake-up after singles were added, at most one in wakeEvery.
type waker struct {
	wake func()
	mu   sync.Mutex
	last time.Time // of a wake-up
	due  bool      // one follows by itself
}

// singlesAdded makes a wake-up follow.
func (w *waker) singlesAdded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.due {
		return
	}
	w.due = true
	time.AfterFunc(max(0, wakeEvery-time.Since(w.last)), func() {
		w.mu.Lock()
		w.due, w.last = false, time.Now() // before the wake-up: what is added from now on needs another
		w.mu.Unlock()
		w.wake()
	})
}

// backlogs refuses singles of a workspace while too many wait. What waits is counted once in
// backlogAge; in between, those that are admitted are added.
type backlogs struct {
	most  int
	count func(ctx context.Context, workspace uuid.UUID, most int) (store.SingleBacklog, error)
	mu    sync.Mutex
	seen  map[uuid.UUID]*backlog
}

type backlog struct {
	at      time.Time
	waiting int
	ended   int64
	rate    float64 // singles that end in a second
}

// Times of a backlog.
const (
	backlogAge   = time.Second
	longestRetry = 10 * time.Minute
	// maxBacklogs is the number of workspaces whose backlogs are remembered.
	maxBacklogs = 10_000
)

// admit returns the error for a workspace whose backlog is at its bound. Retry-After is the time in
// which a tenth of it ends, at the rate of the last count.
func (b *backlogs) admit(ctx context.Context, workspace uuid.UUID, now time.Time) error {
	b.mu.Lock()
	last := b.seen[workspace]
	if last != nil && now.Sub(last.at) < backlogAge {
		defer b.mu.Unlock()
		return last.admit(b.most)
	}
	if last == nil && len(b.seen) >= maxBacklogs {
		clear(b.seen)
	}
	next := &backlog{at: now}
	if last != nil {
		*next = backlog{now, last.waiting, last.ended, last.rate}
	}
	b.seen[workspace] = next // the others need not count meanwhile
	b.mu.Unlock()
	counted, err := b.count(ctx, workspace, b.most)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	next.waiting, next.ended = counted.Waiting, counted.Ended
	if last != nil && next.ended > last.ended {
		next.rate = float64(next.ended-last.ended) / now.Sub(last.at).Seconds()
	}
	return next.admit(b.most)
}

func (b *backlog) admit(most int) error {
	if b.waiting < most {
		b.waiting++
		return nil
	}
	wait := longestRetry
	if b.rate > 0 {
		wait = min(wait, time.Duration(math.Ceil(float64(most)/10/b.rate))*time.Second)
	}
	seconds := web.Seconds(wait)
	return newError("rate_limited", "%d tasks of this workspace wait to be created, which is the most; wait %d seconds, "+
		"or send a file to POST /v1/import/tasks", most, seconds).with("Retry-After", strconv.Itoa(seconds))
}
