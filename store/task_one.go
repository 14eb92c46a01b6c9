package store

import (
	"context"

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

// CreateTask adds a single task, already linked against the version seen of the directory. A task whose external_id is there already
// is left alone or brought up to date, as onDuplicate says; a *importer.Fault refuses it. It gives the task as it then stands.
// Tasks that are created at the same time are written together.
func (s *Store) CreateTask(ctx context.Context, workspace uuid.UUID, b *importer.Batch, seen int64, onDuplicate importer.OnDuplicate, idem *Idempotency) (importer.Task, Outcome, error) {
	made, err := s.tasks.Ask(ctx, &newTask{workspace: workspace, batch: b, seen: seen, onDuplicate: onDuplicate, idem: idem})
	if err != nil {
		return importer.Task{}, TaskCreated, translate(err)
	}
	return made.task, made.outcome, made.err
}

// createAlone creates a task in a transaction of its own.
func (s *Store) createAlone(ctx context.Context, n *newTask) *madeTask {
	m := &madeTask{}
	m.task, m.outcome, m.err = s.createOne(ctx, n.workspace, n.batch, n.seen, n.onDuplicate, n.idem)
	return m
}

func (s *Store) createOne(ctx context.Context, workspace uuid.UUID, b *importer.Batch, seen int64, onDuplicate importer.OnDuplicate, idem *Idempotency) (importer.Task, Outcome, error) {
	var out importer.Task
	outcome := TaskCreated
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockLinks(ctx, tx, workspace, b, seen); err != nil {
			return err
		}
		taken, err := takenExternalIDs(ctx, tx, workspace, b)
		if err != nil {
			return err
		}
		fresh, repeats := b.SplitDuplicates(taken, onDuplicate)
		switch {
		case len(fresh) == 1:
			out = fresh[0].Task
			out.ID = newID()
			err = insertTask(ctx, tx, workspace, &out)
		case len(repeats) == 0:
			return &b.Dead[0].Fault
		default:
			outcome = TaskSkipped
			if onDuplicate == importer.DuplicateUpdate {
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
		return idem.made(ctx, tx, taskResource(out.ID))
	})
	return out, outcome, err
}

func insertTask(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, t *importer.Task) error {
	row := newCopy()
	defer row.drop()
	row.appendTask(workspace, uuid.Nil, 0, t)
	return row.run(ctx, tx, "tasks", taskColumns)
}
