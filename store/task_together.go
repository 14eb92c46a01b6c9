package store

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// newTask is a task that waits to be created: the only one of its batch, linked against the version seen of the directory.
type newTask struct {
	workspace   uuid.UUID
	batch       *importer.Batch
	seen        int64
	onDuplicate importer.OnDuplicate
	idem        *Idempotency
}

// madeTask is what became of it.
type madeTask struct {
	task    importer.Task
	outcome Outcome
	err     error
}

// createTasks creates tasks in one transaction as far as they go together; the others, and all when that transaction fails, in one each.
// A fault is that of its own task; an error is that of all, and then nothing was written.
func (s *Store) createTasks(ctx context.Context, all []*newTask) ([]*madeTask, error) {
	made := make([]*madeTask, len(all))
	if len(all) > 1 {
		err := s.inTx(ctx, func(tx pgx.Tx) error { return createTogether(ctx, tx, all, made) })
		if errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if err != nil {
			clear(made)
		}
	}
	var work sync.WaitGroup
	for i, n := range all {
		if made[i] == nil {
			work.Go(func() { made[i] = s.createAlone(ctx, n) })
		}
	}
	work.Wait()
	return made, nil
}

// createTogether writes those tasks that the directory and the external ids leave no question about, and notes what was made. For the others it notes nothing.
func createTogether(ctx context.Context, tx pgx.Tx, all []*newTask, made []*madeTask) error {
	versions, taken, err := lockDirectories(ctx, tx, all)
	if err != nil {
		return err
	}
	rows := newCopy()
	defer rows.drop()
	holds := &pgx.Batch{}
	written := 0
	for i, n := range all {
		t := n.batch.Tasks[0].Task
		named := n.externalID()
		if versions[n.workspace] != n.seen || taken[named] {
			continue
		}
		if named.id != "" {
			taken[named] = true
		}
		t.ID = newID()
		rows.appendTask(n.workspace, uuid.Nil, 0, &t)
		n.idem.hold(holds, taskResource(t.ID))
		made[i] = &madeTask{task: t, outcome: TaskCreated}
		written++
	}
	if written == 0 {
		return nil
	}
	if err := rows.run(ctx, tx, "tasks", taskColumns); err != nil {
		return err
	}
	return tx.SendBatch(ctx, holds).Close()
}

// externalID is an external id in its workspace.
type externalID struct {
	workspace uuid.UUID
	id        string
}

func (n *newTask) externalID() externalID { return externalID{n.workspace, n.batch.Tasks[0].ExternalID} }

// lockDirectories keeps the directories of the tasks' workspaces from changing until the transaction ends, and gives their versions, and which of the
// tasks' external ids are taken.
func lockDirectories(ctx context.Context, tx pgx.Tx, all []*newTask) (versions map[uuid.UUID]int64, taken map[externalID]bool, err error) {
	var workspaces, naming []uuid.UUID
	var names []string
	for _, n := range all {
		workspaces = append(workspaces, n.workspace)
		if named := n.externalID(); named.id != "" {
			naming, names = append(naming, named.workspace), append(names, named.id)
		}
	}
	workspaces = distinct(workspaces)
	questions := &pgx.Batch{}
	for _, w := range workspaces {
		questions.Queue(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, directoryLock(w))
	}
	questions.Queue(readVersions, workspaces).Query(func(rows pgx.Rows) (err error) {
		versions, err = scanVersions(rows)
		return err
	})
	taken = map[externalID]bool{}
	if len(names) > 0 {
		questions.Queue(`SELECT asked.workspace_id, asked.id FROM unnest($1::uuid[], $2::text[]) AS asked (workspace_id, id)
			CROSS JOIN LATERAL (SELECT FROM tasks t WHERE t.workspace_id = asked.workspace_id AND t.external_id = asked.id LIMIT 1) AS there`, naming, names).Query(func(rows pgx.Rows) error {
			var named externalID
			_, err := pgx.ForEachRow(rows, []any{&named.workspace, &named.id}, func() error { taken[named] = true; return nil })
			return err
		})
	}
	err = tx.SendBatch(ctx, questions).Close()
	return versions, taken, err
}
