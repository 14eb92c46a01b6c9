package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// EventType is what a webhook can be told of.
type EventType string

// The types of events.
const (
	EventImportCompleted EventType = "import.completed"
	EventImportFailed    EventType = "import.failed"
	EventTaskCreated     EventType = "task.created"
)

// EventTypes lists all of them.
func EventTypes() []EventType {
	return []EventType{EventImportCompleted, EventImportFailed, EventTaskCreated}
}

// Webhook is where a workspace wants to be told of events.
type Webhook struct {
	WorkspaceID uuid.UUID
	ID          uuid.UUID
	URL         string
	Events      []EventType
	Secret      []byte
	OldSecrets  [][]byte // sign too, the latest first; only in a delivery
	CreatedAt   time.Time
}

// How many webhooks a workspace may have, and how long a secret is.
const (
	MaxWebhooks   = 50
	webhookSecret = 32
	maxOldSecrets = 10 // that sign beside the newest, however often it is rotated
)

// ErrTooMany: the workspace has as many of them as it may have.
var ErrTooMany = errors.New("there are as many of them as there may be")

// CreateWebhook registers a URL for events and gives the webhook with its secret.
func (s *Store) CreateWebhook(ctx context.Context, w Webhook, idem *Idempotency, now time.Time) (Webhook, error) {
	w.ID, w.Secret, w.CreatedAt = newID(), newWebhookSecret(), now.UTC().Truncate(time.Microsecond)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// The workspace is locked so that two cannot both be the last one.
		var n int
		if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM webhooks WHERE workspace_id = w.id) FROM workspaces w WHERE w.id = $1 FOR NO KEY UPDATE`, w.WorkspaceID).Scan(&n); err != nil {
			return err
		}
		if n >= MaxWebhooks {
			return ErrTooMany
		}
		if _, err := tx.Exec(ctx, `INSERT INTO webhooks (workspace_id, id, url, events, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			w.WorkspaceID, w.ID, w.URL, w.Events, w.Secret, w.CreatedAt); err != nil {
			return err
		}
		return idem.made(ctx, tx, webhookResource(w.ID))
	})
	return w, err
}

func newWebhookSecret() []byte {
	secret := make([]byte, webhookSecret)
	_, _ = rand.Read(secret) // never fails
	return secret
}

const webhookColumns = `workspace_id, id, url, events, secret, created_at`

// signBeside are the secrets of a webhook w that sign beside its newest, the latest first.
const signBeside = `FROM unnest(w.old_secrets, w.old_untils) AS o (secret, until) WHERE o.until > now() ORDER BY o.until DESC`

func scanWebhook(row pgx.CollectableRow) (Webhook, error) {
	var w Webhook
	err := row.Scan(&w.WorkspaceID, &w.ID, &w.URL, &w.Events, &w.Secret, &w.CreatedAt)
	w.CreatedAt = w.CreatedAt.UTC()
	return w, err
}

// Webhooks lists a workspace's webhooks, newest first, and their number.
func (s *Store) Webhooks(ctx context.Context, workspace uuid.UUID, p Page) ([]Webhook, int, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`, workspace, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	page, err := pgx.CollectRows(rows, scanWebhook)
	if err != nil {
		return nil, 0, translate(err)
	}
	total, err := s.count(ctx, `SELECT count(*) FROM webhooks WHERE workspace_id = $1`, workspace)
	return page, total, err
}

// Webhook reads one webhook.
func (s *Store) Webhook(ctx context.Context, workspace, id uuid.UUID) (Webhook, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 AND id = $2`, workspace, id)
	if err != nil {
		return Webhook{}, translate(err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWebhook)
	return w, translate(err)
}

// DeleteWebhook forgets a webhook with all that is on its way to it.
func (s *Store) DeleteWebhook(ctx context.Context, workspace, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2`, workspace, id)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return translate(err)
}

// RotateWebhook gives a webhook a new secret. The old one signs too for a while, so that no event is lost while the receiver changes over, and so do those
// before it whose while has not ended.
func (s *Store) RotateWebhook(ctx context.Context, workspace, id uuid.UUID, idem *Idempotency, both time.Duration) (Webhook, error) {
	var w Webhook
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE webhooks w SET secret = $3, old_secrets = secret || ARRAY(SELECT o.secret `+signBeside+` LIMIT $5),
				old_untils = (now() + $4::interval) || ARRAY(SELECT o.until `+signBeside+` LIMIT $5)
			WHERE workspace_id = $1 AND id = $2 RETURNING `+webhookColumns,
			workspace, id, newWebhookSecret(), both, maxOldSecrets-1)
		if err != nil {
			return err
		}
		if w, err = pgx.CollectExactlyOneRow(rows, scanWebhook); err != nil {
			return err
		}
		return idem.made(ctx, tx, webhookResource(id))
	})
	return w, err
}
