package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Mapping is a mapping that a workspace has saved under a name.
type Mapping struct {
	WorkspaceID uuid.UUID
	Name        string
	Kind        importer.Kind
	Mapping     importer.Mapping
	Header      string // of a remembered mapping, as HeaderKey returns it
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// MaxMappings is how many mappings a workspace may have, and how many it remembers besides.
const MaxMappings = 200

const mappingColumns = `workspace_id, name, kind, mapping, coalesce(header, ''), created_at, updated_at`

func scanMapping(row pgx.CollectableRow) (Mapping, error) {
	var m Mapping
	err := row.Scan(&m.WorkspaceID, &m.Name, &m.Kind, &m.Mapping, &m.Header, &m.CreatedAt, &m.UpdatedAt)
	m.CreatedAt, m.UpdatedAt = m.CreatedAt.UTC(), m.UpdatedAt.UTC()
	return m, err
}

// SaveMapping saves a mapping under its name, in place of an earlier one, and returns it. made
// reports whether the name is new. Saving the same mapping again changes nothing. ErrTooMany: the
// workspace has MaxMappings.
func (s *Store) SaveMapping(ctx context.Context, m Mapping, now time.Time) (saved Mapping, made bool, err error) {
	now = now.UTC().Truncate(time.Microsecond)
	mapping, err := toJSON(m.Mapping)
	if err != nil {
		return m, false, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		// The workspace is locked so that two cannot both be the last one.
		var n int
		if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM mappings WHERE workspace_id = w.id AND name <> $2
			AND header IS NULL)
			FROM workspaces w WHERE w.id = $1 FOR NO KEY UPDATE`, m.WorkspaceID, m.Name).Scan(&n); err != nil {
			return err
		}
		if n >= MaxMappings {
			return ErrTooMany
		}
		tag, err := tx.Exec(ctx, `INSERT INTO mappings (workspace_id, name, kind, mapping, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $5)
			ON CONFLICT (workspace_id, name) DO NOTHING`, m.WorkspaceID, m.Name, m.Kind, mapping, now)
		if err != nil {
			return err
		}
		if made = tag.RowsAffected() == 1; !made {
			if _, err := tx.Exec(ctx, `UPDATE mappings SET kind = $3, mapping = $4, updated_at = $5 WHERE workspace_id = $1
				AND name = $2 AND (kind, mapping) IS DISTINCT FROM ($3, $4::jsonb)`,
				m.WorkspaceID, m.Name, m.Kind, mapping, now); err != nil {
				return err
			}
		}
		saved, err = oneMapping(ctx, tx, m.WorkspaceID, m.Name)
		return err
	})
	return saved, made, err
}

func oneMapping(ctx context.Context, q queryer, workspace uuid.UUID, name string) (Mapping, error) {
	rows, err := q.Query(ctx, `SELECT `+mappingColumns+` FROM mappings WHERE workspace_id = $1 AND name = $2`,
		workspace, name)
	if err != nil {
		return Mapping{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanMapping)
}

// Mapping returns the mapping with the name.
func (s *Store) Mapping(ctx context.Context, workspace uuid.UUID, name string) (Mapping, error) {
	m, err := oneMapping(ctx, s.pool, workspace, name)
	return m, translate(err)
}

// RememberedMapping returns the mapping that is remembered for a header; nil without one.
func (s *Store) RememberedMapping(ctx context.Context, workspace uuid.UUID, kind importer.Kind,
	header string) (*Mapping, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+mappingColumns+` FROM mappings WHERE workspace_id = $1 AND kind = $2
		AND header = $3 AND $3 <> ''`, workspace, kind, header)
	if err != nil {
		return nil, translate(err)
	}
	found, err := pgx.CollectRows(rows, scanMapping)
	if err != nil || len(found) == 0 {
		return nil, translate(err)
	}
	return &found[0], nil
}

// rememberMapping remembers a mapping for files with its header, in place of an earlier one. Of too
// many the oldest is forgotten.
func rememberMapping(ctx context.Context, tx pgx.Tx, m Mapping, now time.Time) error {
	if m.Header == "" {
		return nil
	}
	mapping, err := toJSON(m.Mapping)
	if err != nil {
		return err
	}
	const shown = 12 // of the digest, enough to be unique
	if _, err := tx.Exec(ctx, `INSERT INTO mappings (workspace_id, name, kind, mapping, header, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (workspace_id, kind, header) WHERE header IS NOT NULL
		DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at`, m.WorkspaceID,
		"remembered "+string(m.Kind)+" "+m.Header[:shown], m.Kind, mapping, m.Header, now.UTC()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM mappings WHERE workspace_id = $1 AND name IN (SELECT name FROM mappings
		WHERE workspace_id = $1 AND header IS NOT NULL ORDER BY updated_at DESC, name OFFSET $2)`, m.WorkspaceID,
		MaxMappings)
	return err
}

// Mappings returns a page of a workspace's mappings by name; of a header those that are remembered
// for it, unless it is empty.
func (s *Store) Mappings(ctx context.Context, workspace uuid.UUID, header string, p Page) (Listed[Mapping], error) {
	const all = ` FROM mappings WHERE workspace_id = $1 AND $2 IN ('', header)`
	return list[Mapping]{read: `SELECT ` + mappingColumns + all, count: all,
		where: &conditions{args: []any{workspace, header}},
		by:    order{{"name", "text", false}}, scan: scanMapping,
		key: func(m Mapping) Cursor { return Cursor{m.Name} }}.page(ctx, s, p)
}

// DeleteMapping deletes the mapping with the name. Imports that used it have their own copy.
func (s *Store) DeleteMapping(ctx context.Context, workspace uuid.UUID, name string) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM mappings WHERE workspace_id = $1 AND name = $2`, workspace, name)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return translate(err)
}
