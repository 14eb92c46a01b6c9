package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DeliveryRef identifies a delivery; only this travels through the queue. Enqueue counts how often
// the delivery was enqueued.
type DeliveryRef struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	WebhookID   uuid.UUID `json:"webhook_id"`
	EventID     uuid.UUID `json:"event_id"`
	Enqueue     int       `json:"enqueue"`
}

// Delivery is the right to attempt a delivery until its lease ends.
type Delivery struct {
	DeliveryRef
	Webhook   Webhook
	Type      EventType
	Data      []byte // JSON
	CreatedAt time.Time
	Attempt   int // the fence; it never repeats
	Tries     int // attempts since the event or its last replay
}

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed"
)

// Attempt is the result of one attempt.
type Attempt struct {
	Number int
	At     time.Time
	Took   time.Duration
	Status int    // HTTP status of the answer; 0 without an answer
	Error  string // why the attempt failed; empty for a success
}

// DeliveryBounds are how many deliveries run at a time, per webhook and per workspace, so that slow
// receivers occupy only a few senders.
type DeliveryBounds struct{ Webhook, Workspace int }

// DueDeliveries returns the deliveries to be enqueued now and notes that they are, those of the
// workspaces in turn. A delivery without a claim is enqueued again after the duration again. One
// process at a time does this; others get none.
func (s *Store) DueDeliveries(ctx context.Context, most DeliveryBounds, again time.Duration) ([]DeliveryRef, error) {
	var due []DeliveryRef
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('deliveries',
			0))`).Scan(&mine); err != nil || !mine {
			return err
		}
		rows, err := tx.Query(ctx, dueDeliveries, most.Webhook, most.Workspace, again)
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, pgx.RowToStructByPos[DeliveryRef])
		return err
	})
	return due, err
}

// dueDeliveries orders the first deliveries of each webhook. Within a workspace, running and
// enqueued ones come first, then the first of each webhook, the second of each webhook and so on.
// The first places are enqueued.
var dueDeliveries = `WITH line AS (
		SELECT w.*, row_number() OVER (PARTITION BY w.workspace_id ORDER BY w.idle, w.turn, w.due_at) AS place
		FROM webhooks h CROSS JOIN LATERAL (
			SELECT p.workspace_id, p.webhook_id, p.event_id, p.due_at, row_number() OVER (ORDER BY p.due_at) AS turn,
				` + over("p.lease_until") + ` AND ` + over("p.enqueue_after") + ` AS idle
			FROM webhook_deliveries p
			WHERE p.workspace_id = h.workspace_id AND p.webhook_id = h.id AND p.state = 'pending' AND p.due_at <= now()
			ORDER BY p.due_at LIMIT $1) w),
	due AS (
		SELECT d.workspace_id, d.webhook_id, d.event_id, l.place FROM line l
		JOIN webhook_deliveries d ON d.workspace_id = l.workspace_id AND d.webhook_id = l.webhook_id
		AND d.event_id = l.event_id
		WHERE l.idle AND l.place <= $2
			AND d.state = 'pending' AND ` + over("d.lease_until") + ` AND ` + over("d.enqueue_after") + `
			FOR UPDATE OF d SKIP LOCKED),
	handed AS (
		UPDATE webhook_deliveries d SET enqueues = enqueues + 1, enqueue_after = now() + $3::interval FROM due
		WHERE d.workspace_id = due.workspace_id AND d.webhook_id = due.webhook_id AND d.event_id = due.event_id
		RETURNING d.workspace_id, d.webhook_id, d.event_id, d.enqueues, due.place)
	SELECT workspace_id, webhook_id, event_id, enqueues FROM handed ORDER BY place, workspace_id`

// EventTTL is how long an event is kept for inspection and replay.
const EventTTL = 30 * 24 * time.Hour

// forgetOldEvents deletes some events that are past their time, with their deliveries.
func forgetOldEvents(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, deleteSome("webhook_events", `r.created_at < now() - $1::interval
		ORDER BY r.created_at`, 1000), EventTTL)
	return err
}

// ClaimDelivery claims a delivery that is due, for the length of lease. It returns nil when there
// is nothing to do: the delivery has ended, is gone, is not due or is claimed, or the maximum
// number of deliveries runs.
func (s *Store) ClaimDelivery(ctx context.Context, ref DeliveryRef, lease time.Duration,
	most DeliveryBounds) (*Delivery, error) {
	return s.claimDelivery(ctx, ref, lease, most, `event_id = $4`, ref.EventID)
}

// ClaimNextDelivery claims the next due delivery to a webhook, without the queue: a receiver that
// works gets one after the other.
func (s *Store) ClaimNextDelivery(ctx context.Context, workspace, webhook uuid.UUID, lease time.Duration,
	most DeliveryBounds) (*Delivery, error) {
	return s.claimDelivery(ctx, DeliveryRef{WorkspaceID: workspace, WebhookID: webhook}, lease, most,
		`event_id = (SELECT event_id FROM webhook_deliveries
		WHERE workspace_id = $1 AND webhook_id = $2 AND state = 'pending' AND due_at <= now() AND `+over("lease_until")+`
		ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)`)
}

// claimDelivery claims one delivery of a workspace at a time, so that two claims cannot both take
// the last free place.
func (s *Store) claimDelivery(ctx context.Context, ref DeliveryRef, lease time.Duration, most DeliveryBounds,
	which string, args ...any) (*Delivery, error) {
	var d *Delivery
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('deliveries ' || $1, 0))`,
			ref.WorkspaceID.String()); err != nil {
			return err
		}
		var running DeliveryBounds
		err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE webhook_id = $2), count(*) FROM webhook_deliveries
			WHERE workspace_id = $1 AND state = 'pending' AND lease_until > '-infinity' AND NOT `+over("lease_until"),
			ref.WorkspaceID, ref.WebhookID).
			Scan(&running.Webhook, &running.Workspace)
		switch {
		case err != nil:
			return err
		case running.Webhook >= most.Webhook || running.Workspace >= most.Workspace:
			return enqueueAgain(ctx, tx, ref)
		}
		d, err = claimOne(ctx, tx, ref, lease, which, args...)
		return err
	})
	return d, err
}

// enqueueAgain makes a delivery that left the queue too early due for the queue again.
func enqueueAgain(ctx context.Context, tx pgx.Tx, ref DeliveryRef) error {
	_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET enqueue_after = '-infinity'
		WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3 AND state = 'pending' AND `+over("lease_until"),
		ref.WorkspaceID, ref.WebhookID, ref.EventID)
	return err
}

func claimOne(ctx context.Context, tx pgx.Tx, ref DeliveryRef, lease time.Duration, which string,
	args ...any) (*Delivery, error) {
	rows, err := tx.Query(ctx, `WITH claimed AS (
			UPDATE webhook_deliveries SET attempts = attempts + 1, lease_until = now() + $3::interval
			WHERE workspace_id = $1 AND webhook_id = $2 AND state = 'pending' AND due_at <= now() AND `+over("lease_until")+`
			AND `+which+`
			RETURNING event_id, attempts, attempts - attempts_from AS tries)
		SELECT c.event_id, c.attempts, c.tries, e.type, e.data::text, e.created_at, w.url, w.events, w.secret,
		ARRAY(SELECT o.secret `+signBeside+`)
		FROM claimed c, webhooks w, webhook_events e
		WHERE w.workspace_id = $1 AND w.id = $2 AND e.workspace_id = $1 AND e.id = c.event_id`,
		append([]any{ref.WorkspaceID, ref.WebhookID, lease}, args...)...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Delivery, error) {
		d := &Delivery{DeliveryRef: ref, Webhook: Webhook{WorkspaceID: ref.WorkspaceID, ID: ref.WebhookID}}
		err := row.Scan(&d.EventID, &d.Attempt, &d.Tries, &d.Type, &d.Data, &d.CreatedAt, &d.Webhook.URL,
			&d.Webhook.Events, &d.Webhook.Secret, &d.Webhook.OldSecrets)
		return d, err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// EndAttempt stores the result of an attempt and the new state of the delivery. A pending one is
// due again after the delay; one that failed during a replay request is due at once. ErrFenced: the
// delivery went to another claim, or is gone; nothing was written.
func (s *Store) EndAttempt(ctx context.Context, d *Delivery, a Attempt, state DeliveryState,
	delay time.Duration) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET enqueue_after = '-infinity', lease_until = '-infinity',
			state = CASE WHEN attempts_from = attempts AND $5 <> 'delivered' THEN 'pending' ELSE $5 END,
			due_at = CASE WHEN attempts_from = attempts THEN now() ELSE now() + $6::interval END
			WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3 AND attempts = $4 AND state = 'pending'`,
			d.WorkspaceID, d.WebhookID, d.EventID, d.Attempt, state, delay)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrFenced
		}
		_, err = tx.Exec(ctx, `INSERT INTO webhook_attempts (workspace_id, webhook_id, event_id, number, at, took_ms,
			status, error) VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), nullif($8, ''))`,
			d.WorkspaceID, d.WebhookID, d.EventID, d.Attempt, a.At, a.Took.Milliseconds(), a.Status, a.Error)
		return err
	})
}

// DeliveryLog is a delivery with all its attempts.
type DeliveryLog struct {
	EventID   uuid.UUID
	Type      EventType
	State     DeliveryState
	CreatedAt time.Time
	DueAt     *time.Time // the next attempt; nil without one
	Attempts  []Attempt
}

const deliveryLogColumns = `d.event_id, e.type, d.state, e.created_at, CASE WHEN d.state = 'pending' THEN d.due_at END,
	coalesce((SELECT jsonb_agg(jsonb_build_object('number', a.number, 'at', a.at, 'took_ms', a.took_ms, 'status',
	coalesce(a.status, 0), 'error', coalesce(a.error, '')) ORDER BY a.number)
		FROM webhook_attempts a WHERE a.workspace_id = d.workspace_id AND a.webhook_id = d.webhook_id
		AND a.event_id = d.event_id), '[]')
	FROM webhook_deliveries d JOIN webhook_events e ON e.workspace_id = d.workspace_id AND e.id = d.event_id`

func scanDeliveryLog(row pgx.CollectableRow) (DeliveryLog, error) {
	var l DeliveryLog
	var tries []attemptRow
	err := row.Scan(&l.EventID, &l.Type, &l.State, &l.CreatedAt, &l.DueAt, &tries)
	l.CreatedAt, l.DueAt = l.CreatedAt.UTC(), inUTC(l.DueAt)
	for _, t := range tries {
		l.Attempts = append(l.Attempts, Attempt{Number: t.Number, At: t.At.UTC(),
			Took: time.Duration(t.TookMs) * time.Millisecond, Status: t.Status, Error: t.Error})
	}
	return l, err
}

// attemptRow is an attempt in the JSON of deliveryLogColumns.
type attemptRow struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	TookMs int64     `json:"took_ms"`
	Status int       `json:"status"`
	Error  string    `json:"error"`
}

// Deliveries returns a page of the deliveries of a webhook, newest first.
func (s *Store) Deliveries(ctx context.Context, workspace, webhook uuid.UUID, p Page) (Listed[DeliveryLog], error) {
	const all = ` WHERE d.workspace_id = $1 AND d.webhook_id = $2`
	return list[DeliveryLog]{read: `SELECT ` + deliveryLogColumns + all, count: `FROM webhook_deliveries d` + all,
		where: &conditions{args: []any{workspace, webhook}}, by: order{{"e.created_at", "timestamptz", true},
			{"e.id", "uuid", true}}, scan: scanDeliveryLog,
		key: func(l DeliveryLog) Cursor {
			return Cursor{l.CreatedAt.Format(time.RFC3339Nano), l.EventID.String()}
		}}.page(ctx, s, p)
}

// Replay sends an event to a webhook once more, whatever its state, and returns the delivery.
func (s *Store) Replay(ctx context.Context, workspace, webhook, event uuid.UUID) (DeliveryLog, error) {
	var l DeliveryLog
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = 'pending', due_at = now(),
			enqueue_after = '-infinity', attempts_from = attempts
			WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3`, workspace, webhook, event)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		rows, err := tx.Query(ctx, `SELECT `+deliveryLogColumns+` WHERE d.workspace_id = $1 AND d.webhook_id = $2
			AND d.event_id = $3`, workspace, webhook, event)
		if err != nil {
			return err
		}
		l, err = pgx.CollectExactlyOneRow(rows, scanDeliveryLog)
		return err
	})
	return l, err
}
