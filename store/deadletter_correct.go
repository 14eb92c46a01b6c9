package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Correcting is a decision about dead letters that is stored and being carried out.
type Correcting struct {
	Import   Import    // with the decision
	Decision uuid.UUID // its entry in the audit
	Rows     int       // dead letters that are retried
	Row      int       // the row of a decision about one row; else 0
	Contact  uuid.UUID // the contact that the decision chooses or has created; nil without one
	Company  uuid.UUID // likewise
	// Dismissed counts the dead letters that were closed or opened instead.
	Dismissed int
}

// Correct stores new values for one dead letter and retries it. The caller enqueues the chunks of
// the import. Errors: ErrNotFound when the row is not an open dead letter of the import; a
// *StateError when the import's state forbids it or another decision about the row came first; an
// *importer.Fault for invalid values.
func (s *Store) Correct(ctx context.Context, workspace, importID uuid.UUID, row int, m importer.Correction, by Actor,
	idem *Idempotency) (Correcting, error) {
	d := decision{workspace: workspace, importID: importID, selector: Selector{Rows: []int{row}}, correction: m,
		note: newNote(workspace, ActionCorrect, by, importID, nil)}
	out, err := s.decide(ctx, d, idem, func(tx pgx.Tx) error { return d.free(ctx, tx, row) })
	out.Row = row
	return out, err
}

// CorrectAll corrects all dead letters that the selector matches, except those of another decision
// that is still being carried out. With remember, the chosen record becomes an alias for the
// selector's name. It fails as Correct does, and then nothing was written. For a single row it also
// fails when another decision about the row came after the version of the correction.
func (s *Store) CorrectAll(ctx context.Context, workspace, importID uuid.UUID, which Selector, m importer.Correction,
	remember bool, by Actor, idem *Idempotency) (Correcting, error) {
	d := decision{workspace: workspace, importID: importID, selector: which, correction: m, remember: remember,
		note: newNote(workspace, ActionCorrectAll, by, importID, nil)}
	if err := d.check(); err != nil {
		return Correcting{}, err
	}
	return s.decide(ctx, d, idem, func(tx pgx.Tx) error {
		if m.Version == 0 || len(which.Rows) != 1 {
			return nil
		}
		return d.free(ctx, tx, which.Rows[0])
	})
}

// decision is a correction of some dead letters.
type decision struct {
	workspace, importID uuid.UUID
	selector            Selector
	correction          importer.Correction
	remember            bool
	retries             bool // the open ones of the rows are retried as they are
	note                auditNote
}

// check refuses a decision without a selection, or with values that do not fit it.
func (d *decision) check() error {
	which := d.selector
	if len(which.Rows) == 0 && which.Reason == "" && which.Name == "" {
		return errNoSelection
	}
	if size := d.correction.Size(); size > maxSharedValues {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "fields",
			Message: fmt.Sprintf("the new values are %d bytes long, at most %d are allowed for many rows at once; shorten "+
				"them, or correct the rows one by one", size, maxSharedValues)}
	}
	_, named := importer.NamedKind(which.Field)
	if d.remember && (which.Name == "" || !named || !d.correction.Chooses(which.Field)) {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "remember",
			Message: "only the record that is chosen for a name can be remembered; give name, field (contact_name, " +
				"company_name, deal_name or event_name) and the id that it means"}
	}
	return which.check()
}

// maxSharedValues is the size in bytes of the values that one decision may set in many rows: each
// row stores its own copy.
const maxSharedValues = 64 << 10

// decide stores a decision and the chunks that carry it out, in one transaction.
func (s *Store) decide(ctx context.Context, d decision, idem *Idempotency, first func(pgx.Tx) error) (Correcting,
	error) {
	out := Correcting{Decision: d.note.ID}
	after, err := s.transition(ctx, TransitionCorrect, d.workspace, d.importID, d.note.By, idem,
		func(tx pgx.Tx, i Import) error {
			if err := d.createRecord(ctx, tx); err != nil {
				return err
			}
			reader, err := i.RowReader()
			if err != nil {
				return err
			}
			d.correction = reader.Translated(d.correction)
			if err := d.correction.Check(i.Kind); err != nil {
				return err
			}
			there, err := known(ctx, tx, d.workspace, d.correction.References())
			if err != nil {
				return err
			}
			if err := d.correction.CheckReferences(there); err != nil {
				return err
			}
			if err := first(tx); err != nil {
				return err
			}
			out.Contact, out.Company = d.correction.ContactID, d.correction.CompanyID
			if out.Rows, err = d.write(ctx, tx); err != nil {
				return err
			}
			if out.Rows == 0 {
				return d.nothing(ctx, tx, i)
			}
			return d.conclude(ctx, tx, out.Rows)
		})
	out.Import = after
	return out, err
}

// createRecord adds the contact or the company that the decision chooses, where it is a new one. It
// is in the same transaction as the decision.
func (d *decision) createRecord(ctx context.Context, tx pgx.Tx) error {
	if d.correction.NewContact == nil && d.correction.NewCompany == nil {
		return nil
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&now); err != nil {
		return err
	}
	if d.correction.NewCompany != nil {
		var err error
		d.correction.CompanyID, err = addCompany(ctx, tx, d.workspace, *d.correction.NewCompany, d.note.By.In(d.note.ID), now)
		return err
	}
	made, err := addContact(ctx, tx, d.workspace, *d.correction.NewContact, d.correction.KnownCompany,
		d.note.By.In(d.note.ID), now)
	d.correction.ContactID = made.ID
	return err
}

// busy are the pending correction chunks.
const busy = `busy AS MATERIALIZED (SELECT number, first_row, last_row, decision_id FROM chunks
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'pending' AND last_row IS NOT NULL)`

// withCorrections joins the corrections m of a dead letter d. Until a table is analyzed, up to a
// minute after a large import, the planner takes it for a small one, and joins two lists of the rows
// of an import by comparing each with each. The limit makes it look up each row instead.
const withCorrections = `LEFT JOIN LATERAL (SELECT * FROM corrections m WHERE m.workspace_id = d.workspace_id
	AND m.import_id = d.import_id AND m.row_number = d.row_number LIMIT 1) m ON true`

// ofCorrections joins the dead letter d of corrections m, likewise.
const ofCorrections = `CROSS JOIN LATERAL (SELECT * FROM dead_letters d WHERE d.workspace_id = m.workspace_id
	AND d.import_id = m.import_id AND d.row_number = m.row_number LIMIT 1) d`

// taken is true of a dead letter d that a busy chunk is about to retry. No other decision about it is
// possible until then.
const taken = `EXISTS (SELECT FROM busy b LEFT JOIN corrections m ON m.workspace_id = d.workspace_id
	AND m.import_id = d.import_id AND m.row_number = d.row_number
	WHERE d.row_number BETWEEN b.first_row AND b.last_row AND (b.decision_id IS NULL OR b.number = m.chunk))`

// write stores the new values of the dead letters that are not busy, appends the chunks that retry
// them, and returns their number. The chunks are bounded as in insertCorrectionChunks.
func (d *decision) write(ctx context.Context, tx pgx.Tx) (int, error) {
	fields, err := toJSON(d.correction.Values())
	if err != nil {
		return 0, err
	}
	c := conditions{args: []any{d.workspace, d.importID, maxCorrectionRows, maxCorrectionBytes, d.note.ID, fields,
		d.correction.Replaces()}}
	if d.selector.add(&c); d.retries {
		c.and(retryable)
	}
	var rows int
	err = tx.QueryRow(ctx, `WITH `+busy+`, chosen AS (
		SELECT d.row_number, octet_length(d.cells) + coalesce(octet_length(m.fields::text), 0) + octet_length($6::text) AS
		size, d.reason = 'malformed_row' OR coalesce(m.replaced, false) AS replaced
		FROM dead_letters d `+withCorrections+`
		WHERE d.workspace_id = $1 AND d.import_id = $2`+c.sql.String()+` AND NOT `+taken+`
	), sized AS (
		SELECT *, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(size) OVER w / $4::bigint AS by_bytes
		FROM chosen WINDOW w AS (ORDER BY row_number ROWS UNBOUNDED PRECEDING)
	), placed AS (
		SELECT *, (SELECT max(number) FROM chunks WHERE workspace_id = $1 AND import_id = $2) + dense_rank() OVER (ORDER
		BY by_rows, by_bytes) AS chunk FROM sized
	), before AS (
		INSERT INTO decided_rows (workspace_id, decision_id, import_id, row_number, `+lettersOf("")+`, fields, replaced,
		version, corrected_by, chunk)
		SELECT $1, $5, $2, d.row_number, `+lettersOf("d.")+`, m.fields, m.replaced, m.version, m.decision_id, m.chunk
		FROM placed p CROSS JOIN LATERAL (SELECT * FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2
		AND d.row_number = p.row_number LIMIT 1) d `+withCorrections+`
	), added AS (
		INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data,
		decision_id, correction_count)
		SELECT $1, $2, chunk, min(row_number), max(row_number), 0, 0, '', $5, count(*) FROM placed GROUP BY chunk
	), kept AS (
		INSERT INTO corrections AS m (workspace_id, import_id, row_number, fields, replaced, version, decision_id, chunk)
		SELECT $1, $2, row_number, $6::jsonb, replaced, 1, $5, chunk FROM placed
		ON CONFLICT (workspace_id, import_id, row_number) DO UPDATE
		SET fields = (m.fields - $7::text[]) || excluded.fields, replaced = excluded.replaced,
			version = m.version + 1, decision_id = excluded.decision_id, chunk = excluded.chunk
		RETURNING 1
	) SELECT count(*) FROM kept`, c.args...).Scan(&rows)
	return rows, err
}

// conclude does the rest of a decision: the import goes on, parked chunks whose rows all have a
// later decision are cancelled, the alias is stored, and the audit entry is written.
func (d *decision) conclude(ctx context.Context, tx pgx.Tx, rows int) error {
	if _, err := tx.Exec(ctx, `UPDATE chunks c SET state = 'cancelled', data = '' WHERE workspace_id = $1
		AND import_id = $2 AND state = 'parked' AND decision_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM corrections m WHERE m.workspace_id = $1 AND m.import_id = $2
		AND m.row_number BETWEEN c.first_row AND c.last_row AND m.chunk = c.number)`, d.workspace, d.importID); err != nil {
		return err
	}
	if err := resume(ctx, tx, d.workspace, d.importID); err != nil {
		return err
	}
	d.note.Detail = AuditDetail{Selector: &d.selector, Fields: d.correction.Values(), Rows: rows, Remember: d.remember}
	if d.retries {
		d.note.Detail = AuditDetail{Rows: rows}
	}
	if d.remember {
		kind, _ := importer.NamedKind(d.selector.Field)
		if err := keepAlias(ctx, tx, d.workspace, kind, d.selector.Name, d.correction.Chosen(d.selector.Field),
			d.note.By.In(d.note.ID)); err != nil {
			return err
		}
	}
	return note(ctx, tx, d.note)
}

// resume makes an import process again.
func resume(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE imports SET status = 'processing', finished_at = NULL, error = NULL,
		mirror = CASE WHEN mirror = 'refused' THEN 'pending' ELSE mirror END, mirror_error = NULL,
		round = round + 1 WHERE workspace_id = $1 AND id = $2`, workspace, id)
	return err
}

// RetriedRows returns the dead letters that a correction chunk retries, with their corrections.
// Finish removes exactly these.
func (s *Store) RetriedRows(ctx context.Context, c *Claim) ([]importer.Retried, error) {
	from, args := `dead_letters d `+withCorrections+` WHERE d.workspace_id = $1 AND d.import_id = $2
		AND d.row_number BETWEEN $3 AND $4 AND `+retryable, []any{c.WorkspaceID, c.ImportID, c.Chunk.FirstRow, c.LastRow}
	if c.decided {
		from, args = `corrections m `+ofCorrections+` WHERE m.workspace_id = $1 AND m.import_id = $2
			AND m.row_number BETWEEN $3 AND $4 AND m.chunk = $5`, append(args, c.Number)
	}
	rows, err := s.pool.Query(ctx, `SELECT d.row_number, d.line, d.cells, m.fields, coalesce(m.replaced, false) FROM `+
		from+` ORDER BY d.row_number`, args...)
	if err != nil {
		return nil, translate(err)
	}
	c.retried = nil
	taken, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r importer.Retried, err error) {
		var cells []byte
		if err := row.Scan(&r.Row, &r.Line, &cells, &r.Corrections, &r.Replaced); err != nil {
			return r, err
		}
		c.retried = append(c.retried, r.Row)
		r.Cells, err = importer.UnpackCells(cells)
		return r, err
	})
	return taken, translate(err)
}

// Rows returns how many rows the claim puts through the pipeline: those of its chunk, or those that
// RetriedRows returned.
func (c *Claim) Rows() int {
	if c.IsCorrection() {
		return len(c.retried)
	}
	return c.Chunk.Rows
}

// takeAway removes the dead letters that the claim retries, and counts them by reason. ErrRetry:
// one of them no longer exists.
func takeAway(ctx context.Context, tx pgx.Tx, c *Claim) (map[importer.Reason]int, error) {
	reasons := map[importer.Reason]int{}
	if len(c.retried) == 0 {
		return reasons, nil
	}
	rows, err := tx.Query(ctx, `DELETE FROM dead_letters WHERE workspace_id = $1 AND import_id = $2
		AND row_number = ANY ($3) RETURNING reason`, c.WorkspaceID, c.ImportID, c.retried)
	if err != nil {
		return nil, err
	}
	var reason importer.Reason
	tag, err := pgx.ForEachRow(rows, []any{&reason}, func() error { reasons[reason]++; return nil })
	if err == nil && int(tag.RowsAffected()) != len(c.retried) {
		return nil, ErrRetry
	}
	return reasons, err
}

// Corrected counts the outcomes of the dead letters of a decision.
type Corrected struct {
	Rows     int
	Created  int
	Updated  int
	Skipped  int
	Rejected int // still dead letters
	Pending  int // still to be retried
	Waiting  int // pending chunks of the import, of any decision
}

// Corrected returns the outcomes of a decision so far. Rows of parked and cancelled chunks count
// only in Rows.
func (s *Store) Corrected(ctx context.Context, workspace, importID, decision uuid.UUID) (Corrected, error) {
	var m Corrected
	err := s.pool.QueryRow(ctx, `SELECT coalesce(sum(correction_count) FILTER (WHERE mine), 0),
		coalesce(sum(created_count) FILTER (WHERE mine), 0), coalesce(sum(updated_count) FILTER (WHERE mine), 0),
		coalesce(sum(skipped_count) FILTER (WHERE mine), 0),
		coalesce(sum(correction_count - created_count - updated_count - skipped_count)
			FILTER (WHERE mine AND state = 'done'), 0),
		coalesce(sum(correction_count) FILTER (WHERE mine AND state = 'pending'), 0),
		count(*) FILTER (WHERE state = 'pending')
		FROM (SELECT *, decision_id IS NOT DISTINCT FROM $3 AS mine FROM chunks WHERE workspace_id = $1
		AND import_id = $2) c`, workspace, importID, decision).
		Scan(&m.Rows, &m.Created, &m.Updated, &m.Skipped, &m.Rejected, &m.Pending, &m.Waiting)
	return m, translate(err)
}

// correctedFields lists the fields that have corrections in the open dead letters of an import.
func (s *Store) correctedFields(ctx context.Context, workspace, importID uuid.UUID) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT k FROM corrections m `+ofCorrections+`, jsonb_object_keys(m.fields) k
		WHERE m.workspace_id = $1 AND m.import_id = $2 ORDER BY k`, workspace, importID)
	if err != nil {
		return nil, translate(err)
	}
	fields, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return fields, translate(err)
}
