package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ContactsByEmail returns the contacts that have each of the addresses.
func (r *Resolver) ContactsByEmail(ctx context.Context, emails []string) (map[string][]uuid.UUID, error) {
	defer r.timed()()
	rows, err := r.store.pool.Query(ctx, `SELECT email, id FROM contacts WHERE workspace_id = $1 AND email = ANY ($2)`,
		r.workspace, emails)
	if err != nil {
		return nil, translate(err)
	}
	var email string
	var id uuid.UUID
	found := map[string][]uuid.UUID{}
	_, err = pgx.ForEachRow(rows, []any{&email, &id}, func() error { found[email] = append(found[email], id); return nil })
	return found, translate(err)
}
