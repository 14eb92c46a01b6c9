package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DeliveryLog is a delivery with all its tries.
type DeliveryLog struct {
	EventID   uuid.UUID
	Type      EventType
	State     DeliveryState
	CreatedAt time.Time
	DueAt     *time.Time // of the next try; nil where there is none
	Attempts  []Attempt
}

const deliveryLogColumns = `d.event_id, e.type, d.state, e.created_at, CASE WHEN d.state = 'pending' THEN d.due_at END,
	coalesce((SELECT jsonb_agg(jsonb_build_object('number', a.number, 'at', a.at, 'took_ms', a.took_ms, 'status', coalesce(a.status, 0), 'error', coalesce(a.error, '')) ORDER BY a.number)
		FROM webhook_attempts a WHERE a.workspace_id = d.workspace_id AND a.webhook_id = d.webhook_id AND a.event_id = d.event_id), '[]')
	FROM webhook_deliveries d JOIN webhook_events e ON e.workspace_id = d.workspace_id AND e.id = d.event_id`

func scanDeliveryLog(row pgx.CollectableRow) (DeliveryLog, error) {
	var l DeliveryLog
	var tries []attemptRow
	err := row.Scan(&l.EventID, &l.Type, &l.State, &l.CreatedAt, &l.DueAt, &tries)
	l.CreatedAt, l.DueAt = l.CreatedAt.UTC(), inUTC(l.DueAt)
	for _, t := range tries {
		l.Attempts = append(l.Attempts, Attempt{Number: t.Number, At: t.At.UTC(), Took: time.Duration(t.TookMs) * time.Millisecond, Status: t.Status, Error: t.Error})
	}
	return l, err
}

// attemptRow is an attempt as the database gives it.
type attemptRow struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	TookMs int64     `json:"took_ms"`
	Status int       `json:"status"`
	Error  string    `json:"error"`
}

// Deliveries gives a page of what was sent to a webhook and what is on its way, newest first, and their number.
func (s *Store) Deliveries(ctx context.Context, workspace, webhook uuid.UUID, p Page) ([]DeliveryLog, int, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+deliveryLogColumns+` WHERE d.workspace_id = $1 AND d.webhook_id = $2 ORDER BY e.created_at DESC, e.id LIMIT $3 OFFSET $4`,
		workspace, webhook, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	page, err := pgx.CollectRows(rows, scanDeliveryLog)
	if err != nil {
		return nil, 0, translate(err)
	}
	total, err := s.count(ctx, `SELECT count(*) FROM webhook_deliveries WHERE workspace_id = $1 AND webhook_id = $2`, workspace, webhook)
	return page, total, err
}

// Replay sends an event to a webhook once more, whatever became of it, and gives the delivery as it then stands.
func (s *Store) Replay(ctx context.Context, workspace, webhook, event uuid.UUID) (DeliveryLog, error) {
	var l DeliveryLog
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = 'pending', due_at = now(), enqueue_after = '-infinity', attempts_from = attempts
			WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3`, workspace, webhook, event)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		rows, err := tx.Query(ctx, `SELECT `+deliveryLogColumns+` WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.event_id = $3`, workspace, webhook, event)
		if err != nil {
			return err
		}
		l, err = pgx.CollectExactlyOneRow(rows, scanDeliveryLog)
		return err
	})
	return l, err
}
