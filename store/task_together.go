package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"taskport/importer"
)

// NewTask is a task to be created: the only one of its batch, linked against the version Seen of
// the directory.
type NewTask struct {
	Workspace uuid.UUID
	Batch     *importer.Batch
	Seen      int64
	// Exactly requires that the directory still has the version Seen. Otherwise it is enough that it
	// still has the linked records.
	Exactly     bool
	OnDuplicate importer.OnDuplicate
	Idem        *Idempotency // nil for a request without an Idempotency-Key
}

// madeTask is the result of CreateTask.
type madeTask struct {
	task    importer.Task
	outcome Outcome
	err     error
}

// createTasks creates the tasks that createTogether can create in one transaction, and each other
// task in its own; all of them when the common transaction fails. A single task goes the same way,
// because one pipeline is faster than a transaction that waits for the answer to each statement. A
// madeTask holds the error of its task; the returned error is that of all, and then nothing was
// written.
func (s *Store) createTasks(ctx context.Context, all []*NewTask) ([]*madeTask, error) {
	made := make([]*madeTask, len(all))
	err := translate(s.createTogether(ctx, all, made))
	if errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
		return nil, errors.Join(err, ctx.Err())
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

// createTogether creates the tasks whose directory has the version that they have seen, whose
// external id is free, whose Idempotency-Key is still held, and that no webhook wants to receive.
// It sets made for these. It sends all statements at once, which makes them one transaction. After
// an error nothing was written.
func (s *Store) createTogether(ctx context.Context, all []*NewTask, made []*madeTask) error {
	together, rows := &pgx.Batch{}, newTaskArrays(all)
	for _, w := range rows.workspaces() {
		together.Queue(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, directoryLock(w))
	}
	if rows.withKeys > 0 {
		together.Queue(`SELECT FROM idempotency_keys WHERE (workspace_id, key) IN (SELECT *
			FROM unnest($1::uuid[], $2::text[])) ORDER BY workspace_id, key FOR UPDATE`, rows.workspace, rows.key)
	}
	written := map[uuid.UUID]bool{}
	together.Queue(insertTasks, rows.arguments()...).Query(func(answer pgx.Rows) error {
		var id uuid.UUID
		_, err := pgx.ForEachRow(answer, []any{&id}, func() error { written[id] = true; return nil })
		return err
	})
	if rows.withKeys > 0 {
		together.Queue(`UPDATE idempotency_keys k SET resource = '`+taskPrefix+`' || n.id, fingerprint = n.fingerprint
			FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[]) AS n (workspace_id, key, id, fingerprint)
			JOIN tasks t ON t.workspace_id = n.workspace_id AND t.id = n.id
			WHERE k.workspace_id = n.workspace_id AND k.key = n.key`, rows.workspace, rows.key, rows.id, rows.fingerprint)
	}
	if err := s.pool.SendBatch(ctx, together).Close(); err != nil {
		return err
	}
	for i, n := range all {
		if !written[rows.ids[i]] {
			continue
		}
		made[i] = &madeTask{task: *rows.tasks[i], outcome: TaskCreated}
		if n.Idem != nil {
			n.Idem.Made = true
		}
	}
	return nil
}

// insertTasks skips the tasks that createTogether must not create. The statement begins after the
// locks are held, so what it reads stays true until the end.
var insertTasks = `INSERT INTO tasks (` + strings.Join(copiedColumns, ", ") + `)
	SELECT n.workspace_id, ` + strings.Join(namesOf(taskColumns, (*taskColumn).fromArray), ", ") + `, NULL, NULL
	FROM unnest(` + strings.Join(arrayParameters(), ", ") + `)
		AS n (workspace_id, seen, key, owner, ` + strings.Join(namesOf(taskColumns, (*taskColumn).column), ", ") + `)
	JOIN workspaces w ON w.id = n.workspace_id AND w.directory_version = n.seen
	WHERE (n.key IS NULL OR EXISTS (SELECT FROM idempotency_keys k WHERE k.workspace_id = n.workspace_id
	AND k.key = n.key AND k.owner = n.owner))
		AND NOT EXISTS (SELECT FROM webhooks h WHERE h.workspace_id = n.workspace_id AND '` + string(EventTaskCreated) +
	`' = ANY (h.events))
	ON CONFLICT DO NOTHING RETURNING id`

// arrayParameters returns the parameters of insertTasks with their types.
func arrayParameters() []string {
	types := append([]string{"uuid", "bigint", "text", "uuid"}, namesOf(taskColumns, (*taskColumn).sqlType)...)
	for i, of := range types {
		types[i] = fmt.Sprintf("$%d::%s[]", i+1, of)
	}
	return types
}

// taskArrays are tasks and their requests, column by column, in types that pgx encodes without
// reflection.
type taskArrays struct {
	tasks                []*importer.Task
	ids                  []uuid.UUID
	workspace, id, owner pgtype.FlatArray[pgtype.UUID]
	seen                 []int64
	key                  []*string
	fingerprint          [][]byte
	withKeys             int
}

func newTaskArrays(all []*NewTask) *taskArrays {
	a := &taskArrays{}
	for _, n := range all {
		a.add(n)
	}
	return a
}

func (a *taskArrays) add(n *NewTask) {
	t, id := n.Batch.Tasks[0].Task, newID()
	t.ID = id
	a.tasks, a.ids, a.workspace, a.id, a.seen = append(a.tasks, &t), append(a.ids, id), append(a.workspace,
		idOrNull(n.Workspace)), append(a.id, idOrNull(id)), append(a.seen, n.Seen)
	if n.Idem == nil {
		a.key, a.owner, a.fingerprint = append(a.key, nil), append(a.owner, pgtype.UUID{}), append(a.fingerprint, nil)
		return
	}
	a.withKeys++
	a.key, a.owner, a.fingerprint = append(a.key, &n.Idem.Key), append(a.owner, idOrNull(n.Idem.Owner)),
		append(a.fingerprint, n.Idem.Fingerprint())
}

// arguments returns the columns in the order of insertTasks.
func (a *taskArrays) arguments() []any {
	args := []any{a.workspace, a.seen, a.key, a.owner}
	for i := range taskColumns {
		args = append(args, taskColumns[i].array(a.tasks))
	}
	return args
}

// workspaces returns each workspace once, sorted.
func (a *taskArrays) workspaces() []uuid.UUID {
	all := make([]uuid.UUID, len(a.workspace))
	for i, w := range a.workspace {
		all[i] = w.Bytes
	}
	slices.SortFunc(all, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(all)
}
