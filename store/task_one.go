package store

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Outcome of a single task.
type Outcome int

// What CreateTask did.
const (
	TaskCreated Outcome = iota
	TaskSkipped
	TaskUpdated
)

// CreateTask adds a single task. A task whose external_id is there already is left alone or brought up to date, as OnDuplicate says;
// a *importer.Fault refuses it. ErrRetry: the directory has changed; link the task again. It gives the task as it then stands.
// ErrBroken: the request is not whole. Tasks that are created at the same time are written together.
func (s *Store) CreateTask(ctx context.Context, n NewTask) (importer.Task, Outcome, error) {
	if n.Idem != nil && n.Idem.Fingerprint() == nil { // which may read from the client: nobody else is to wait for that
		return importer.Task{}, TaskCreated, ErrBroken
	}
	made, err := s.tasks.Ask(ctx, &n)
	if err != nil {
		return importer.Task{}, TaskCreated, translate(err)
	}
	return made.task, made.outcome, made.err
}

// createAlone creates a task in a transaction of its own. It runs in a goroutine of its own too, where a panic would end the process and not the request alone.
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
		taken, err := takenIDs(ctx, tx, Import{WorkspaceID: workspace}, b)
		if err != nil {
			return err
		}
		fresh, repeats := b.SplitDuplicates(taken, n.OnDuplicate)
		switch {
		case len(fresh) == 1:
			out = fresh[0].Task
			out.ID = newID()
			err = insertTask(ctx, tx, workspace, &out)
			if err == nil {
				err = announceTask(ctx, tx, workspace, out.ID)
			}
		case len(repeats) == 0:
			return &b.Dead[0].Fault
		default:
			outcome = TaskSkipped
			if n.OnDuplicate == importer.DuplicateUpdate {
				outcome = TaskUpdated
				err = updateTasks(ctx, tx, workspace, uuid.Nil, repeats)
			}
			if err == nil {
				out, err = oneTask(ctx, tx, `external_id = $2`, workspace, repeats[0].ExternalID)
			}
		}
		if err != nil {
			return err
		}
		return n.Idem.made(ctx, tx, taskOf(outcome, out.ID))
	})
	return out, outcome, err
}

func insertTask(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, t *importer.Task) error {
	row := newCopy()
	defer row.drop()
	row.appendTask(workspace, uuid.Nil, 0, t)
	return row.run(ctx, tx, "tasks", copiedColumns)
}
