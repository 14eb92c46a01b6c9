package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
)

// OutdatedError refuses to commit a plan: rows would have other outcomes than the dry run showed.
type OutdatedError struct{ Difference importer.Difference }

// Error returns what is outdated and what to do.
func (e *OutdatedError) Error() string {
	return fmt.Sprintf("the plan is outdated: %d rows would now end elsewhere than the dry run has shown; look at "+
		"the difference, and make a new dry run of the file", e.Difference.Rows)
}

// commitTries is how often a plan is compared again because the directory changed meanwhile.
const commitTries = 5

// errMoved: the directory or the tasks have changed since the plan was compared.
var errMoved = errors.New("the directory has changed since the plan was compared")

// Commit carries out the plan of a dry run of tasks: its chunks are pending again, their rows get
// the planned outcomes, and the dead letters stay. If the directory has changed, the rows are
// resolved again first; an *OutdatedError counts those that would have another outcome. The caller
// enqueues the chunks. A *StateError refuses the transition.
func (s *Store) Commit(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	for range commitTries {
		version, err := s.comparePlan(ctx, workspace, id)
		if err != nil {
			return Import{}, err
		}
		users, err := s.Users(ctx, workspace)
		if err != nil {
			return Import{}, err
		}
		i, err := s.transition(ctx, TransitionCommit, workspace, id, by, idem, func(tx pgx.Tx, i Import) error {
			if err := carryOut(ctx, tx, workspace, id, version); err != nil {
				return err
			}
			return rememberUsers(ctx, tx, workspace, users, i.Options.Mapping, by)
		})
		if !errors.Is(err, errMoved) {
			return i, err
		}
	}
	return Import{}, fmt.Errorf("%w: %w", ErrRetry, errMoved)
}

// carryOut makes the chunks of a plan pending, if the directory still has the version that the plan
// was compared with.
func carryOut(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID, version int64) error {
	now, err := lockDirectory(ctx, tx, workspace)
	if err != nil {
		return err
	}
	same, err := idsHold(ctx, tx, workspace, id)
	if err != nil {
		return err
	}
	if now != version || !same {
		return errMoved
	}
	for _, sql := range []string{dropPlanIDs, dropStagedFile, dropSkippedRows, carryOutChunks, carryOutImport} {
		if _, err := tx.Exec(ctx, sql, workspace, id); err != nil {
			return err
		}
	}
	return compareFile(ctx, tx, workspace, id)
}

const carryOutChunks = `UPDATE chunks SET state = 'pending', attempts_from = attempt, lease_until = '-infinity',
	enqueue_after = '-infinity', created_count = 0, updated_count = 0, skipped_count = 0
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'done'`

const carryOutImport = `UPDATE imports SET status = 'processing', plan = 'committed', finished_at = NULL,
	error = NULL, round = round + 1, options = options - 'dry_run',
	in_order = options->>'on_duplicate' <> 'skip' WHERE workspace_id = $1 AND id = $2`

// idsHold reports whether the external ids of a plan are taken, or free, as they were when it was
// made.
func idsHold(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) (hold bool, err error) {
	err = tx.QueryRow(ctx, `SELECT NOT EXISTS (
			SELECT FROM plan_ids p WHERE p.workspace_id = $1 AND p.import_id = $2 AND p.is_new
				AND (EXISTS (SELECT FROM tasks t WHERE t.workspace_id = $1 AND t.external_id = p.external_id) OR EXISTS (SELECT
				FROM tasks t WHERE t.workspace_id = $1 AND t.id = p.task_id)))
		AND NOT EXISTS (
			SELECT FROM plan_ids p WHERE p.workspace_id = $1 AND p.import_id = $2 AND NOT p.is_new AND p.external_id IS NOT NULL
				AND NOT EXISTS (SELECT FROM tasks t WHERE t.workspace_id = $1 AND t.external_id = p.external_id)
				AND NOT EXISTS (SELECT FROM plan_ids q WHERE q.workspace_id = $1 AND q.import_id = $2
				AND q.external_id = p.external_id AND q.is_new))`, workspace, id).Scan(&hold)
	return hold, err
}

// comparePlan returns the version of the directory for which the plan is valid, or an
// *OutdatedError.
func (s *Store) comparePlan(ctx context.Context, workspace, id uuid.UUID) (int64, error) {
	i, err := s.Import(ctx, workspace, id)
	if err != nil {
		return 0, err
	}
	if err := i.refuse(TransitionCommit); err != nil {
		return 0, err
	}
	version, same := int64(0), false
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT w.directory_version, NOT EXISTS (SELECT FROM chunks c WHERE c.workspace_id = $1
			AND c.import_id = $2 AND c.planned_version <> w.directory_version)
			FROM workspaces w WHERE w.id = $1`, workspace, id).Scan(&version, &same)
		if err != nil || !same {
			return err
		}
		same, err = idsHold(ctx, tx, workspace, id)
		return err
	})
	if err != nil || same {
		return version, err
	}
	d, err := s.difference(ctx, i, version)
	if err == nil && d.Rows > 0 {
		err = &OutdatedError{Difference: d}
	}
	return version, err
}

// difference puts the rows of a plan through the pipeline again, without writing, and compares the
// outcomes chunk by chunk.
func (s *Store) difference(ctx context.Context, i Import, version int64) (d importer.Difference, err error) {
	reader, err := i.RowReader()
	if err != nil {
		return d, err
	}
	earlier := newSeenIDs()
	now := s.resolverAt(i.WorkspaceID, version)
	now.taken = func(ctx context.Context, b *importer.Batch) (map[string]bool, error) {
		taken, err := takenIDs(ctx, s.pool, i, b)
		if err == nil {
			earlier.addTo(taken, b)
		}
		return taken, err
	}
	for number := 1; ; number++ {
		chunk, was, err := s.plannedChunk(ctx, i, number)
		if errors.Is(err, ErrNotFound) {
			return d, nil
		}
		if err != nil {
			return d, err
		}
		b := reader.Read(chunk, i.CreatedAt)
		if err := b.Resolve(ctx, now, i.Options); err != nil {
			return d, err
		}
		earlier.note(b.Tasks)
		d.Compare(was, b.PlannedOutcomes(i.Options.OnDuplicate))
	}
}

// plannedChunk returns a chunk of a plan and the planned outcomes of its rows.
func (s *Store) plannedChunk(ctx context.Context, i Import, number int) (file.Chunk, []importer.PlannedOutcome, error) {
	c := file.Chunk{Number: number}
	var packed []byte
	err := s.pool.QueryRow(ctx, `SELECT first_row, first_line, row_count, data, repeats, coalesce(planned_outcomes, ''),
		`+knownRows+` FROM chunks c WHERE workspace_id = $1 AND import_id = $2 AND number = $3`,
		i.WorkspaceID, i.ID, number).Scan(&c.FirstRow, &c.FirstLine, &c.Rows, &c.Data, &c.Repeats, &packed, &c.Known)
	if err != nil {
		return c, nil, translate(err)
	}
	if c.Data, err = unpack(c.Data); err != nil {
		return c, nil, err
	}
	was, err := unpackOutcomes(packed)
	return c, was, err
}

// seenIDs is a set of external ids, as hashes of eight bytes each: a file may have millions.
type seenIDs struct {
	seed maphash.Seed
	ids  map[uint64]struct{}
}

func newSeenIDs() *seenIDs { return &seenIDs{seed: maphash.MakeSeed(), ids: map[uint64]struct{}{}} }

func (s *seenIDs) addTo(taken map[string]bool, b *importer.Batch) {
	for _, id := range b.ExternalIDs() {
		if s.has(id) {
			taken[id] = true
		}
	}
	for _, o := range b.Origins() {
		if s.has(o.String()) {
			o.Taken(taken, true)
		}
	}
}

func (s *seenIDs) note(fresh []importer.Draft) {
	for i := range fresh {
		for _, id := range [2]string{fresh[i].ExternalID, fresh[i].Origin.String()} {
			if id != "" {
				s.ids[maphash.String(s.seed, id)] = struct{}{}
			}
		}
	}
}

func (s *seenIDs) has(id string) bool {
	_, ok := s.ids[maphash.String(s.seed, id)]
	return ok
}

// refuseCommit returns a *StateError without a plan that can be committed.
func (i Import) refuseCommit() error {
	refused := &StateError{Transition: TransitionCommit, Status: i.Status}
	switch {
	case i.Planned == PlanCommitted:
		refused.Why = "the dry run was carried out already; the job is its import"
	case i.Planned == PlanExpired:
		refused.Why = fmt.Sprintf("a plan is kept for %d days, and this one is gone; make a new dry run of the file",
			int(PlanTTL.Hours()/24))
	case i.Options.DryRun && i.Kind != importer.Tasks:
		refused.Why = "only a dry run of tasks is kept as a plan; import the " + string(i.Kind) + " without dry_run"
	case i.Planned != PlanKept:
		refused.Why = "the import is not a dry run; its rows are imported already"
	case i.Status.Allows(TransitionCommit):
		return nil
	}
	return refused
}
