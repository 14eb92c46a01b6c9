package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
)

// Permission is something that a key may do.
type Permission string

// The permissions of the API.
const (
	ReadActivities  Permission = "activities:read"
	WriteActivities Permission = "activities:write"
	ReadContacts    Permission = "contacts:read" // of the whole directory
	WriteContacts   Permission = "contacts:write"
	WriteCompanies  Permission = "companies:write"
	WriteDeals      Permission = "deals:write"
	WriteEvents     Permission = "events:write"
	WriteUsers      Permission = "users:write"
	WriteWebhooks   Permission = "webhooks:write"
)

// Permissions lists all of them.
func Permissions() []Permission {
	return []Permission{ReadActivities, WriteActivities, ReadContacts, WriteContacts, WriteCompanies, WriteDeals,
		WriteEvents, WriteUsers, WriteWebhooks}
}

const (
	keyPrefix   = "wbk_"
	keyRandom   = 40
	keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	keyHint     = 8 // characters of a key that are kept, to tell keys apart
)

// Key is an API key without its secret.
type Key struct {
	WorkspaceID uuid.UUID    `json:"workspace_id"`
	ID          uuid.UUID    `json:"id"`
	Name        string       `json:"name"`
	Hint        string       `json:"hint"`
	Permissions []Permission `json:"permissions"`
	CreatedAt   time.Time    `json:"created_at"`
	ExpiresAt   *time.Time   `json:"expires_at"`
	RevokedAt   *time.Time   `json:"revoked_at"`
}

// Caller is the key of a request, and the version of its workspace's directory when the key was
// looked up, at most callerAge ago.
type Caller struct {
	Key
	DirectoryVersion int64
}

// May reports whether the key has the permission.
func (k Key) May(p Permission) bool { return slices.Contains(k.Permissions, p) }

// Live reports whether the key is neither revoked nor expired.
func (k Key) Live(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// NewKey is the input of a key.
type NewKey struct {
	WorkspaceID uuid.UUID
	Name        string
	Permissions []Permission
	ExpiresAt   *time.Time
}

// CreateKey creates a key and returns its secret, which is not stored.
func (s *Store) CreateKey(ctx context.Context, n NewKey, now time.Time) (Key, string, error) {
	for _, p := range n.Permissions {
		if !slices.Contains(Permissions(), p) {
			return Key{}, "", fmt.Errorf("%q is not a permission; choose among %s", p, joinPermissions(Permissions()))
		}
	}
	if n.Permissions == nil {
		n.Permissions = []Permission{}
	}
	secret, err := newSecret()
	if err != nil {
		return Key{}, "", err
	}
	k := Key{WorkspaceID: n.WorkspaceID, ID: newID(), Name: n.Name, Hint: secret[:keyHint], Permissions: n.Permissions,
		CreatedAt: now.UTC(), ExpiresAt: n.ExpiresAt}
	_, err = s.pool.Exec(ctx, `INSERT INTO api_keys (workspace_id, id, name, hash, hint, permissions, created_at,
		expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.WorkspaceID, k.ID, k.Name, hashKey(secret), k.Hint, k.Permissions, k.CreatedAt, k.ExpiresAt)
	return k, secret, translate(err)
}

const keyColumns = `k.workspace_id, k.id, k.name, k.hint, k.permissions, k.created_at, k.expires_at, k.revoked_at`

// Authenticate returns the key of a secret, valid or not; ErrNotFound without one. The answer may
// be a second old, so a key that another process revokes is refused a second later.
func (s *Store) Authenticate(ctx context.Context, secret string) (Caller, error) {
	if len(secret) != len(keyPrefix)+keyRandom || !strings.HasPrefix(secret, keyPrefix) {
		return Caller{}, ErrNotFound
	}
	hash, asked := string(hashKey(secret)), time.Now()
	if c, ok := s.recent.get(hash); ok {
		return c, nil
	}
	c, err := s.callers.Ask(ctx, hash)
	if err != nil {
		return Caller{}, translate(err)
	}
	if c == nil {
		return Caller{}, ErrNotFound
	}
	s.recent.put(hash, *c, asked)
	return *c, nil
}

// findCallers returns the key of each hash with the version of its directory; nil for an unknown
// hash.
func (s *Store) findCallers(ctx context.Context, hashes []string) ([]*Caller, error) {
	asked := make([][]byte, 0, len(hashes))
	found := map[string]*Caller{}
	for _, h := range hashes {
		if _, ok := found[h]; !ok {
			found[h] = nil
			asked = append(asked, []byte(h))
		}
	}
	rows, err := s.pool.Query(ctx, `SELECT k.hash, w.directory_version, `+keyColumns+` FROM api_keys k
		JOIN workspaces w ON w.id = k.workspace_id WHERE k.hash = ANY ($1)`, asked)
	if err != nil {
		return nil, err
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var hash []byte
		c := &Caller{}
		k := &c.Key
		err := row.Scan(&hash, &c.DirectoryVersion, &k.WorkspaceID, &k.ID, &k.Name, &k.Hint, &k.Permissions, &k.CreatedAt,
			&k.ExpiresAt, &k.RevokedAt)
		found[string(hash)] = c
		return struct{}{}, err
	})
	return inOrderOf(hashes, found), err
}

// inOrderOf returns the answers in the order of the questions.
func inOrderOf[Q comparable, A any](questions []Q, found map[Q]A) []A {
	answers := make([]A, len(questions))
	for i, q := range questions {
		answers[i] = found[q]
	}
	return answers
}

// Keys lists a workspace's keys, newest first.
func (s *Store) Keys(ctx context.Context, workspace uuid.UUID) ([]Key, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE workspace_id = $1 ORDER BY id DESC`,
		workspace)
	if err != nil {
		return nil, translate(err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Key])
	return keys, translate(err)
}

// RevokeKey revokes a key for good; revoking it again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, workspace, id uuid.UUID, now time.Time) error {
	defer s.recent.forget()
	tag, err := s.pool.Exec(ctx, `UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE workspace_id = $1
		AND id = $2`, workspace, id, now)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return translate(err)
}

func hashKey(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func newSecret() (string, error) {
	b := strings.Builder{}
	b.WriteString(keyPrefix)
	for range keyRandom {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(keyAlphabet))))
		if err != nil {
			return "", fmt.Errorf("draw a random key: %w", err)
		}
		b.WriteByte(keyAlphabet[n.Int64()])
	}
	return b.String(), nil
}

func joinPermissions(ps []Permission) string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = string(p)
	}
	return strings.Join(out, ", ")
}

const (
	// callerAge is how long a key is used without asking the database: a key that another process
	// revokes ends within this time.
	callerAge = time.Second
	// maxCallers is how many keys a process remembers: the last used.
	maxCallers = 10_000
)

// callerCache remembers recent callers, so that the requests of a busy key need no query each.
type callerCache struct {
	byHash *lru.Cache[string, remembered]
}

type remembered struct {
	caller Caller
	until  time.Time
}

func (c callerCache) get(hash string) (Caller, bool) {
	r, ok := c.byHash.Get(hash)
	return r.caller, ok && time.Now().Before(r.until)
}

// put remembers the answer to a question that was asked at the given time: the answer may be as
// old.
func (c callerCache) put(hash string, caller Caller, asked time.Time) {
	c.byHash.Add(hash, remembered{caller, asked.Add(callerAge)})
}

// forget empties the cache.
func (c callerCache) forget() { c.byHash.Purge() }

// KeyWithHash returns a key, valid or not, and the SHA-256 of its secret. The hash signs sessions,
// so that every process with the database can check them, and they end with the key. ErrNotFound
// without a key.
func (s *Store) KeyWithHash(ctx context.Context, workspace, id uuid.UUID) (Key, []byte, error) {
	var k Key
	var hash []byte
	rows, err := s.pool.Query(ctx, `SELECT k.hash, `+keyColumns+` FROM api_keys k WHERE k.workspace_id = $1
		AND k.id = $2`, workspace, id)
	if err != nil {
		return k, nil, translate(err)
	}
	k, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Key, error) {
		err := row.Scan(&hash, &k.WorkspaceID, &k.ID, &k.Name, &k.Hint, &k.Permissions, &k.CreatedAt, &k.ExpiresAt,
			&k.RevokedAt)
		return k, err
	})
	return k, hash, translate(err)
}
