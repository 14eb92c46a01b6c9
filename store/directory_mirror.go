package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Mirror is what an import that mirrors the directory has done to the records that the file lacks.
type Mirror struct {
	State    MirrorState // empty for an import that does not mirror
	Inactive int64       // records that became inactive; of a dry run or a refusal, that would have
	Of       int64       // records that were active before
}

// MirrorState is the state of the mirror of an import.
type MirrorState string

// The states of a mirror. A refused one is tried again when the import goes on.
const (
	MirrorPending MirrorState = "pending"
	MirrorDone    MirrorState = "done"
	MirrorRefused MirrorState = "refused"
)

func mirrorOf(o importer.Options) MirrorState {
	if o.Mirror {
		return MirrorPending
	}
	return ""
}

// keepNamed notes the records that rows of a chunk have named, for what is done at the end, and
// stores the rows that were skipped.
func keepNamed(ctx context.Context, tx pgx.Tx, c *Claim, named []uuid.UUID, skipped []skippedRow) error {
	if err := copySkipped(ctx, tx, c, skipped); err != nil || !c.Import.Options.Mirror && !c.Import.Options.RetryRejects {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"mirror_ids"}, []string{"workspace_id", "import_id", "record_id"},
		pgx.CopyFromSlice(len(named), func(i int) ([]any, error) {
			return []any{[16]byte(c.WorkspaceID), [16]byte(c.ImportID), [16]byte(named[i])}, nil
		}))
	return err
}

// dropNamed forgets the records that an import has named.
const dropNamed = `DELETE FROM mirror_ids WHERE workspace_id = $1 AND import_id = $2`

// mirrorReady is the condition that the mirror of an import i is due: every row has its outcome.
const mirrorReady = `i.mirror = 'pending' AND i.status IN ('queued', 'processing') AND NOT EXISTS (SELECT FROM chunks c
	WHERE c.workspace_id = i.workspace_id AND c.import_id = i.id AND c.state IN ('pending', 'parked'))`

// MirrorDue carries out the mirrors that are due, of all workspaces: their processes have died.
func (s *Store) MirrorDue(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `SELECT i.workspace_id, i.id FROM imports i WHERE `+mirrorReady)
	if err != nil {
		return translate(err)
	}
	type ref struct{ Workspace, ID uuid.UUID }
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ref])
	errs := []error{translate(err)}
	for _, i := range due {
		errs = append(errs, s.Mirror(ctx, i.Workspace, i.ID))
	}
	return errors.Join(errs...)
}

// Mirror makes inactive, for an import that mirrors the directory and whose rows all have their
// outcomes, the records that no row has named: all in one transaction, or none. It is refused when
// more would become inactive than the import allows, or when it cannot be told what a rejected row
// names. For any other import it does nothing. FinishImport ends the import afterwards.
func (s *Store) Mirror(ctx context.Context, workspace, id uuid.UUID) error {
	i := Import{WorkspaceID: workspace, ID: id}
	var round int
	var from time.Time
	err := s.pool.QueryRow(ctx, `SELECT i.kind, i.layout, i.options, i.round, i.mirror_from FROM imports i
		WHERE i.workspace_id = $1 AND i.id = $2 AND `+mirrorReady, workspace, id).
		Scan(&i.Kind, &i.Layout, &i.Options, &round, &from)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	reader, err := i.RowReader()
	if err != nil {
		return err
	}
	named := importer.NamedRecords{}
	if err := s.EachDeadLetter(ctx, workspace, id, DeadLetterFilter{}, func(d importer.DeadLetter) error {
		named.Add(reader, d)
		return nil
	}); err != nil {
		return err
	}
	return s.repeated(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `SELECT FROM imports i WHERE i.workspace_id = $1 AND i.id = $2 AND i.round = $3
			AND `+mirrorReady+` FOR NO KEY UPDATE`, workspace, id, round)
		if err != nil || tag.RowsAffected() == 0 { // it went on, was cancelled, or another process was faster
			return err
		}
		return mirror(ctx, tx, i, from, &named)
	})
}

// lacking are the active records r that existed at $2 and that the import $3 has not named, neither
// by a row that went in nor by the id, address or name ($4 to $6) of a rejected row.
func lacking(kind importer.Kind) string {
	id, email, name := `NULL::text`, `NULL::text`, `NULL::text`
	switch kind {
	case importer.Users:
		id, email, name = `r.assignee_id`, `r.email`, `r.name`
	case importer.Contacts:
		email, name = `r.email`, `r.full_name`
	case importer.Companies:
		name = `r.match_key`
	case importer.Tasks, importer.Deals, importer.Events:
	}
	return directoryTable(kind) + ` r WHERE r.workspace_id = $1 AND r.active AND r.created_at <= $2
		AND NOT EXISTS (SELECT FROM mirror_ids m WHERE m.workspace_id = $1 AND m.import_id = $3 AND m.record_id = r.id)
		AND coalesce(r.external_id <> ALL ($4), true) AND coalesce(` + id + ` <> ALL ($4), true)
		AND coalesce(` + email + ` <> ALL ($5), true)
		AND coalesce(` + name + ` <> ALL ($6), true)`
}

func mirror(ctx context.Context, tx pgx.Tx, i Import, from time.Time, named *importer.NamedRecords) error {
	version, err := changeDirectory(ctx, tx, i.WorkspaceID)
	if err != nil {
		return err
	}
	args := []any{i.WorkspaceID, from, i.ID, named.ExternalIDs, named.Emails, named.Names}
	var m Mirror
	if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM `+lacking(i.Kind)+`), (SELECT count(*) FROM `+
		directoryTable(i.Kind)+` r WHERE r.workspace_id = $1 AND r.active AND r.created_at <= $2)`, args...).Scan(&m.Inactive,
		&m.Of); err != nil {
		return err
	}
	why := named.Refuses()
	if most := int64(i.Options.MirrorMost); why == "" && m.Inactive*100 > m.Of*most {
		why = fmt.Sprintf("the file lacks %d of %d active %s, and at most %d %% of them may become inactive", m.Inactive,
			m.Of, i.Kind, most)
	}
	m.State = MirrorDone
	if why != "" {
		m.State, why = MirrorRefused, why+"; none did, while the rows of the file went in"
	}
	if _, err := tx.Exec(ctx, `UPDATE imports SET mirror = $3, mirror_error = nullif($4, ''), inactive_count = $5,
		active_count = $6 WHERE workspace_id = $1 AND id = $2`, i.WorkspaceID, i.ID, m.State, why, m.Inactive,
		m.Of); err != nil || m.State == MirrorRefused {
		return err
	}
	if !i.Options.DryRun {
		if _, err := tx.Exec(ctx, `WITH gone AS (UPDATE `+directoryTable(i.Kind)+` u SET active = false, version = $7
			FROM (SELECT r.id FROM `+lacking(i.Kind)+`) lacks WHERE u.workspace_id = $1 AND u.id = lacks.id RETURNING u.id)
			UPDATE contacts SET version = $7 FROM gone WHERE `+onlyCompanies(i.Kind)+` AND workspace_id = $1
			AND company_id = gone.id`, append(args, version)...); err != nil {
			return err
		}
	}
	if i.Options.RetryRejects {
		return nil
	}
	_, err = tx.Exec(ctx, dropNamed, i.WorkspaceID, i.ID)
	return err
}

// onlyCompanies is true in SQL for the kind whose records contacts belong to.
func onlyCompanies(kind importer.Kind) string { return fmt.Sprint(kind == importer.Companies) }
