package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// identify looks up the contacts that a batch names by their addresses. Most batches name none.
func (s *Store) identify(ctx context.Context, workspace uuid.UUID, b *importer.Batch) error {
	emails := b.Emails()
	if len(emails) == 0 {
		return nil
	}
	rows, err := s.pool.Query(ctx, `SELECT email, id FROM contacts WHERE workspace_id = $1 AND email = ANY ($2)`, workspace, emails)
	if err != nil {
		return err
	}
	var email string
	var id uuid.UUID
	found := map[string][]uuid.UUID{}
	if _, err := pgx.ForEachRow(rows, []any{&email, &id}, func() error { found[email] = append(found[email], id); return nil }); err != nil {
		return err
	}
	b.Identify(found)
	return nil
}
