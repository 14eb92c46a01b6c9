package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// IdempotencyTTL is how long an answer is kept for its Idempotency-Key.
const IdempotencyTTL = 24 * time.Hour

// IdempotencyLease is how long a running request owns its key without renewing.
const IdempotencyLease = 10 * time.Second

// Idempotency is a request's hold on its Idempotency-Key.
type Idempotency struct {
	WorkspaceID uuid.UUID
	Key         string
	Owner       uuid.UUID
	// Fingerprint returns the digest of the request once its body has been read; nil when that
	// breaks off.
	Fingerprint func() []byte
	// Made tells whether something was made that a repetition must not make again.
	Made bool
}

// KeptAnswer is what is known of an earlier request with the same key.
type KeptAnswer struct {
	Fingerprint []byte
	Resource    string // set without Status when the process died before it could answer
	Status      int
	Header      map[string]string
	Body        []byte
}

// ErrInProgress: the first request with this key is still running.
var ErrInProgress = errors.New("the first request with this key is still running")

// ErrBroken: the body of the request broke off behind all that was needed of it.
var ErrBroken = errors.New("the request broke off before its end")

// BeginIdempotent takes the key for this request. It gives nil when the request is the first and
// shall run, the kept answer when there is one, and ErrInProgress while the first one runs.
func (s *Store) BeginIdempotent(ctx context.Context, i *Idempotency) (*KeptAnswer, error) {
	tag, err := s.pool.Exec(ctx, `INSERT INTO idempotency_keys AS k (workspace_id, key, owner, lease_until, created_at)
		VALUES ($1, $2, $3, now() + $4::interval, now())
		ON CONFLICT (workspace_id, key) DO UPDATE SET owner = $3, lease_until = now() + $4::interval, created_at = now(),
		fingerprint = NULL, resource = NULL, status = NULL, header = NULL, body = NULL
		WHERE k.created_at < now() - $5::interval OR (k.status IS NULL AND k.resource IS NULL AND `+over("k.lease_until")+`)`,
		i.WorkspaceID, i.Key, i.Owner, IdempotencyLease, IdempotencyTTL)
	if err != nil || tag.RowsAffected() == 1 {
		return nil, translate(err)
	}
	var a KeptAnswer
	var status *int
	var running bool
	err = s.pool.QueryRow(ctx, `SELECT fingerprint, coalesce(resource, ''), status, header, body,
		NOT `+over("lease_until")+` FROM idempotency_keys WHERE workspace_id = $1 AND key = $2`,
		i.WorkspaceID, i.Key).Scan(&a.Fingerprint, &a.Resource, &status, &a.Header, &a.Body, &running)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrInProgress // the first request has failed this very moment
	}
	if err != nil {
		return nil, translate(err)
	}
	if status == nil {
		if running || a.Resource == "" {
			return nil, ErrInProgress
		}
		return &a, nil
	}
	a.Status = *status
	return &a, nil
}

// RenewIdempotent extends the hold of a request that takes long.
func (s *Store) RenewIdempotent(ctx context.Context, i *Idempotency) error {
	_, err := s.pool.Exec(ctx, `UPDATE idempotency_keys SET lease_until = now() + $4::interval WHERE workspace_id = $1
		AND key = $2 AND owner = $3`, i.WorkspaceID, i.Key, i.Owner, IdempotencyLease)
	return translate(err)
}

// KeepAnswer stores the answer, to be given again for the same key. Any owner may: after a crash it
// is the one who asks next.
func (s *Store) KeepAnswer(ctx context.Context, i *Idempotency, a KeptAnswer) error {
	header, err := toJSON(a.Header)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `UPDATE idempotency_keys SET fingerprint = $3, status = $4, header = $5, body = $6
		WHERE workspace_id = $1 AND key = $2 AND status IS NULL`,
		i.WorkspaceID, i.Key, a.Fingerprint, a.Status, header, a.Body)
	return translate(err)
}

// ForgetIdempotent frees the key of a request that failed: what it made, if anything, answers the
// next one with the same key.
func (s *Store) ForgetIdempotent(ctx context.Context, i *Idempotency) error {
	_, err := s.pool.Exec(ctx, `WITH forgotten AS (DELETE FROM idempotency_keys WHERE workspace_id = $1 AND key = $2
		AND owner = $3 AND status IS NULL AND resource IS NULL)
		UPDATE idempotency_keys SET lease_until = '-infinity' WHERE workspace_id = $1 AND key = $2 AND owner = $3
		AND status IS NULL AND resource IS NOT NULL`,
		i.WorkspaceID, i.Key, i.Owner)
	return translate(err)
}

// made ties what the request made to its key, in the transaction that makes it. Without a key it
// does nothing. ErrInProgress: the hold was lost to another request, so nothing may be made.
// ErrBroken: the request is not whole, so its repetition could not be told from it.
func (i *Idempotency) made(ctx context.Context, tx pgx.Tx, resource string) error {
	if i == nil {
		return nil
	}
	fingerprint := i.Fingerprint()
	if fingerprint == nil {
		return ErrBroken
	}
	tag, err := tx.Exec(ctx, `UPDATE idempotency_keys SET resource = $4, fingerprint = $5 WHERE workspace_id = $1
		AND key = $2 AND owner = $3`,
		i.WorkspaceID, i.Key, i.Owner, resource, fingerprint)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrInProgress
	}
	i.Made = err == nil
	return err
}

const (
	taskPrefix    = "task:"
	knownPrefix   = "known-task:"
	importPrefix  = "import:"
	webhookPrefix = "webhook:"
	aliasPrefix   = "alias:"
)

// taskOf names the task of a request: one that it created, or one that was there.
func taskOf(outcome Outcome, id uuid.UUID) string {
	if outcome == TaskCreated {
		return taskPrefix + id.String()
	}
	return knownPrefix + id.String()
}

func importResource(id uuid.UUID) string  { return importPrefix + id.String() }
func webhookResource(id uuid.UUID) string { return webhookPrefix + id.String() }
func aliasResource(id uuid.UUID) string   { return aliasPrefix + id.String() }

// Task returns the id of the task that the request made, if it made one.
func (a *KeptAnswer) Task() (uuid.UUID, bool) { return resourceID(a.Resource, taskPrefix) }

// KnownTask returns the id of the task that was there already when the request came, if one was.
func (a *KeptAnswer) KnownTask() (uuid.UUID, bool) { return resourceID(a.Resource, knownPrefix) }

// Import returns the id of the import that the request made, if it made one.
func (a *KeptAnswer) Import() (uuid.UUID, bool) { return resourceID(a.Resource, importPrefix) }

// Webhook returns the id of the webhook that the request made or changed, if it did.
func (a *KeptAnswer) Webhook() (uuid.UUID, bool) { return resourceID(a.Resource, webhookPrefix) }

// Alias returns the id of the alias that the request kept, if it did.
func (a *KeptAnswer) Alias() (uuid.UUID, bool) { return resourceID(a.Resource, aliasPrefix) }

func resourceID(resource, prefix string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(resource, prefix)
	if !ok {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// forgetOldKeys drops answers that are past their time, some at a time.
func forgetOldKeys(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM idempotency_keys WHERE (workspace_id, key) IN (
		SELECT workspace_id, key FROM idempotency_keys WHERE created_at < now() - $1::interval LIMIT 1000
		FOR UPDATE SKIP LOCKED)`, IdempotencyTTL)
	return err
}
