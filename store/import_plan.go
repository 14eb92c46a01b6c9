package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// PlanState is the state of the plan of a dry run of tasks.
type PlanState string

// The states of a plan.
const (
	PlanKept      PlanState = "kept"      // it can be committed
	PlanCommitted PlanState = "committed" // it was
	PlanExpired   PlanState = "expired"   // it was dropped after PlanTTL
)

// PlanTTL is how long the plan of a dry run is kept after its end.
const PlanTTL = 7 * 24 * time.Hour

func planOf(n NewImport) PlanState {
	if n.Kind == importer.Tasks && n.Options.DryRun {
		return PlanKept
	}
	return ""
}

// inOrder reports whether the chunks of the import are processed one after the other, because the
// outcome of a row depends on the rows before it.
func (i Import) inOrder() bool {
	return i.Kind == importer.Tasks && (i.Options.DryRun || i.Options.OnDuplicate != importer.DuplicateSkip)
}

// plans reports whether the claim's chunk belongs to a dry run whose plan is kept.
func (c *Claim) plans() bool { return c.Import.Kind == importer.Tasks && c.Import.Options.DryRun }

// shownChunk is what the dry run showed of a chunk that is being committed.
type shownChunk struct {
	taken    map[string]bool // external ids that were taken at the dry run
	rejected map[importer.Reason]int
}

// AsShown changes a batch of a committed plan to the outcomes that the dry run showed. It leaves
// other batches as they are.
func (c *Claim) AsShown(b *importer.Batch) error {
	c.shown = nil
	if c.Import.Planned != PlanCommitted || len(c.outcomes) == 0 || c.IsCorrection() {
		return nil
	}
	outcomes, err := unpackOutcomes(c.outcomes)
	if err != nil {
		return err
	}
	c.shown = &shownChunk{taken: b.AsShown(outcomes), rejected: importer.RejectedOf(outcomes)}
	return nil
}

func unpackOutcomes(packed []byte) ([]importer.PlannedOutcome, error) {
	raw, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	return importer.UnpackPlannedOutcomes(raw)
}

// withShown adds the dead letters of the dry run to the counts.
func (c *Claim) withShown(rejected map[importer.Reason]int) map[importer.Reason]int {
	if c.shown != nil {
		for reason, n := range c.shown.rejected {
			rejected[reason] += n
		}
	}
	return rejected
}

// taken returns the external ids of the batch that are taken: those that the dry run showed as
// taken, and, if the claim asks for it, those of the workspace.
func (c *Claim) taken(ctx context.Context, q queryer, b *importer.Batch) (map[string]bool, error) {
	if c.plans() {
		return takenBefore(ctx, q, c.Import, b)
	}
	taken := map[string]bool{}
	if c.Repeats {
		var err error
		if taken, err = takenIDs(ctx, q, c.Import, b); err != nil {
			return nil, err
		}
	}
	if c.shown != nil {
		for id := range c.shown.taken {
			taken[id] = true
		}
	}
	return taken, nil
}

// takenBefore returns the external ids of a dry run's batch that the workspace or an earlier chunk
// of the file has.
func takenBefore(ctx context.Context, q queryer, i Import, b *importer.Batch) (map[string]bool, error) {
	taken, err := takenIDs(ctx, q, i, b)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT asked.id FROM unnest($3::text[]) AS asked (id)
		CROSS JOIN LATERAL (SELECT FROM plan_ids p WHERE p.workspace_id = $1 AND p.import_id = $2
		AND p.external_id = asked.id LIMIT 1) AS there`, i.WorkspaceID, i.ID, b.ExternalIDs())
	if err != nil {
		return nil, err
	}
	var id string
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { taken[id] = true; return nil }); err != nil {
		return nil, err
	}
	return taken, originsBefore(ctx, q, i, b, taken)
}

// originsBefore adds to taken the origins of a dry run's batch that an earlier chunk of the file
// has.
func originsBefore(ctx context.Context, q queryer, i Import, b *importer.Batch, taken map[string]bool) error {
	of := originsByTask(b)
	if len(of) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, `SELECT task_id FROM plan_ids WHERE workspace_id = $1 AND import_id = $2 AND is_new
		AND task_id = ANY ($3)`, i.WorkspaceID, i.ID, slices.Collect(maps.Keys(of)))
	if err != nil {
		return err
	}
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { of[id].Taken(taken, true); return nil })
	return err
}

// keepOutcomes stores the planned outcomes of a chunk's rows, and their external ids.
func keepOutcomes(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, seen int64) error {
	outcomes := b.PlannedOutcomes(c.Import.Options.OnDuplicate)
	if _, err := tx.Exec(ctx, `UPDATE chunks SET planned_outcomes = $4, planned_version = $5 WHERE workspace_id = $1
		AND import_id = $2 AND number = $3`,
		c.WorkspaceID, c.ImportID, c.Number, pack(importer.PackPlannedOutcomes(outcomes)), seen); err != nil {
		return err
	}
	rows := newCopy()
	defer rows.drop()
	for i := range b.Tasks {
		rows.appendPlanID(c, &b.Tasks[i], true)
	}
	for i := range b.Repeats {
		rows.appendPlanID(c, &b.Repeats[i], false)
	}
	return rows.run(ctx, tx, "plan_ids", []string{"workspace_id", "import_id", "external_id", "task_id", "is_new",
		"row_number", "title", "contact_id", "company_id", "deal_id", "event_id"})
}

func (c *copyData) appendPlanID(claim *Claim, d *importer.Draft, isNew bool) {
	id := uuid.Nil
	if d.Origin != (importer.Origin{}) {
		id = claim.taskID(d)
	}
	if d.ExternalID == "" && id == uuid.Nil {
		return
	}
	const columns = 11
	c.row(columns)
	c.id(claim.WorkspaceID)
	c.id(claim.ImportID)
	c.textOrNull(d.ExternalID)
	c.idOrNull(id)
	c.bool(isNew)
	c.bigint(int64(d.Row))
	c.text(d.Title)
	for _, id := range d.Look(d.Row).Links {
		c.idOrNull(id)
	}
}

// dropPlanIDs deletes what a commit does not need.
const dropPlanIDs = `DELETE FROM plan_ids WHERE workspace_id = $1 AND import_id = $2`

// forgetOldPlans drops one plan that is past its time.
func forgetOldPlans(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `WITH old AS (
			SELECT workspace_id, id FROM imports WHERE plan = 'kept' AND created_at < now() - $1::interval
			AND finished_at < now() - $1::interval LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
		), dropped AS (
			UPDATE imports i SET plan = 'expired' FROM old WHERE i.workspace_id = old.workspace_id AND i.id = old.id
		), ids AS (
			DELETE FROM plan_ids p USING old WHERE p.workspace_id = old.workspace_id AND p.import_id = old.id
		), files AS (
			DELETE FROM staged_files f USING old WHERE f.workspace_id = old.workspace_id AND f.import_id = old.id
		)
		UPDATE chunks c SET data = '', planned_outcomes = NULL FROM old WHERE c.workspace_id = old.workspace_id
		AND c.import_id = old.id`, PlanTTL)
	return err
}
