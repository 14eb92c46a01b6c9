package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Outcome is the outcome of a single task.
type Outcome int

// The outcomes of CreateTask.
const (
	TaskCreated Outcome = iota
	TaskSkipped
	TaskUpdated
)

// CreateTask creates a single resolved task, and returns it with its outcome. A task that already
// exists is left or updated, as OnDuplicate requires. Tasks that are created at the same time are
// written together.
//
// Errors: ErrRetry when the directory has changed, or the existing task is gone: resolve it again.
// ErrExists when its external id is taken: resolve it again with askTaken. ErrBroken when the
// request is incomplete.
func (s *Store) CreateTask(ctx context.Context, n NewTask) (importer.Task, Outcome, error) {
	if n.Idem != nil && n.Idem.Fingerprint() == nil { // it may read from the client, so it is called outside the batch
		return importer.Task{}, TaskCreated, ErrBroken
	}
	if len(n.Batch.Tasks) == 0 {
		ctx, cancel := context.WithTimeout(ctx, writeTimeout)
		defer cancel()
		made := s.createAlone(ctx, &n)
		return made.task, made.outcome, made.err
	}
	made, err := s.tasks.Ask(ctx, &n)
	if err != nil {
		return importer.Task{}, TaskCreated, translate(err)
	}
	return made.task, made.outcome, made.err
}

// createAlone creates a task in a transaction of its own. It recovers from panics: in its own
// goroutine a panic would end the process, and not only the request.
func (s *Store) createAlone(ctx context.Context, n *NewTask) (m *madeTask) {
	m = &madeTask{}
	defer func() {
		if p := recover(); p != nil {
			m.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	m.task, m.outcome, m.err = s.createOne(ctx, n)
	return m
}

func (s *Store) createOne(ctx context.Context, n *NewTask) (importer.Task, Outcome, error) {
	var out importer.Task
	outcome, workspace, b := TaskCreated, n.Workspace, n.Batch
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		version, err := lockDirectory(ctx, tx, workspace)
		if err != nil {
			return err
		}
		if version != n.Seen && n.Exactly {
			return ErrRetry
		}
		if err := linksHold(ctx, tx, workspace, b, n.Seen, version); err != nil {
			return err
		}
		if len(b.Repeats) == 0 {
			out, err = createNew(ctx, tx, workspace, b)
		} else {
			out, outcome, err = repeatTask(ctx, tx, n)
		}
		if err != nil {
			return err
		}
		return n.Idem.made(ctx, tx, taskOf(outcome, out.ID))
	})
	return out, outcome, err
}

// createNew creates the task of a batch. ErrExists: its external id is taken.
func createNew(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, b *importer.Batch) (importer.Task, error) {
	t := b.Tasks[0].Task
	taken, err := takenExternalIDs(ctx, tx, workspace, b)
	if err != nil {
		return t, err
	}
	if taken[t.ExternalID] {
		return t, ErrExists
	}
	t.ID = newID()
	if err := insertTask(ctx, tx, workspace, &t); err != nil {
		return t, err
	}
	return t, announceTask(ctx, tx, workspace, t.ID)
}

// repeatTask leaves or updates a task that already exists. ErrRetry: it is gone.
func repeatTask(ctx context.Context, tx pgx.Tx, n *NewTask) (t importer.Task, outcome Outcome, err error) {
	outcome = TaskSkipped
	if n.OnDuplicate == importer.DuplicateUpdate {
		outcome = TaskUpdated
		if err := updateTasks(ctx, tx, n.Workspace, uuid.Nil, n.Batch.Repeats); err != nil {
			return t, outcome, err
		}
	}
	t, err = oneTask(ctx, tx, `external_id = $2`, n.Workspace, n.Batch.Repeats[0].ExternalID)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrRetry
	}
	return t, outcome, err
}

func insertTask(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, t *importer.Task) error {
	row := newCopy()
	defer row.drop()
	row.appendTask(workspace, uuid.Nil, 0, t)
	return row.run(ctx, tx, "tasks", copiedColumns)
}
