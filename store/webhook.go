package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// EventType is a kind of event that webhooks receive.
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

// Webhook is a URL to which a workspace's events are sent.
type Webhook struct {
	WorkspaceID uuid.UUID
	ID          uuid.UUID
	URL         string
	Events      []EventType
	Secret      []byte
	OldSecrets  [][]byte // those that still sign, the latest first; set only in a Delivery
	CreatedAt   time.Time
}

// The bounds of webhooks.
const (
	MaxWebhooks   = 50 // of a workspace
	webhookSecret = 32 // bytes
	maxOldSecrets = 10 // old secrets that sign at a time
)

// ErrTooMany: the workspace has the maximum number of such objects.
var ErrTooMany = errors.New("the maximum number is reached")

// CreateWebhook registers a URL for events and returns the webhook with its secret. ErrTooMany: the
// workspace has MaxWebhooks.
func (s *Store) CreateWebhook(ctx context.Context, w Webhook, idem *Idempotency, now time.Time) (Webhook, error) {
	w.ID, w.Secret, w.CreatedAt = newID(), newWebhookSecret(), now.UTC().Truncate(time.Microsecond)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// The workspace is locked so that two cannot both be the last one.
		var n int
		if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM webhooks WHERE workspace_id = w.id) FROM workspaces w
			WHERE w.id = $1 FOR NO KEY UPDATE`, w.WorkspaceID).Scan(&n); err != nil {
			return err
		}
		if n >= MaxWebhooks {
			return ErrTooMany
		}
		if _, err := tx.Exec(ctx, `INSERT INTO webhooks (workspace_id, id, url, events, secret, created_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
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

// signBeside selects the old secrets of a webhook w that still sign, the latest first.
const signBeside = `FROM unnest(w.old_secrets, w.old_untils) AS o (secret, until) WHERE o.until > now()
	ORDER BY o.until DESC`

func scanWebhook(row pgx.CollectableRow) (Webhook, error) {
	var w Webhook
	err := row.Scan(&w.WorkspaceID, &w.ID, &w.URL, &w.Events, &w.Secret, &w.CreatedAt)
	w.CreatedAt = w.CreatedAt.UTC()
	return w, err
}

// Webhooks returns a page of a workspace's webhooks, newest first.
func (s *Store) Webhooks(ctx context.Context, workspace uuid.UUID, p Page) (Listed[Webhook], error) {
	const all = ` FROM webhooks WHERE workspace_id = $1`
	return list[Webhook]{read: `SELECT ` + webhookColumns + all, count: all, where: &conditions{args: []any{workspace}},
		by: newestFirst("id"), scan: scanWebhook,
		key: func(w Webhook) Cursor { return Cursor{w.ID.String()} }}.page(ctx, s, p)
}

// Webhook returns one webhook.
func (s *Store) Webhook(ctx context.Context, workspace, id uuid.UUID) (Webhook, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1
		AND id = $2`, workspace, id)
	if err != nil {
		return Webhook{}, translate(err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWebhook)
	return w, translate(err)
}

// DeleteWebhook deletes a webhook with its deliveries.
func (s *Store) DeleteWebhook(ctx context.Context, workspace, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2`, workspace, id)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return translate(err)
}

// RotateWebhook replaces the secret of a webhook. The old secret signs too for the duration both,
// so that no event is lost while the receiver changes over. Earlier secrets sign until their own
// time ends.
func (s *Store) RotateWebhook(ctx context.Context, workspace, id uuid.UUID, idem *Idempotency,
	both time.Duration) (Webhook, error) {
	var w Webhook
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE webhooks w SET secret = $3, old_secrets = secret || ARRAY(SELECT o.secret
			`+signBeside+` LIMIT $5),
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

// createdTask is a task in an event.
type createdTask struct {
	ID  uuid.UUID `json:"id"`
	Row int       `json:"row_number,omitempty"`
}

// tasksEvent is the data of EventTaskCreated: the tasks that one chunk created, or a single task.
type tasksEvent struct {
	JobID *uuid.UUID    `json:"job_id"`
	Tasks []createdTask `json:"tasks"`
}

// announceTasks writes the event of a chunk's new tasks if a webhook wants it, in the transaction
// that creates them.
func announceTasks(ctx context.Context, tx pgx.Tx, c *Claim, tasks []importer.Draft) error {
	if len(tasks) == 0 {
		return nil
	}
	var wanted bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM webhooks WHERE workspace_id = $1 AND $2 = ANY (events))`,
		c.WorkspaceID, EventTaskCreated).Scan(&wanted); err != nil || !wanted {
		return err
	}
	event := tasksEvent{JobID: &c.ImportID, Tasks: make([]createdTask, len(tasks))}
	for i := range tasks {
		event.Tasks[i] = createdTask{ID: tasks[i].ID, Row: tasks[i].Row}
	}
	data, err := toJSON(event)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, announceOne, c.WorkspaceID, EventTaskCreated, data)
	return err
}

// announceTask writes the event of a single task.
func announceTask(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	data, err := toJSON(tasksEvent{Tasks: []createdTask{{ID: id}}})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, announceOne, workspace, EventTaskCreated, data)
	return err
}

// announceOne is the statement that writes one event.
var announceOne = announce(`SELECT $1::uuid AS workspace_id, $2::text AS type, $3::jsonb AS data`)

// announce returns the statement that writes events, given a query of their workspace_id, type and
// data, for each webhook that wants them.
func announce(happened string) string {
	return `WITH happened AS MATERIALIZED (` + happened + `), ` + announced + ` SELECT count(*) FROM deliveries`
}

// announced are the common table expressions that write the events of the expression happened, and
// their deliveries.
const announced = `wanted AS MATERIALIZED (
		SELECT h.workspace_id, gen_random_uuid() AS id, h.type, h.data FROM happened h
		WHERE EXISTS (SELECT FROM webhooks w WHERE w.workspace_id = h.workspace_id AND h.type = ANY (w.events))),
	events AS (INSERT INTO webhook_events (workspace_id, id, type, data, created_at) SELECT workspace_id, id, type,
	data, clock_timestamp() FROM wanted),
	deliveries AS (INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, due_at)
		SELECT n.workspace_id, w.id, n.id, now() FROM wanted n JOIN webhooks w ON w.workspace_id = n.workspace_id
		AND n.type = ANY (w.events) RETURNING 1)`

// endedImports is the expression happened with the events of the imports in the expression ended.
const endedImports = `happened AS MATERIALIZED (SELECT e.workspace_id, CASE e.status WHEN 'completed' THEN '` +
	string(EventImportCompleted) + `' ELSE '` + string(EventImportFailed) + `' END AS type,
		jsonb_build_object('job_id', e.id, 'kind', e.kind, 'status', e.status, 'dry_run', coalesce(e.options->'dry_run',
		'false'), 'file_name', e.file_name, 'total_count', e.total_count,
			'created_count', n.created, 'updated_count', n.updated, 'skipped_count', n.skipped, 'rejected_count', n.rejected,
			'created_at', e.created_at, 'finished_at', e.finished_at) || CASE WHEN e.error IS NULL THEN '{}' ELSE
			jsonb_build_object('message', e.error) END || CASE WHEN e.external_id IS NULL THEN '{}' ELSE
			jsonb_build_object('external_id', e.external_id) END AS data
		FROM ended e CROSS JOIN LATERAL (SELECT sum(created_count) AS created, sum(updated_count) AS updated,
		sum(skipped_count) AS skipped, sum(rejected_count) AS rejected
			FROM chunks c WHERE c.workspace_id = e.workspace_id AND c.import_id = e.id) n)`
