package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Cancel stops an import: what is in stays, the rest is not processed. It waits for the chunks whose transactions are open, which stay done; no other row
// gets in once it has returned. A *StateError says that the import has ended already.
func (s *Store) Cancel(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, StepCancel, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		if _, err := tx.Exec(ctx, `UPDATE imports SET status = 'cancelled', finished_at = greatest(now(), created_at) WHERE workspace_id = $1 AND id = $2`, workspace, id); err != nil {
			return err
		}
		return cancelChunks(ctx, tx, StepCancel, workspace, id)
	})
}

// cancelChunks gives up the chunks of an import that a step ends for good; it waits for those whose transactions are open.
func cancelChunks(ctx context.Context, tx pgx.Tx, step Step, workspace, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `WITH open AS (SELECT number FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND state = ANY ($3) ORDER BY number FOR UPDATE)
		UPDATE chunks c SET state = 'cancelled', data = '' FROM open WHERE c.workspace_id = $1 AND c.import_id = $2 AND c.number = open.number`,
		workspace, id, chunkSteps[step].from)
	return err
}

// step takes an import, locked, from a state that allows the step into another, in one transaction, and gives it as it then stands.
// A step that met another transaction is repeated. What it does it notes in the audit, but for a mend, which has more to tell.
func (s *Store) step(ctx context.Context, step Step, workspace, id uuid.UUID, by Actor, idem *Idempotency, do func(pgx.Tx, Import) error) (after Import, err error) {
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		i := Import{WorkspaceID: workspace, ID: id}
		err := tx.QueryRow(ctx, `SELECT kind, status, layout, options, coalesce(plan, '') FROM imports i WHERE workspace_id = $1 AND id = $2 AND `+begun+` FOR NO KEY UPDATE`, workspace, id).Scan(&i.Kind, &i.Status, &i.Layout, &i.Options, &i.Planned)
		if err != nil {
			return err
		}
		if err := i.refuse(step); err != nil {
			return err
		}
		if err := do(tx, i); err != nil {
			return err
		}
		if step != StepMend {
			if err := note(ctx, tx, newNote(workspace, Action(step), by, id, nil)); err != nil {
				return err
			}
		}
		if after, err = oneImport(ctx, tx, workspace, id); err != nil {
			return err
		}
		return idem.made(ctx, tx, importResource(id))
	})
	return after, err
}

// refuse gives a *StateError when the import cannot take the step.
func (i Import) refuse(step Step) error {
	if step == StepCommit {
		return i.refuseCommit()
	}
	switch {
	case !i.Status.Allows(step):
		return &StateError{Step: step, Status: i.Status}
	case i.Options.DryRun && step != StepCancel:
		return &StateError{Step: step, Status: i.Status, Why: "the import is a dry run, which inserts nothing"}
	case i.Kind != importer.Tasks && step == StepUndo:
		return &StateError{Step: step, Status: i.Status, Why: "only imports of tasks can be taken back, and this one is of " + string(i.Kind)}
	}
	return nil
}
