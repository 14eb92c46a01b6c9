package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// An import of the directory with RetryRejects retries, after its last row, the rejected rows of
// tasks that its records resolve. The rows go through the pipeline twice: once without writing, to
// choose them, and then as the rows of a decision.

// planRetries notes that an import is to retry rejected rows, in the name of an actor.
func planRetries(ctx context.Context, tx pgx.Tx, i Import, by Actor) error {
	if !i.Options.RetryRejects {
		return nil
	}
	n := newNote(i.WorkspaceID, ActionRetryRejects, by, i.ID, nil)
	if err := note(ctx, tx, n); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE imports SET retries = 'pending', retry_id = $3 WHERE workspace_id = $1 AND id = $2`,
		i.WorkspaceID, i.ID, n.ID)
	return err
}

// retriesReady is the condition that the retries of an import i are due: every row has its outcome,
// and its mirror is carried out.
const retriesReady = `i.retries = 'pending' AND i.status IN ('queued', 'processing')
	AND i.mirror IS DISTINCT FROM 'pending' AND NOT EXISTS (SELECT FROM chunks c WHERE c.workspace_id = i.workspace_id
	AND c.import_id = i.id AND c.state IN ('pending', 'parked'))`

// RetriesDue carries out the retries that are due, of all workspaces: their processes have died.
func (s *Store) RetriesDue(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `SELECT i.workspace_id, i.id FROM imports i WHERE `+retriesReady)
	if err != nil {
		return translate(err)
	}
	type ref struct{ Workspace, ID uuid.UUID }
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ref])
	errs := []error{translate(err)}
	for _, i := range due {
		errs = append(errs, s.RetryRejects(ctx, i.Workspace, i.ID))
	}
	return errors.Join(errs...)
}

// RetryRejects retries, for an import of the directory whose rows all have their outcomes, the open
// dead letters that one of its records resolves: those that would be imported now, and either be
// linked to such a record or had it among their candidates. For any other import it does nothing.
// The caller enqueues the chunks of the workspace; FinishImport ends the import.
func (s *Store) RetryRejects(ctx context.Context, workspace, id uuid.UUID) error {
	named, by, err := s.namedBy(ctx, workspace, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := s.pool.Query(ctx, `SELECT i.id FROM imports i WHERE i.workspace_id = $1 AND i.kind = 'tasks'
		AND `+inInbox+` AND EXISTS (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = i.id AND `+open+`)
		ORDER BY i.id`, workspace)
	if err != nil {
		return translate(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return translate(err)
	}
	for _, of := range ids {
		if err := s.retryNamed(ctx, workspace, of, named, by); err != nil {
			return err
		}
	}
	return s.repeated(ctx, func(tx pgx.Tx) error {
		for _, sql := range []string{dropNamed,
			`UPDATE imports SET retries = 'done' WHERE workspace_id = $1 AND id = $2 AND retries = 'pending'`} {
			if _, err := tx.Exec(ctx, sql, workspace, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// namedBy returns the records that an import has named whose retries are due, and in whose name
// they are done. ErrNotFound for any other import.
func (s *Store) namedBy(ctx context.Context, workspace, id uuid.UUID) (map[uuid.UUID]bool, Actor, error) {
	var by Actor
	var actor uuid.NullUUID
	err := s.pool.QueryRow(ctx, `SELECT i.retry_id, a.actor_id, coalesce(a.actor_name, '') FROM imports i LEFT JOIN audit a
		ON a.workspace_id = i.workspace_id AND a.id = i.retry_id WHERE i.workspace_id = $1 AND i.id = $2
		AND `+retriesReady, workspace, id).Scan(&by.PartOf, &actor, &by.Name)
	if err != nil {
		return nil, by, translate(err)
	}
	by.ID = actor.UUID
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT record_id FROM mirror_ids WHERE workspace_id = $1 AND import_id = $2`,
		workspace, id)
	if err != nil {
		return nil, by, translate(err)
	}
	named, record := map[uuid.UUID]bool{}, uuid.UUID{}
	_, err = pgx.ForEachRow(rows, []any{&record}, func() error { named[record] = true; return nil })
	return named, by, translate(err)
}

// retryNamed retries the dead letters of an import that one of the records resolves.
func (s *Store) retryNamed(ctx context.Context, workspace, importID uuid.UUID, named map[uuid.UUID]bool,
	by Actor) error {
	i, err := s.Import(ctx, workspace, importID)
	if err != nil {
		return err
	}
	reader, err := i.RowReader()
	if err != nil {
		return err
	}
	var rows []int
	var batch []importer.DeadLetter
	choose := func() error {
		chosen, err := s.resolvedBy(ctx, i, reader, batch, named)
		rows, batch = append(rows, chosen...), nil
		return err
	}
	if err := s.EachDeadLetter(ctx, workspace, importID, DeadLetterFilter{}, func(d importer.DeadLetter) error {
		if d.Reason.IsReference() {
			batch = append(batch, d)
		}
		if len(batch) < eachPage {
			return nil
		}
		return choose()
	}); err != nil {
		return err
	}
	if err := choose(); err != nil || len(rows) == 0 {
		return err
	}
	d := decision{workspace: workspace, importID: importID, selector: Selector{Rows: rows}, retries: true,
		note: newNote(workspace, ActionRetryRejects, by, importID, nil)}
	_, err = s.transition(ctx, TransitionCorrect, workspace, importID, by, nil, func(tx pgx.Tx, _ Import) error {
		n, err := d.write(ctx, tx)
		if err != nil || n == 0 {
			return err
		}
		return d.conclude(ctx, tx, n)
	})
	var state *StateError
	if errors.As(err, &state) || errors.Is(err, ErrNotFound) { // it was cancelled, undone or purged meanwhile
		return nil
	}
	return err
}

// resolvedBy returns those of some dead letters that one of the records resolves.
func (s *Store) resolvedBy(ctx context.Context, i Import, reader *importer.RowReader, dead []importer.DeadLetter,
	named map[uuid.UUID]bool) ([]int, error) {
	if len(dead) == 0 {
		return nil, nil
	}
	retried, candidates := make([]importer.Retried, len(dead)), map[int]bool{}
	for n, d := range dead {
		retried[n] = importer.Retried{Source: d.Source, Corrections: d.Corrections, Replaced: d.Replaced}
		for _, c := range d.Candidates {
			candidates[d.Row] = candidates[d.Row] || named[c.ID]
		}
	}
	b := reader.Retry(retried, i.CreatedAt)
	version, err := s.DirectoryVersion(ctx, i.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if err := b.Resolve(ctx, s.resolverAt(i.WorkspaceID, version), i.Options); err != nil {
		return nil, err
	}
	var rows []int
	for n := range b.Tasks {
		t := &b.Tasks[n]
		resolves := candidates[t.Row]
		for _, id := range t.Linked() {
			resolves = resolves || named[id]
		}
		if resolves {
			rows = append(rows, t.Row)
		}
	}
	return rows, nil
}

// Retried returns the outcomes so far of the rejected rows that an import of the directory has
// retried, and the number of their imports.
func (s *Store) Retried(ctx context.Context, i Import) (m Corrected, imports int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(DISTINCT c.import_id), coalesce(sum(c.correction_count), 0),
		coalesce(sum(c.created_count), 0), coalesce(sum(c.updated_count), 0), coalesce(sum(c.skipped_count), 0),
		coalesce(sum(c.correction_count - c.created_count - c.updated_count - c.skipped_count)
			FILTER (WHERE c.state = 'done'), 0),
		coalesce(sum(c.correction_count) FILTER (WHERE c.state = 'pending'), 0)
		FROM audit a JOIN chunks c ON c.workspace_id = a.workspace_id AND c.import_id = a.import_id AND c.decision_id = a.id
		WHERE a.workspace_id = $1 AND a.part_of = $2 AND a.action = 'retry_rejects'`, i.WorkspaceID, i.RetryID).
		Scan(&imports, &m.Rows, &m.Created, &m.Updated, &m.Skipped, &m.Rejected, &m.Pending)
	return m, imports, translate(err)
}
