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

// PlanState is the state of what a dry run of tasks leaves behind.
type PlanState string

// The states of a plan.
const (
	PlanKept      PlanState = "kept"      // it can be carried out
	PlanCommitted PlanState = "committed" // it was
	PlanExpired   PlanState = "expired"   // it was dropped
)

// PlanTTL is how long the plan of a dry run is kept after its end.
const PlanTTL = 7 * 24 * time.Hour

func planOf(n NewImport) PlanState {
	if n.Kind == importer.Tasks && n.Options.DryRun {
		return PlanKept
	}
	return ""
}

// inOrder says that the chunks of the import go one after the other: what becomes of a row depends
// on the rows before it, beyond the one that comes first.
func (i Import) inOrder() bool {
	return i.Kind == importer.Tasks && (i.Options.DryRun || i.Options.OnDuplicate != importer.DuplicateSkip)
}

// plans reports whether the claim's chunk is one of a dry run whose rows are kept.
func (c *Claim) plans() bool { return c.Import.Kind == importer.Tasks && c.Import.Options.DryRun }

// shownChunk is what a dry run has shown of a chunk that is carried out.
type shownChunk struct {
	taken    map[string]bool // external ids that were taken by then
	rejected map[importer.Reason]int
}

// AsShown makes of a batch what the dry run has shown of it, where the claim carries one out.
// Otherwise it leaves it as it is.
func (c *Claim) AsShown(b *importer.Batch) error {
	c.shown = nil
	if c.Import.Planned != PlanCommitted || len(c.fates) == 0 || c.Corrections() {
		return nil
	}
	fates, err := unpackFates(c.fates)
	if err != nil {
		return err
	}
	c.shown = &shownChunk{taken: b.AsShown(fates), rejected: importer.RejectedOf(fates)}
	return nil
}

func unpackFates(packed []byte) ([]importer.PlannedOutcome, error) {
	raw, err := decompress(packed)
	if err != nil {
		return nil, err
	}
	return importer.UnpackPlannedOutcomes(raw)
}

// withShown adds the dead letters that the dry run has left.
func (c *Claim) withShown(rejected map[importer.Reason]int) map[importer.Reason]int {
	if c.shown != nil {
		for reason, n := range c.shown.rejected {
			rejected[reason] += n
		}
	}
	return rejected
}

// taken tells which external ids of the batch are taken: those that the dry run has shown to be,
// and those that the workspace has, where that is to be asked.
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

// takenBefore tells which external ids of a batch of a dry run the workspace has, or earlier chunks
// of the same file.
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

// originsBefore notes which origins of a batch of a dry run stand in earlier chunks of the same
// file.
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

// keepFates keeps what a dry run shows of a chunk's rows, and which external ids they would have.
func keepFates(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, seen int64) error {
	fates := b.PlannedOutcomes(c.Import.Options.OnDuplicate)
	if _, err := tx.Exec(ctx, `UPDATE chunks SET fates = $4, fates_version = $5 WHERE workspace_id = $1
		AND import_id = $2 AND number = $3`,
		c.WorkspaceID, c.ImportID, c.Number, compress(importer.PackPlannedOutcomes(fates)), seen); err != nil {
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
	return rows.run(ctx, tx, "plan_ids", []string{"workspace_id", "import_id", "external_id", "task_id", "is_new"})
}

func (c *copyData) appendPlanID(claim *Claim, d *importer.Draft, isNew bool) {
	id := uuid.Nil
	if d.Origin != (importer.Origin{}) {
		id = claim.taskID(d)
	}
	if d.ExternalID == "" && id == uuid.Nil {
		return
	}
	const columns = 5
	c.row(columns)
	c.id(claim.WorkspaceID)
	c.id(claim.ImportID)
	c.textOrNull(d.ExternalID)
	c.idOrNull(id)
	c.bool(isNew)
}

// dropPlanIDs returns up what carrying out a plan does not need.
const dropPlanIDs = `DELETE FROM plan_ids WHERE workspace_id = $1 AND import_id = $2`

// forgetOldPlans drops a plan that is past its time.
func forgetOldPlans(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `WITH old AS (
			SELECT workspace_id, id FROM imports WHERE plan = 'kept' AND created_at < now() - $1::interval
			AND finished_at < now() - $1::interval LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
		), dropped AS (
			UPDATE imports i SET plan = 'expired' FROM old WHERE i.workspace_id = old.workspace_id AND i.id = old.id
		), ids AS (
			DELETE FROM plan_ids p USING old WHERE p.workspace_id = old.workspace_id AND p.import_id = old.id
		)
		UPDATE chunks c SET data = '', fates = NULL FROM old WHERE c.workspace_id = old.workspace_id
		AND c.import_id = old.id`, PlanTTL)
	return err
}
