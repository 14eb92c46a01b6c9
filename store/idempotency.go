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

// IdempotencyLease is how long a request holds its key without renewing the lease.
const IdempotencyLease = 10 * time.Second

// Idempotency is a request's hold on its Idempotency-Key.
type Idempotency struct {
	WorkspaceID uuid.UUID
	Key         string
	Owner       uuid.UUID
	// Fingerprint returns the digest of the request after its body was read; nil when the body broke
	// off.
	Fingerprint func() []byte
	// Made reports whether something was created that a repetition must not create again.
	Made bool
}

// KeptAnswer is the answer to an earlier request with the same key.
type KeptAnswer struct {
	Fingerprint []byte
	Resource    string // without Status when the process died before it answered
	Status      int
	Header      map[string]string
	Body        []byte
}

// ErrInProgress: the first request with this key is still running.
var ErrInProgress = errors.New("the first request with this key is still running")

// ErrBroken: the body of the request broke off after the part that was needed.
var ErrBroken = errors.New("the request broke off before its end")

// BeginIdempotent takes the key for this request. It returns nil when the request is the first and
// is to run, the kept answer when there is one, and ErrInProgress while the first request runs.
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
		return nil, ErrInProgress // the first request has failed just now
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

// RenewIdempotent extends the lease of a long request.
func (s *Store) RenewIdempotent(ctx context.Context, i *Idempotency) error {
	_, err := s.pool.Exec(ctx, `UPDATE idempotency_keys SET lease_until = now() + $4::interval WHERE workspace_id = $1
		AND key = $2 AND owner = $3`, i.WorkspaceID, i.Key, i.Owner, IdempotencyLease)
	return translate(err)
}

// KeepAnswer stores the answer for later requests with the same key. Any owner may do this: after a
// crash it is the next request.
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

// ForgetIdempotent releases the key of a request that failed. If the request created something,
// that answers the next request with the key.
func (s *Store) ForgetIdempotent(ctx context.Context, i *Idempotency) error {
	_, err := s.pool.Exec(ctx, `WITH forgotten AS (DELETE FROM idempotency_keys WHERE workspace_id = $1 AND key = $2
		AND owner = $3 AND status IS NULL AND resource IS NULL)
		UPDATE idempotency_keys SET lease_until = '-infinity' WHERE workspace_id = $1 AND key = $2 AND owner = $3
		AND status IS NULL AND resource IS NOT NULL`,
		i.WorkspaceID, i.Key, i.Owner)
	return translate(err)
}

// made stores what the request created with its key, in the transaction that creates it. Without a
// key it does nothing. Errors: ErrInProgress when another request has the key, so that nothing may
// be created; ErrBroken when the request is incomplete, so that a repetition could not be
// recognized.
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

// taskOf returns the resource of a request's task, which it created or found.
func taskOf(outcome Outcome, id uuid.UUID) string {
	if outcome == TaskCreated {
		return taskPrefix + id.String()
	}
	return knownPrefix + id.String()
}

func importResource(id uuid.UUID) string  { return importPrefix + id.String() }
func webhookResource(id uuid.UUID) string { return webhookPrefix + id.String() }
func aliasResource(id uuid.UUID) string   { return aliasPrefix + id.String() }

// Task returns the id of the task that the request created, if it created one.
func (a *KeptAnswer) Task() (uuid.UUID, bool) { return resourceID(a.Resource, taskPrefix) }

// KnownTask returns the id of the task that the request found, if it found one.
func (a *KeptAnswer) KnownTask() (uuid.UUID, bool) { return resourceID(a.Resource, knownPrefix) }

// Import returns the id of the import that the request created, if it created one.
func (a *KeptAnswer) Import() (uuid.UUID, bool) { return resourceID(a.Resource, importPrefix) }

// Webhook returns the id of the webhook that the request created or changed, if it did.
func (a *KeptAnswer) Webhook() (uuid.UUID, bool) { return resourceID(a.Resource, webhookPrefix) }

// Alias returns the id of the alias that the request created or changed, if it did.
func (a *KeptAnswer) Alias() (uuid.UUID, bool) { return resourceID(a.Resource, aliasPrefix) }

func resourceID(resource, prefix string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(resource, prefix)
	if !ok {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// forgetOldKeys deletes some answers that are past their time.
func forgetOldKeys(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, deleteSome("idempotency_keys", `r.created_at < now() - $1::interval`, 1000), IdempotencyTTL)
	return err
}
