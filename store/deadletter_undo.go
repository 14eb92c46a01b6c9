package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// lettersOf lists the columns that a decision keeps of its dead letters, each with this prefix.
func lettersOf(prefix string) string {
	columns := []string{"line", "reason", "field", "message", "remedy", "subject", "subject_key", "company",
		"candidates", "details", "cells", "dismissed_at", "dismissed_by", "dismissed_why", "searched"}
	for i := range columns {
		columns[i] = prefix + columns[i]
	}
	return strings.Join(columns, ", ")
}

// UndoneDecision is what the undo of a decision has taken back.
type UndoneDecision struct {
	Decision uuid.UUID
	Rows     int          // dead letters that are as they were
	Back     int          // of these, those that were imported or dismissed
	Tasks    int          // deleted tasks
	Imports  []Correcting // each with its Import and Rows, in the order of the decision
	// Kept names the records that the decision had added and that stay, because others refer to them.
	Kept []string
}

// UndoDecision takes back a decision about dead letters, in one transaction: the tasks that its
// rows became are deleted, the dead letters are as they were before, the alias that it has kept
// means what it meant, and the contact that it has created is deleted. A decision over several
// imports is taken back in all of them; decision is the entry of any of its parts.
//
// Errors: ErrNotFound for an unknown decision; a *StateError when a row, a task or the contact was
// changed since, when rows are being retried, or when the decision was undone already; a
// *PermissionError when the key could not have made the decision.
func (s *Store) UndoDecision(ctx context.Context, k Key, decision uuid.UUID) (UndoneDecision, error) {
	var out UndoneDecision
	err := s.repeated(ctx, func(tx pgx.Tx) error {
		u := &undo{tx: tx, key: k}
		if err := u.read(ctx, decision); err != nil {
			return err
		}
		if err := u.lock(ctx); err != nil {
			return err
		}
		for _, e := range u.entries {
			if err := u.takeBack(ctx, e); err != nil {
				return err
			}
		}
		if err := u.forgetRecords(ctx); err != nil {
			return err
		}
		out = u.out
		return note(ctx, tx, u.note)
	})
	if err != nil {
		return out, err
	}
	for n, one := range out.Imports {
		// The sweeper ends an import where this process does not.
		_, _ = s.FinishImport(ctx, one.Import.WorkspaceID, one.Import.ID)
		if out.Imports[n].Import, err = s.Import(ctx, one.Import.WorkspaceID, one.Import.ID); err != nil {
			return out, err
		}
	}
	return out, nil
}

// undo takes a decision back.
type undo struct {
	tx      pgx.Tx
	key     Key
	entries []AuditEntry // of the decision, in their order
	imports map[uuid.UUID]Import
	note    auditNote
	out     UndoneDecision
}

// refuseUndo returns the error of a decision that cannot be taken back.
func refuseUndo(format string, args ...any) error {
	return &StateError{Transition: TransitionUndoDecision, Why: fmt.Sprintf(format, args...)}
}

// read reads the entries of the decision.
func (u *undo) read(ctx context.Context, decision uuid.UUID) error {
	workspace := u.key.WorkspaceID
	rows, err := u.tx.Query(ctx, readAudit+` AND coalesce(a.part_of, a.id) = (SELECT coalesce(part_of, id) FROM audit
		WHERE workspace_id = $1 AND id = $2) ORDER BY a.id`, workspace, decision)
	if err != nil {
		return err
	}
	if u.entries, err = pgx.CollectRows(rows, scanAuditEntry); err != nil {
		return err
	}
	if len(u.entries) == 0 || !slices.ContainsFunc(u.entries, func(e AuditEntry) bool { return e.decides() }) {
		return ErrNotFound
	}
	if n := slices.IndexFunc(u.entries, func(e AuditEntry) bool { return e.Action == ActionUndoDecision }); n >= 0 {
		e := u.entries[n]
		return refuseUndo("%s has undone it already, at %s", e.By.Name, e.CreatedAt.Format(time.RFC3339))
	}
	u.out.Decision = u.entries[0].ID
	if of := u.entries[0].By.PartOf; of != uuid.Nil {
		u.out.Decision = of
	}
	u.note = newNote(workspace, ActionUndoDecision, u.key.Actor().In(u.out.Decision), uuid.Nil, nil)
	return nil
}

// decides reports whether the entry is a decision about dead letters of its import.
func (e AuditEntry) decides() bool {
	switch e.Action {
	case ActionCorrect, ActionCorrectAll, ActionDismiss:
		return true
	case ActionRetryRejects:
		return e.By.PartOf != uuid.Nil // else it is that of the import of the directory
	default:
		return false
	}
}

// lock locks the imports of the decision, oldest first, and checks that they and the key allow its
// undo.
func (u *undo) lock(ctx context.Context) error {
	var ids []uuid.UUID
	for _, e := range u.entries {
		if e.decides() {
			ids = append(ids, e.ImportID)
		}
		needs := map[Action]Permission{ActionCreateContact: WriteContacts, ActionCreateCompany: WriteCompanies}
		if p, ok := needs[e.Action]; ok {
			if err := u.key.Needs(p); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	u.imports = map[uuid.UUID]Import{}
	for _, id := range slices.Compact(ids) {
		i, err := lockImport(ctx, u.tx, u.key.WorkspaceID, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return refuseUndo("the import %s is gone", id)
		}
		if err != nil {
			return err
		}
		if err := u.key.MayWrite(i.Kind); err != nil {
			return err
		}
		if err := i.refuse(TransitionUndoDecision); err != nil {
			return err
		}
		u.imports[id] = i
		if u.note.ImportID = id; len(u.imports) > 1 {
			u.note.ImportID = uuid.Nil
		}
	}
	return nil
}

// takeBack takes back what an entry says.
func (u *undo) takeBack(ctx context.Context, e AuditEntry) error {
	if !e.decides() {
		return nil // the directory comes last
	}
	again := u.restore
	if e.Action == ActionDismiss {
		again = u.open
	}
	rows, err := again(ctx, e)
	u.out.Rows += rows
	u.note.Detail.Rows += rows
	u.out.Imports = append(u.out.Imports, Correcting{Import: u.imports[e.ImportID], Decision: e.ID, Rows: rows})
	return err
}

// open opens the dead letters again that were dismissed.
func (u *undo) open(ctx context.Context, e AuditEntry) (int, error) {
	var rows int
	err := u.tx.QueryRow(ctx, `WITH `+busy+`, changed AS (UPDATE dead_letters d
		SET dismissed_at = NULL, dismissed_by = NULL, dismissed_why = NULL FROM audit a
		WHERE a.workspace_id = $1 AND a.id = $3 AND a.created_at = d.dismissed_at AND a.actor_name = d.dismissed_by
		AND d.workspace_id = $1 AND d.import_id = $2 AND NOT `+taken+` RETURNING 1)
		SELECT count(*) FROM changed`, u.key.WorkspaceID, e.ImportID, e.ID).Scan(&rows)
	if err == nil && rows != e.Detail.Rows {
		return 0, refuseUndo("%d of the %d rows were decided about or opened since", e.Detail.Rows-rows, e.Detail.Rows)
	}
	u.out.Back += rows
	return rows, err
}

// ofDecision is true of what belongs to the rows of a decision. Their numbers are an array, so that
// a table is read at most once; see withCorrections.
const ofDecision = `workspace_id = $1 AND import_id = $2 AND row_number = ANY (ARRAY(SELECT r.row_number
	FROM decided_rows r WHERE r.workspace_id = $1 AND r.import_id = $2 AND r.decision_id = $3))`

// restore brings back the dead letters of a correction, in the order in which locks are taken: the
// chunks, the dead letters, the tasks.
func (u *undo) restore(ctx context.Context, e AuditEntry) (int, error) {
	args := []any{u.key.WorkspaceID, e.ImportID, e.ID}
	done, err := u.stopChunks(ctx, args)
	if err != nil {
		return 0, err
	}
	if err := u.unchanged(ctx, e, args, done); err != nil {
		return 0, err
	}
	if done.created > 0 {
		tag, err := u.tx.Exec(ctx, `DELETE FROM tasks t WHERE t.workspace_id = $1 AND t.import_id = $2
			AND t.row_number = ANY (ARRAY(SELECT r.row_number FROM decided_rows r WHERE r.workspace_id = $1 AND r.import_id = $2
			AND r.decision_id = $3 AND (SELECT d.row_number FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2
			AND d.row_number = r.row_number) IS NULL)) AND t.changed_at IS NULL AND t.updated_at IS NULL`, args...)
		if err != nil {
			return 0, err
		}
		if n := int(tag.RowsAffected()); n != done.created {
			return 0, refuseUndo("%d of the %d tasks that its rows became were changed since", done.created-n, done.created)
		}
		u.out.Tasks += done.created
	}
	var rows int
	// The rows are counted where they were: in a chunk of its own, as differences.
	err = u.tx.QueryRow(ctx, `WITH kept AS MATERIALIZED (SELECT * FROM decided_rows WHERE workspace_id = $1
		AND import_id = $2 AND decision_id = $3
	), now AS (
		SELECT d.reason, -1 AS n FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2
		AND d.row_number = ANY (ARRAY(SELECT row_number FROM kept)) UNION ALL SELECT reason, 1 FROM kept
	), counted AS (
		INSERT INTO chunks (workspace_id, import_id, number, state, first_row, last_row, first_line, row_count, data,
			decision_id, correction_count, created_count, skipped_count, rejected_count, rejected_by_reason, done_at)
		SELECT $1, $2, (SELECT max(number) + 1 FROM chunks WHERE workspace_id = $1 AND import_id = $2), 'done',
			min(row_number), max(row_number), 0, 0, '', $4, count(*), -$5::int, -$6::int, $5::int + $6::int,
			coalesce((SELECT jsonb_object_agg(reason, n) FROM (SELECT reason, sum(n) AS n FROM now GROUP BY reason
			HAVING sum(n) <> 0) r), '{}'), clock_timestamp() FROM kept
	), unadjusted AS (
		UPDATE chunks SET adjusted = '{}' WHERE workspace_id = $1 AND import_id = $2 AND decision_id = $3
	) SELECT count(*) FROM kept`, append(args, u.note.ID, done.created, done.skipped)...).Scan(&rows)
	if err != nil {
		return 0, err
	}
	for _, sql := range []string{
		`DELETE FROM dead_letters WHERE ` + ofDecision,
		`INSERT INTO dead_letters (workspace_id, import_id, row_number, ` + lettersOf("") + `) SELECT workspace_id, import_id,
			row_number, ` + lettersOf("") + ` FROM decided_rows WHERE workspace_id = $1 AND import_id = $2
			AND decision_id = $3`,
		`DELETE FROM corrections WHERE ` + ofDecision,
		`INSERT INTO corrections (workspace_id, import_id, row_number, fields, replaced, version, decision_id, chunk)
			SELECT workspace_id, import_id, row_number, fields, replaced, version, corrected_by, chunk FROM decided_rows
			WHERE workspace_id = $1 AND import_id = $2 AND decision_id = $3 AND version IS NOT NULL`,
		`DELETE FROM skipped_rows WHERE ` + ofDecision,
		`DELETE FROM decided_rows WHERE workspace_id = $1 AND import_id = $2 AND decision_id = $3`,
	} {
		if _, err := u.tx.Exec(ctx, sql, args...); err != nil {
			return 0, err
		}
	}
	u.out.Back += done.created + done.skipped
	return rows, nil
}

// stopChunks cancels the chunks of a correction that are not done, after it has waited for those
// that a worker is about to finish, and sums the outcomes of the others.
func (u *undo) stopChunks(ctx context.Context, args []any) (done counts, err error) {
	if _, err := u.tx.Exec(ctx, `SELECT FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND decision_id = $3
		ORDER BY number FOR UPDATE`, args...); err != nil {
		return done, err
	}
	if _, err := u.tx.Exec(ctx, `UPDATE chunks SET state = 'cancelled', data = '' WHERE workspace_id = $1
		AND import_id = $2 AND decision_id = $3 AND state IN ('pending', 'parked')`, args...); err != nil {
		return done, err
	}
	err = u.tx.QueryRow(ctx, `SELECT coalesce(sum(created_count), 0), coalesce(sum(updated_count), 0),
		coalesce(sum(skipped_count), 0) FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND decision_id = $3
		AND state = 'done'`, args...).Scan(&done.created, &done.updated, &done.skipped)
	return done, err
}

// unchanged refuses the undo of a correction whose rows are not as it has left them.
func (u *undo) unchanged(ctx context.Context, e AuditEntry, args []any, done counts) error {
	if u.imports[e.ImportID].Kind != importer.Tasks && done != (counts{}) {
		return refuseUndo("its rows became %s; delete those that are wrong", u.imports[e.ImportID].Kind)
	}
	if done.updated > 0 {
		return refuseUndo("it has updated %d tasks that existed before", done.updated)
	}
	var kept, gone, later, retried, dismissed int
	err := u.tx.QueryRow(ctx, `WITH `+busy+` SELECT count(*), count(*) FILTER (WHERE d.row_number IS NULL),
		coalesce(min(r.row_number) FILTER (WHERE m.decision_id IS DISTINCT FROM $3), 0),
		coalesce(min(r.row_number) FILTER (WHERE EXISTS (SELECT FROM busy b WHERE r.row_number BETWEEN b.first_row
			AND b.last_row AND b.decision_id IS NULL)), 0),
		coalesce(min(r.row_number) FILTER (WHERE d.dismissed_at IS NOT NULL
			AND d.dismissed_at IS DISTINCT FROM r.dismissed_at), 0)
		FROM decided_rows r LEFT JOIN LATERAL (SELECT * FROM dead_letters d WHERE d.workspace_id = $1
		AND d.import_id = $2 AND d.row_number = r.row_number LIMIT 1) d ON true
		LEFT JOIN LATERAL (SELECT * FROM corrections m WHERE m.workspace_id = $1 AND m.import_id = $2
		AND m.row_number = r.row_number LIMIT 1) m ON true
		WHERE r.workspace_id = $1 AND r.import_id = $2 AND r.decision_id = $3`, args...).
		Scan(&kept, &gone, &later, &retried, &dismissed)
	switch {
	case err != nil:
		return err
	case later > 0:
		return refuseUndo("row %d has a later decision; undo that one first", later)
	case dismissed > 0:
		return refuseUndo("row %d was dismissed since; open it first", dismissed)
	case retried > 0:
		return refuseUndo("a retry is processing row %d; wait for its end", retried)
	case kept != e.Detail.Rows:
		return refuseUndo("its rows are no longer kept")
	case gone != done.created+done.skipped:
		return refuseUndo("%d of its rows were imported by a later retry", gone-done.created-done.skipped)
	}
	return nil
}

// forgetRecords takes back what the decision has changed in the directory: its alias, and the
// contact and company that it has added.
func (u *undo) forgetRecords(ctx context.Context) error {
	for _, e := range slices.Backward(u.entries) {
		var err error
		switch e.Action {
		case ActionKeepAlias:
			err = u.forgetAlias(ctx, e.Detail)
		case ActionCreateContact:
			err = u.forgetRecord(ctx, e.Detail, usedBy("contact_id", "contacts", "tasks", "deals", "events"))
		case ActionCreateCompany:
			err = u.forgetRecord(ctx, e.Detail, companyIsUsed)
		default:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetAlias makes a name mean what it meant before, unless it means something else by now.
func (u *undo) forgetAlias(ctx context.Context, d AuditDetail) error {
	if _, err := changeDirectory(ctx, u.tx, u.key.WorkspaceID); err != nil {
		return err
	}
	key := aliasKey(importer.Kind(d.Kind), d.Name)
	sql, args := `DELETE FROM aliases`, []any{u.key.WorkspaceID, d.Kind, key, d.RecordID}
	if d.Before != uuid.Nil {
		sql, args = `UPDATE aliases SET record_id = $5`, append(args, d.Before)
	}
	_, err := u.tx.Exec(ctx, sql+` WHERE workspace_id = $1 AND kind = $2 AND match_key = $3 AND record_id = $4`, args...)
	return err
}

// usedBy is true of a record r to which others refer; column is the part of the name of the columns
// that do.
func usedBy(column, kind string, tables ...string) string {
	used := []string{`EXISTS (SELECT FROM aliases a WHERE a.workspace_id = r.workspace_id AND a.kind = '` + kind + `'
		AND a.record_id = r.id)`}
	for _, table := range tables {
		used = append(used, `EXISTS (SELECT FROM `+table+` o WHERE o.workspace_id = r.workspace_id AND o.`+column+` = r.id)`)
	}
	return strings.Join(used, " OR ")
}

var companyIsUsed = usedBy("company_id", "companies", "tasks", "contacts", "deals", "events")

// forgetRecord deletes the contact or company that the decision has added, and the company that was
// added with a contact unless others refer to that by now. isUsed is true in SQL of a record r that
// others refer to.
func (u *undo) forgetRecord(ctx context.Context, d AuditDetail, isUsed string) error {
	if _, err := changeDirectory(ctx, u.tx, u.key.WorkspaceID); err != nil {
		return err
	}
	table, what := directoryTable(importer.Kind(d.Kind)), map[string]string{string(importer.Contacts): "contact"}[d.Kind]
	if what == "" {
		what = "company"
	}
	var used, changed bool
	err := u.tx.QueryRow(ctx, `SELECT `+isUsed+`, r.version <> $3 FROM `+table+` r WHERE r.workspace_id = $1
		AND r.id = $2 AND r.deleted_at IS NULL`, u.key.WorkspaceID, d.RecordID, d.Version).Scan(&used, &changed)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // it was deleted
		return nil
	case err != nil:
		return err
	case used:
		return refuseUndo("the %s %s that it has created is in use", what, cut(d.Name))
	case changed:
		return refuseUndo("the %s %s that it has created was changed since", what, cut(d.Name))
	}
	if _, err := u.tx.Exec(ctx, `DELETE FROM `+table+` WHERE workspace_id = $1 AND id = $2`, u.key.WorkspaceID,
		d.RecordID); err != nil || d.Company == uuid.Nil {
		return err
	}
	var name string
	err = u.tx.QueryRow(ctx, `DELETE FROM companies r WHERE r.workspace_id = $1 AND r.id = $2 AND r.version = $3
		AND NOT (`+companyIsUsed+`) RETURNING name`,
		u.key.WorkspaceID, d.Company, d.Version).Scan(&name)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	err = u.tx.QueryRow(ctx, `SELECT name FROM companies WHERE workspace_id = $1 AND id = $2`, u.key.WorkspaceID,
		d.Company).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	u.out.Kept = append(u.out.Kept, name)
	return err
}
