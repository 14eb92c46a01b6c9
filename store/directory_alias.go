package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// Alias is a name that an operator has tied to a record.
type Alias struct {
	ID         uuid.UUID
	Kind       importer.Kind // contacts, companies, deals, events or users
	Name       string        // as the operator's file had it
	RecordID   uuid.UUID     // nil for a user whose tasks stay unassigned
	RecordName string
	Company    string // of the contact
	CreatedAt  time.Time
	After      string // for the next call of Aliases
}

const aliasColumns = `a.id, a.kind, a.name, a.record_id, coalesce(nullif(c.full_name, ''), c.email, b.name,
	d.title, v.title, nullif(u.name, ''), u.email, u.assignee_id, u.external_id, ''), coalesce(e.name, ''), a.created_at,
	a.kind || ':' || a.match_key`

const aliasesJoined = `
	FROM aliases a
	LEFT JOIN contacts c ON a.kind = 'contacts' AND c.workspace_id = a.workspace_id AND c.id = a.record_id
	LEFT JOIN companies b ON a.kind = 'companies' AND b.workspace_id = a.workspace_id AND b.id = a.record_id
	LEFT JOIN deals d ON a.kind = 'deals' AND d.workspace_id = a.workspace_id AND d.id = a.record_id
	LEFT JOIN events v ON a.kind = 'events' AND v.workspace_id = a.workspace_id AND v.id = a.record_id
	LEFT JOIN users u ON a.kind = 'users' AND u.workspace_id = a.workspace_id AND u.id = a.record_id
	LEFT JOIN companies e ON e.workspace_id = c.workspace_id AND e.id = c.company_id
	WHERE a.workspace_id = $1`

const readAliases = `SELECT ` + aliasColumns + aliasesJoined

func scanAlias(row pgx.CollectableRow) (Alias, error) {
	var a Alias
	err := row.Scan(&a.ID, &a.Kind, &a.Name, &a.RecordID, &a.RecordName, &a.Company, &a.CreatedAt, &a.After)
	a.CreatedAt = a.CreatedAt.UTC()
	return a, err
}

// Aliases lists a workspace's aliases by kind and name, at most limit: those that follow after,
// which is the After of an alias, or the first when it is empty. search selects those whose name or
// record contains it.
func (s *Store) Aliases(ctx context.Context, workspace uuid.UUID, search, after string, limit int) ([]Alias, error) {
	c := conditions{args: []any{workspace, limit}}
	if kind, key, ok := strings.Cut(after, ":"); ok {
		c.and(`(a.kind, a.match_key) > ($%d, $%d)`, kind, key)
	}
	if err := importer.CheckShort("search", search); err != nil {
		return nil, err
	}
	addAliasSearch(&c, search)
	rows, err := s.pool.Query(ctx, readAliases+c.sql.String()+` ORDER BY a.kind, a.match_key LIMIT $2`, c.args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanAlias)
	return all, translate(err)
}

// AliasPage returns a page of the aliases.
func (s *Store) AliasPage(ctx context.Context, workspace uuid.UUID, search string, p Page) (Listed[Alias], error) {
	if err := importer.CheckShort("search", search); err != nil {
		return Listed[Alias]{}, err
	}
	c := &conditions{args: []any{workspace}}
	addAliasSearch(c, search)
	return list[Alias]{read: `SELECT ` + aliasColumns + aliasesJoined, count: aliasesJoined, where: c,
		by: order{{"a.kind", "text", false}, {"a.match_key", "text", false}}, scan: scanAlias,
		key: func(a Alias) Cursor {
			kind, key, _ := strings.Cut(a.After, ":")
			return Cursor{kind, key}
		}}.page(ctx, s, p)
}

func addAliasSearch(c *conditions, search string) {
	if search != "" {
		c.and(`concat_ws(' ', a.name, a.match_key, c.full_name, c.email, b.name, d.title, v.title, u.name, u.email)
			ILIKE $%d`, containing(search))
	}
}

// KeepAlias makes a name mean a contact, a company or a user from now on, in place of an earlier
// record.
// Errors: ErrNotFound when the record is not in the workspace, an *importer.Fault when the name has
// no letter or digit to be compared by.
func (s *Store) KeepAlias(ctx context.Context, workspace uuid.UUID, kind importer.Kind, name string,
	record uuid.UUID, by Actor, idem *Idempotency) (kept Alias, err error) {
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		if err := keepAlias(ctx, tx, workspace, kind, name, record, by); err != nil {
			return err
		}
		if kept, err = oneAlias(ctx, tx, `a.kind = $2 AND a.match_key = $3`, workspace, kind,
			aliasKey(kind, name)); err != nil {
			return err
		}
		return idem.made(ctx, tx, aliasResource(kept.ID))
	})
	return kept, err
}

// Alias returns an alias by its id.
func (s *Store) Alias(ctx context.Context, workspace, id uuid.UUID) (Alias, error) {
	a, err := oneAlias(ctx, s.pool, `a.id = $2`, workspace, id)
	return a, translate(err)
}

func oneAlias(ctx context.Context, q queryer, which string, args ...any) (Alias, error) {
	rows, err := q.Query(ctx, readAliases+` AND `+which, args...)
	if err != nil {
		return Alias{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAlias)
}

func aliasKey(kind importer.Kind, name string) string {
	switch kind {
	case importer.Companies:
		return match.Key(match.Company, name)
	case importer.Deals, importer.Events:
		return match.TitleKey(name)
	case importer.Users:
		return importer.UserKey(name)
	case importer.Contacts, importer.Tasks:
	}
	return match.Key(match.Person, name)
}

func keepAlias(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, kind importer.Kind, name string,
	record uuid.UUID, by Actor) error {
	key := aliasKey(kind, name)
	if key == "" {
		return &importer.Fault{Reason: importer.InvalidValue, Field: "name",
			Message: fmt.Sprintf("%q has no letter or digit that a name could be compared by; it cannot be remembered",
				cut(name))}
	}
	if err := importer.CheckShort("name", name); err != nil {
		return err
	}
	if _, err := changeDirectory(ctx, tx, workspace); err != nil {
		return err
	}
	var before uuid.NullUUID
	err := tx.QueryRow(ctx, `SELECT record_id FROM aliases WHERE workspace_id = $1 AND kind = $2 AND match_key = $3`,
		workspace, kind, key).Scan(&before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO aliases (workspace_id, id, kind, match_key, record_id, created_at, name)
		SELECT $1, $6, $2, $3, id, now(), $5 FROM (SELECT id FROM `+directoryTable(kind)+` WHERE workspace_id = $1
			AND id = $4 AND active UNION ALL SELECT $4 WHERE $2 = 'users' AND $4 = `+noID+`) r
		ON CONFLICT (workspace_id, kind, match_key) DO UPDATE SET record_id = excluded.record_id,
		created_at = excluded.created_at, name = excluded.name`, workspace, kind, key, record, name, newID())
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return note(ctx, tx, newNote(workspace, ActionKeepAlias, by, uuid.Nil, &AuditDetail{Kind: string(kind), Name: name,
		RecordID: record, Before: before.UUID}))
}

// RemoveAlias deletes an alias, so that the name is resolved like any other. ErrNotFound without an
// alias of this id.
func (s *Store) RemoveAlias(ctx context.Context, workspace, id uuid.UUID, by Actor) error {
	return s.repeated(ctx, func(tx pgx.Tx) error {
		if _, err := changeDirectory(ctx, tx, workspace); err != nil {
			return err
		}
		d := AuditDetail{}
		err := tx.QueryRow(ctx, `DELETE FROM aliases WHERE workspace_id = $1 AND id = $2 RETURNING kind, name, record_id`,
			workspace, id).Scan(&d.Kind, &d.Name, &d.RecordID)
		if err != nil {
			return err
		}
		return note(ctx, tx, newNote(workspace, ActionRemoveAlias, by, uuid.Nil, &d))
	})
}
