package intake

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
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
}

func (s *server) newSingles() *singles {
	return &singles{accepted: batch.New(1, acceptTimeout, s.acceptSingles), backlogs: backlogs{most: s.MaxWaiting,
		seen: map[uuid.UUID]*backlog{}, count: s.Store.SingleBacklog}}
}

// createTaskLater accepts a task that a worker creates: an import of one row.
func (s *server) createTaskLater(r *request, values importer.Values, o importer.Options,
	p preferences) (*answer, error) {
	line, err := importer.TaskLine(values)
	if err != nil {
		return nil, err
	}
	if err := s.singles.backlogs.admit(r.Context(), r.key.WorkspaceID, time.Now()); err != nil {
		return nil, err
	}
	if r.idem != nil && r.idem.Fingerprint() == nil { // it may read from the client, so it is called outside the batch
		return nil, store.ErrBroken
	}
	made, err := s.singles.accepted.Ask(r.Context(), &store.NewSingle{WorkspaceID: r.key.WorkspaceID, KeyID: r.key.ID,
		Line: line, Options: o, CreatedAt: s.now(), Idempotency: r.idem, Trace: traceOf(r.Context())})
	if err != nil {
		return nil, err
	}
	if made.ID == uuid.Nil {
		return nil, store.ErrInProgress
	}
	if p.wait != nil {
		return s.await(r, made, p), nil
	}
	job := showJob(made)
	job.Errors = []rowErrorJSON{}
	return data(http.StatusAccepted, job).with("Location", jobPath(made.ID)).with("Preference-Applied",
		strings.Join(p.applied, ", ")), nil
}

// acceptSingles stores singles together and wakes the workers. If that fails, the sweeper does it.
func (s *server) acceptSingles(ctx context.Context, all []*store.NewSingle) ([]store.Import, error) {
	if err := s.Queue.Ping(ctx); err != nil {
		s.Logger.WarnContext(ctx, "tasks refused", slog.Any("error", err))
		return nil, errUnavailable()
	}
	made, due, err := s.Store.AcceptSingles(ctx, all)
	if err != nil {
		return nil, err
	}
	wake, cancel := context.WithTimeout(ctx, web.FinalTimeout)
	defer cancel()
	err = failpoint.At(wake, failpoint.BeforeEnqueue, made[0].ID, 0)
	if err == nil && len(due) > 0 {
		err = s.Queue.EnqueueLanes(wake, due)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "singles left to the sweeper", slog.Any("error", err))
	}
	return made, nil
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
