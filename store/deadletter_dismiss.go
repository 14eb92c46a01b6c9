package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Dismissal closes dead letters that nobody wants to correct, or with Restore opens them again.
type Dismissal struct {
	Selector Selector
	Restore  bool
	Why      string // what the operator says; may be empty
}

// open is true of a dead letter d that was not dismissed.
const open = `d.dismissed_at IS NULL`

// Dismiss closes or opens the dead letters that the selector matches, except those that a
// decision or a retry is still being carried out for. They stay among the rejected rows, are left
// out of lists and reports, and are not retried. Errors: ErrNotFound when no dead letter matches,
// a *StateError when the import's state forbids it, an *importer.Fault for a wrong selection.
func (s *Store) Dismiss(ctx context.Context, workspace, importID uuid.UUID, d Dismissal, by Actor,
	idem *Idempotency) (Correcting, error) {
	which := d.Selector
	if len(which.Rows) == 0 && which.Reason == "" && which.Name == "" {
		return Correcting{}, errNoSelection
	}
	if err := errors.Join(which.check(), importer.CheckShort("reason", d.Why)); err != nil {
		return Correcting{}, err
	}
	action, now := ActionDismiss, open
	if which.Dismissed = d.Restore; d.Restore {
		action, now = ActionRestore, `NOT `+open
	}
	entry := newNote(workspace, action, by, importID, nil)
	out := Correcting{Decision: entry.ID}
	after, err := s.transition(ctx, TransitionDismiss, workspace, importID, by, idem, func(tx pgx.Tx, _ Import) error {
		c := conditions{args: []any{workspace, importID, d.Restore, by.Name, d.Why}}
		which.add(&c)
		err := tx.QueryRow(ctx, `WITH `+busy+`, changed AS (UPDATE dead_letters d
			SET dismissed_at = CASE WHEN NOT $3 THEN now() END, dismissed_by = CASE WHEN NOT $3 THEN $4::text END,
			dismissed_why = CASE WHEN NOT $3 THEN nullif($5::text, '') END
			WHERE d.workspace_id = $1 AND d.import_id = $2 AND `+now+c.sql.String()+` AND NOT `+taken+` RETURNING 1)
			SELECT count(*) FROM changed`, c.args...).Scan(&out.Dismissed)
		if err != nil {
			return err
		}
		if out.Dismissed == 0 {
			return ErrNotFound
		}
		if _, err := tx.Exec(ctx, `UPDATE imports SET dismisses = true WHERE workspace_id = $1 AND id = $2
			AND NOT dismisses`, workspace, importID); err != nil {
			return err
		}
		entry.Detail = AuditDetail{Selector: &which, Rows: out.Dismissed, Name: d.Why}
		return note(ctx, tx, entry)
	})
	out.Import = after
	return out, err
}

// errNoSelection refuses a decision about dead letters that are not said.
var errNoSelection = &importer.Fault{Reason: importer.InvalidValue, Field: "name",
	Message: "the selection of rows is missing; give a name and its field, or a reason"}

// inInbox is true of an import i whose dead letters can be corrected.
const inInbox = `i.status IN ('processing', 'completed', 'failed') AND coalesce(i.options->>'dry_run', '') <> 'true'`

// InboxRow is a dead letter of any import.
type InboxRow struct {
	Import Import // without counts
	importer.DeadLetter
}

// Inbox returns a page of the open dead letters of all imports of a workspace that can be
// corrected, the latest import first.
func (s *Store) Inbox(ctx context.Context, workspace uuid.UUID, f DeadLetterFilter, p Page) (Listed[InboxRow], error) {
	if err := f.check(); err != nil {
		return Listed[InboxRow]{}, err
	}
	c := &conditions{args: []any{workspace}}
	f.add(c)
	const all = ` FROM dead_letters d JOIN imports i ON i.workspace_id = d.workspace_id AND i.id = d.import_id
		WHERE d.workspace_id = $1 AND ` + inInbox
	places, err := list[inboxPlace]{read: `SELECT d.import_id, d.row_number` + all, count: all, where: c,
		by:   order{{"d.import_id", "uuid", true}, {"d.row_number", "bigint", false}},
		scan: pgx.RowToStructByPos[inboxPlace],
		key:  func(at inboxPlace) Cursor { return Cursor{at.Import.String(), itoa(at.Row)} }}.page(ctx, s, p)
	if err != nil {
		return Listed[InboxRow]{}, err
	}
	rows, err := s.inboxRows(ctx, workspace, places.Rows)
	return Listed[InboxRow]{rows, places.Next, places.Total}, err
}

// inboxPlace is the place of a dead letter.
type inboxPlace struct {
	Import uuid.UUID
	Row    int
}

// inboxRows reads the dead letters at their places.
func (s *Store) inboxRows(ctx context.Context, workspace uuid.UUID, places []inboxPlace) ([]InboxRow, error) {
	page := make([]InboxRow, 0, len(places))
	var err error
	imports := map[uuid.UUID]Import{}
	for _, at := range places {
		i, there := imports[at.Import]
		if !there {
			if i, err = s.Import(ctx, workspace, at.Import); err != nil {
				return nil, err
			}
			imports[at.Import] = i
		}
		d, err := s.DeadLetter(ctx, workspace, at.Import, at.Row)
		if errors.Is(err, ErrNotFound) {
			continue // it was corrected meanwhile
		}
		if err != nil {
			return nil, err
		}
		page = append(page, InboxRow{i, d})
	}
	return page, nil
}

// InboxGroup are open dead letters of all imports that one decision may correct.
type InboxGroup struct {
	Kind    importer.Kind
	Reason  importer.Reason
	Field   string // whose value failed
	Name    string // that value, as one of the rows has it
	Company string // the one that the rows name beside a contact
	Count   int
	Imports int
}

// InboxGroups groups the open dead letters of all imports of a workspace that can be corrected, and
// returns a page of the groups, the largest first, and their total number.
func (s *Store) InboxGroups(ctx context.Context, workspace uuid.UUID, p Page) ([]InboxGroup, int, error) {
	if err := checkPlace(p.After); err != nil {
		return nil, 0, err
	}
	rows, err := s.pool.Query(ctx, `SELECT i.kind, d.reason, `+subjectField+` AS field, coalesce(max(d.subject), ''),
		coalesce(d.company, ''), count(*), count(DISTINCT d.import_id), count(*) OVER ()
		FROM dead_letters d JOIN imports i ON i.workspace_id = d.workspace_id AND i.id = d.import_id
		WHERE d.workspace_id = $1 AND `+inInbox+` AND `+open+`
		GROUP BY i.kind, `+groupedBy+` ORDER BY count(*) DESC, max(d.import_id::text) DESC, min(d.row_number)
		LIMIT $2 OFFSET $3`,
		workspace, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	total := 0
	page, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g InboxGroup, err error) {
		return g, row.Scan(&g.Kind, &g.Reason, &g.Field, &g.Name, &g.Company, &g.Count, &g.Imports, &total)
	})
	if err == nil && len(page) == 0 && p.offset() > 0 { // a page after the last has no row with the total
		total, err = s.count(ctx, `SELECT count(*) FROM (SELECT FROM dead_letters d JOIN imports i
			ON i.workspace_id = d.workspace_id AND i.id = d.import_id WHERE d.workspace_id = $1 AND `+inInbox+` AND `+open+`
			GROUP BY i.kind, `+groupedBy+`) g`, workspace)
	}
	return page, total, translate(err)
}

// maxInboxImports bounds the imports that one decision over all of them reaches.
const maxInboxImports = 1000

// InboxImports returns the imports that have open dead letters which the selector matches, oldest
// first, and their kinds; at most maxInboxImports.
func (s *Store) InboxImports(ctx context.Context, workspace uuid.UUID, which Selector) ([]Import, error) {
	if err := which.check(); err != nil {
		return nil, err
	}
	if which.Reason == "" && which.Name == "" {
		return nil, errNoSelection
	}
	c := conditions{args: []any{workspace, maxInboxImports}}
	which.add(&c)
	rows, err := s.pool.Query(ctx, `SELECT i.workspace_id, i.id, i.kind FROM imports i WHERE i.workspace_id = $1
		AND `+inInbox+` AND EXISTS (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = i.id
		`+c.sql.String()+`) ORDER BY i.id LIMIT $2`, c.args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Import, err error) {
		return i, row.Scan(&i.WorkspaceID, &i.ID, &i.Kind)
	})
	return all, translate(err)
}
