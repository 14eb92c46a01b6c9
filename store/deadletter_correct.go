package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Correcting is a decision about dead letters that has been written, and is being carried out.
type Correcting struct {
	Import   Import    // as it stands with the decision
	Decision uuid.UUID // its entry in the audit
	Rows     int       // dead letters that are taken up again
	Row      int       // the only one, of a decision about one; else 0
}

// Correct decides about one dead letter: the new values are kept with it, and it goes through the
// pipeline again. ErrNotFound when the row is no open dead letter of the import, a *StateError when
// the import's state does not allow it or somebody else has decided about the row, a
// *importer.Fault when the values cannot be. The caller hands the chunks to the queue.
func (s *Store) Correct(ctx context.Context, workspace, importID uuid.UUID, row int, m importer.Correction, by Actor,
	idem *Idempotency) (Correcting, error) {
	d := decision{workspace: workspace, importID: importID, selector: Selector{Rows: []int{row}}, correct: m,
		note: newNote(workspace, ActionCorrect, by, importID, nil)}
	out, err := s.decide(ctx, d, idem, func(tx pgx.Tx) error { return d.free(ctx, tx, row) })
	out.Row = row
	return out, err
}

// CorrectAll decides about all dead letters that the selector fits and no other decision is about
// to be carried out on. With remember, the record that is chosen for the selector's name is what
// the name means from now on. It fails as Correct does, and then has done nothing; of a single row
// also when somebody has decided about it since the version of the correct.
func (s *Store) CorrectAll(ctx context.Context, workspace, importID uuid.UUID, which Selector, m importer.Correction,
	remember bool, by Actor, idem *Idempotency) (Correcting, error) {
	d := decision{workspace: workspace, importID: importID, selector: which, correct: m, remember: remember,
		note: newNote(workspace, ActionMendAll, by, importID, nil)}
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

// decision is what is decided about some dead letters.
type decision struct {
	workspace, importID uuid.UUID
	selector            Selector
	correct             importer.Correction
	remember            bool
	note                auditNote
}

// check refuses a decision that says too little.
func (d *decision) check() error {
	which := d.selector
	if len(which.Rows) == 0 && which.Reason == "" && which.Name == "" {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "name",
			Message: "which rows are meant is missing; give a name and the field in which it stands, or a reason"}
	}
	if size := d.correct.Size(); size > maxSharedValues {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "fields",
			Message: fmt.Sprintf("the new values are %d bytes long, at most %d are allowed for many rows at once; shorten "+
				"them, or correct the rows one by one", size, maxSharedValues)}
	}
	_, named := importer.NamedKind(which.Field)
	if d.remember && (which.Name == "" || !named || !d.correct.Chooses(which.Field)) {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "remember",
			Message: "only the record that is chosen for a name can be remembered; give name, field (contact_name or " +
				"company_name) and the contact_id or company_id that it means"}
	}
	return which.check()
}

// maxSharedValues bounds the values that many rows get at once: each keeps its own copy.
const maxSharedValues = 64 << 10

// decide writes a decision and the chunks that carry it out, in one transaction.
func (s *Store) decide(ctx context.Context, d decision, idem *Idempotency, first func(pgx.Tx) error) (Correcting,
	error) {
	out := Correcting{Decision: d.note.ID}
	after, err := s.step(ctx, TransitionCorrect, d.workspace, d.importID, d.note.By, idem,
		func(tx pgx.Tx, i Import) error {
			if err := d.createContact(ctx, tx); err != nil {
				return err
			}
			plan, err := i.RowReader()
			if err != nil {
				return err
			}
			d.correct = plan.Translated(d.correct)
			if err := d.correct.Check(i.Kind); err != nil {
				return err
			}
			there, err := known(ctx, tx, d.workspace, d.correct.References())
			if err != nil {
				return err
			}
			if err := d.correct.CheckReferences(there); err != nil {
				return err
			}
			if err := first(tx); err != nil {
				return err
			}
			if out.Rows, err = d.write(ctx, tx); err != nil {
				return err
			}
			if out.Rows == 0 {
				return d.nothing(ctx, tx, i)
			}
			return d.settle(ctx, tx, out.Rows)
		})
	out.Import = after
	return out, err
}

// createContact adds the contact that the decision chooses, where it is a new one: with the
// decision, or not at all.
func (d *decision) createContact(ctx context.Context, tx pgx.Tx) error {
	if d.correct.NewContact == nil {
		return nil
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&now); err != nil {
		return err
	}
	made, err := addContact(ctx, tx, d.workspace, *d.correct.NewContact, d.correct.KnownCompany, d.note.By, now)
	d.correct.ContactID = made.ID
	return err
}

// busy are the chunks that are about to take up dead letters again.
const busy = `busy AS MATERIALIZED (SELECT number, first_row, last_row, decision_id FROM chunks
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'pending' AND last_row IS NOT NULL)`

// taken says that such a chunk takes up the dead letter d, whose decision so far is m: nobody else
// can decide about it until that is done.
const taken = `EXISTS (SELECT FROM busy b WHERE d.row_number BETWEEN b.first_row AND b.last_row
	AND (b.decision_id IS NULL OR b.number = m.chunk))`

// write keeps the new values with the dead letters that are free, appends the chunks that take
// these up, and returns their number. What one chunk takes up is bounded as in insertMends.
func (d *decision) write(ctx context.Context, tx pgx.Tx) (int, error) {
	fields, err := toJSON(d.correct.Values())
	if err != nil {
		return 0, err
	}
	c := conditions{args: []any{d.workspace, d.importID, correctRows, correctBytes, d.note.ID, fields,
		d.correct.Replaces()}}
	d.selector.add(&c)
	var rows int
	err = tx.QueryRow(ctx, `WITH `+busy+`, chosen AS (
		SELECT d.row_number, octet_length(d.cells) + coalesce(octet_length(m.fields::text), 0) + octet_length($6::text) AS
		size, d.reason = 'malformed_row' OR coalesce(m.replaced, false) AS replaced
		FROM dead_letters d LEFT JOIN corrections m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id
		AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2`+c.sql.String()+` AND NOT `+taken+`
	), sized AS (
		SELECT *, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(size) OVER w / $4::bigint AS by_bytes
		FROM chosen WINDOW w AS (ORDER BY row_number ROWS UNBOUNDED PRECEDING)
	), placed AS (
		SELECT *, (SELECT max(number) FROM chunks WHERE workspace_id = $1 AND import_id = $2) + dense_rank() OVER (ORDER
		BY by_rows, by_bytes) AS chunk FROM sized
	), added AS (
		INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data,
		decision_id, mend_count)
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

// settle does what follows from a decision about some rows: the import goes on, parked chunks whose
// rows are decided anew are given up, the name is remembered, and the decision is noted.
func (d *decision) settle(ctx context.Context, tx pgx.Tx, rows int) error {
	if _, err := tx.Exec(ctx, `UPDATE chunks c SET state = 'cancelled', data = '' WHERE workspace_id = $1
		AND import_id = $2 AND state = 'parked' AND decision_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM corrections m WHERE m.workspace_id = $1 AND m.import_id = $2
		AND m.row_number BETWEEN c.first_row AND c.last_row AND m.chunk = c.number)`, d.workspace, d.importID); err != nil {
		return err
	}
	if err := goOn(ctx, tx, d.workspace, d.importID); err != nil {
		return err
	}
	d.note.Detail = AuditDetail{Selector: &d.selector, Fields: d.correct.Values(), Rows: rows, Remember: d.remember}
	if d.remember {
		kind, _ := importer.NamedKind(d.selector.Field)
		if err := keepAlias(ctx, tx, d.workspace, kind, d.selector.Name, d.correct.Chosen(d.selector.Field),
			d.note.By); err != nil {
			return err
		}
	}
	return note(ctx, tx, d.note)
}

// goOn lets an import go on with what it has to do.
func goOn(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE imports SET status = 'processing', finished_at = NULL, error = NULL,
		round = round + 1 WHERE workspace_id = $1 AND id = $2`, workspace, id)
	return err
}

// TakeUp reads the dead letters that a chunk which corrections puts through the pipeline again,
// with what operators have decided about them. Finish takes them away: those, and no others.
func (s *Store) TakeUp(ctx context.Context, c *Claim) ([]importer.Retried, error) {
	which, args := mendable, []any{c.WorkspaceID, c.ImportID, c.Chunk.FirstRow, c.LastRow}
	if c.decided {
		which, args = `m.chunk = $5`, append(args, c.Number)
	}
	rows, err := s.pool.Query(ctx, `SELECT d.row_number, d.line, d.cells, m.fields, coalesce(m.replaced, false)
		FROM dead_letters d LEFT JOIN corrections m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id
		AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND d.row_number BETWEEN $3 AND $4 AND `+which+`
		ORDER BY d.row_number`, args...)
	if err != nil {
		return nil, translate(err)
	}
	c.takenUp = nil
	taken, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r importer.Retried, err error) {
		var cells []byte
		if err := row.Scan(&r.Row, &r.Line, &cells, &r.Corrections, &r.Replaced); err != nil {
			return r, err
		}
		c.takenUp = append(c.takenUp, r.Row)
		r.Cells, err = importer.UnpackCells(cells)
		return r, err
	})
	return taken, translate(err)
}

// Rows is how many rows the claim puts through the pipeline: those of its chunk, or as many as
// TakeUp gave.
func (c *Claim) Rows() int {
	if c.Corrections() {
		return len(c.takenUp)
	}
	return c.Chunk.Rows
}

// takeAway removes the dead letters that the claim has taken up, and counts them by reason.
// ErrRetry: one of them is gone since.
func takeAway(ctx context.Context, tx pgx.Tx, c *Claim) (map[importer.Reason]int, error) {
	reasons := map[importer.Reason]int{}
	if len(c.takenUp) == 0 {
		return reasons, nil
	}
	rows, err := tx.Query(ctx, `DELETE FROM dead_letters WHERE workspace_id = $1 AND import_id = $2
		AND row_number = ANY ($3) RETURNING reason`, c.WorkspaceID, c.ImportID, c.takenUp)
	if err != nil {
		return nil, err
	}
	var reason importer.Reason
	tag, err := pgx.ForEachRow(rows, []any{&reason}, func() error { reasons[reason]++; return nil })
	if err == nil && int(tag.RowsAffected()) != len(c.takenUp) {
		return nil, ErrRetry
	}
	return reasons, err
}

// Corrected says what has become of the dead letters of a decision.
type Corrected struct {
	Rows     int
	Created  int
	Updated  int
	Skipped  int
	Rejected int // they are dead letters again
	Pending  int // still to be taken up
	Waiting  int // chunks of the import that are pending, of whichever decision
}

// Corrected tells what has become of a decision so far; rows of chunks that were parked or
// cancelled are in none of its counts but Rows.
func (s *Store) Corrected(ctx context.Context, workspace, importID, decision uuid.UUID) (Corrected, error) {
	var m Corrected
	err := s.pool.QueryRow(ctx, `SELECT coalesce(sum(mend_count) FILTER (WHERE mine), 0), coalesce(sum(created_count)
		FILTER (WHERE mine), 0), coalesce(sum(updated_count) FILTER (WHERE mine), 0),
		coalesce(sum(skipped_count) FILTER (WHERE mine), 0), coalesce(sum(mend_count - created_count - updated_count -
		skipped_count) FILTER (WHERE mine AND state = 'done'), 0),
		coalesce(sum(mend_count) FILTER (WHERE mine AND state = 'pending'), 0), count(*) FILTER (WHERE state = 'pending')
		FROM (SELECT *, decision_id IS NOT DISTINCT FROM $3 AS mine FROM chunks WHERE workspace_id = $1
		AND import_id = $2) c`, workspace, importID, decision).
		Scan(&m.Rows, &m.Created, &m.Updated, &m.Skipped, &m.Rejected, &m.Pending, &m.Waiting)
	return m, translate(err)
}

// correctedFields lists the fields that operators have given new values in the open dead letters of
// an import.
func (s *Store) correctedFields(ctx context.Context, workspace, importID uuid.UUID) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT k FROM corrections m JOIN dead_letters d
		ON d.workspace_id = m.workspace_id AND d.import_id = m.import_id AND d.row_number = m.row_number,
		jsonb_object_keys(m.fields) k WHERE m.workspace_id = $1 AND m.import_id = $2 ORDER BY k`, workspace, importID)
	if err != nil {
		return nil, translate(err)
	}
	fields, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return fields, translate(err)
}
