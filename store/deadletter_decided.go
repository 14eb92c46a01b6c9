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
)

// free refuses a decision about a row that is not an open dead letter, that is being retried, or
// that has a later decision than the version that was read.
func (d *decision) free(ctx context.Context, tx pgx.Tx, row int) error {
	rows, err := tx.Query(ctx, readDeadLetters+` AND d.row_number = $3`, d.workspace, d.importID, row)
	if err != nil {
		return err
	}
	dead, err := pgx.CollectExactlyOneRow(rows, scanDeadLetter)
	if err == nil && (dead.Decision == nil || !dead.Decision.Pending && (d.correction.Version == 0 ||
		d.correction.Version == dead.Version)) {
		return nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	decided, err := lastDecision(ctx, tx, `JOIN corrections m ON m.workspace_id = a.workspace_id
		AND m.decision_id = a.id WHERE m.workspace_id = $1 AND m.import_id = $2 AND m.row_number = $3`, d.workspace,
		d.importID, row)
	if err != nil {
		return err // ErrNoRows: without a decision, the row is not a dead letter
	}
	return decided.refuse(fmt.Sprintf("row %d", row))
}

// nothing returns the reason why a decision matches no dead letter.
func (d *decision) nothing(ctx context.Context, tx pgx.Tx, i Import) error {
	c := conditions{args: []any{d.workspace, d.importID}}
	d.selector.add(&c)
	decided, err := lastDecision(ctx, tx, `JOIN corrections m ON m.workspace_id = a.workspace_id AND m.decision_id = a.id
		`+ofCorrections+`
		JOIN chunks c ON c.workspace_id = m.workspace_id AND c.import_id = m.import_id AND c.number = m.chunk
		AND c.state = 'pending'
		WHERE d.workspace_id = $1 AND d.import_id = $2`+c.sql.String(), c.args...)
	if err == nil {
		return decided.refuse("these rows")
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var retried bool
	if err := tx.QueryRow(ctx, `WITH `+busy+` SELECT EXISTS (SELECT FROM dead_letters d JOIN busy b
		ON d.row_number BETWEEN b.first_row AND b.last_row AND b.decision_id IS NULL
		WHERE d.workspace_id = $1 AND d.import_id = $2`+c.sql.String()+`)`, c.args...).Scan(&retried); err != nil {
		return err
	}
	if retried {
		return &StateError{Transition: TransitionCorrect, Status: i.Status,
			Why: "a retry is processing these rows; wait for its end, and correct what is left"}
	}
	which, err := toJSON(d.selector)
	if err != nil {
		return err
	}
	decided, err = lastDecision(ctx, tx, `WHERE a.workspace_id = $1 AND a.import_id = $2
		AND a.detail -> 'selector' = $3::jsonb`, d.workspace, d.importID, which)
	if err != nil {
		return err // ErrNoRows: without a decision, the selector matches no dead letters
	}
	return decided.refuse("these rows")
}

// decidedBy is an earlier decision, for the message of a refusal.
type decidedBy struct {
	name   string
	at     time.Time
	fields map[string]string
}

// lastDecision returns the latest matching decision; pgx.ErrNoRows without one.
func lastDecision(ctx context.Context, tx pgx.Tx, which string, args ...any) (decidedBy, error) {
	var d decidedBy
	var detail AuditDetail
	err := tx.QueryRow(ctx, `SELECT a.actor_name, a.created_at, a.detail FROM audit a `+which+` ORDER BY a.id DESC
		LIMIT 1`, args...).Scan(&d.name, &d.at, &detail)
	d.fields = detail.Fields
	return d, err
}

func (d decidedBy) refuse(what string) error {
	var fields []string
	for field, value := range d.fields {
		fields = append(fields, fmt.Sprintf("%s = %q", field, cut(value)))
	}
	slices.Sort(fields)
	return &StateError{Transition: TransitionCorrect,
		Why: fmt.Sprintf("%s decided about %s at %s (%s); read them again, and correct what is left", d.name, what,
			d.at.UTC().Format(time.RFC3339), strings.Join(fields, ", "))}
}

// cut shortens a value for a message.
func cut(value string) string {
	const most = 60
	if r := []rune(value); len(r) > most {
		return string(r[:most]) + "…"
	}
	return value
}

// Decided returns the last decision about a row as a *StateError; ErrNotFound without a decision.
func (s *Store) Decided(ctx context.Context, workspace, importID uuid.UUID, row int) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		d, err := lastDecision(ctx, tx, `JOIN corrections m ON m.workspace_id = a.workspace_id AND m.decision_id = a.id
			WHERE m.workspace_id = $1 AND m.import_id = $2 AND m.row_number = $3`, workspace, importID, row)
		if err != nil {
			return err
		}
		return d.refuse(fmt.Sprintf("row %d", row))
	})
}
