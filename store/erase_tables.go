package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// textTable is a table with texts in which a person may be named.
type textTable struct {
	name    string
	columns []textColumn
}

type textColumn struct {
	name, kind string // kind: text, json, jsonb or bytea
	unique     bool
}

// as returns the column as text, for LIKE.
func (c textColumn) as() string {
	switch c.kind {
	case "bytea":
		return `encode(` + c.name + `, 'escape')`
	case "json", "jsonb":
		return c.name + `::text`
	}
	return c.name
}

// Tables whose texts are not searched: they are those of contacts, which are blanked as a whole, of
// companies, users and operators, or addresses that have to work. Of the columns with bytes, only
// these hold text.
var (
	unsearched = []string{"contacts", "companies", "users", "api_keys", "webhooks"}
	withBytes  = []string{"dead_letters.cells", "skipped_rows.cells", "decided_rows.cells", "idempotency_keys.body",
		"singles.line"}
)

// textTables lists the tables of workspaces with texts, as the database has them, so that a column
// of a later migration is among them.
func (s *Store) textTables(ctx context.Context) ([]*textTable, error) {
	rows, err := s.pool.Query(ctx, `SELECT table_name::text, column_name::text, data_type::text,
		EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indisunique AND i.indrelid = quote_ident(table_name)::regclass AND a.attname = column_name)
		FROM information_schema.columns c WHERE table_schema = current_schema()
		AND data_type IN ('text', 'json', 'jsonb', 'bytea')
		AND EXISTS (SELECT FROM information_schema.columns w WHERE w.table_schema = c.table_schema
		AND w.table_name = c.table_name AND w.column_name = 'workspace_id') ORDER BY table_name, ordinal_position`)
	if err != nil {
		return nil, err
	}
	var all []*textTable
	var table string
	var c textColumn
	_, err = pgx.ForEachRow(rows, []any{&table, &c.name, &c.kind, &c.unique}, func() error {
		if slices.Contains(unsearched, table) || c.kind == "bytea" && !slices.Contains(withBytes, table+"."+c.name) {
			return nil
		}
		if len(all) == 0 || all[len(all)-1].name != table {
			all = append(all, &textTable{name: table})
		}
		last := all[len(all)-1]
		last.columns = append(last.columns, c)
		return nil
	})
	return all, err
}

// blanked is a row without the person, and the values that have changed.
type blanked struct {
	at     string // its ctid: a row that was written meanwhile is found by the next pass
	values map[string]any
}

// erase blanks the person in the rows of a workspace, and returns their number.
func (t *textTable) erase(ctx context.Context, s *Store, workspace uuid.UUID, r *redactor, dryRun bool) (int, error) {
	found, err := t.find(ctx, s, workspace, r)
	if err != nil || dryRun || len(found) == 0 {
		return len(found), err
	}
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		for _, row := range found {
			set, args := []string{}, []any{workspace, row.at}
			for name, value := range row.values {
				args = append(args, value)
				set = append(set, fmt.Sprintf("%s = $%d", name, len(args)))
			}
			if _, err := tx.Exec(ctx, `UPDATE `+t.name+` SET `+strings.Join(set, ", ")+` WHERE workspace_id = $1
				AND ctid = $2::text::tid`, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return len(found), err
}

// find returns the rows that name the person.
func (t *textTable) find(ctx context.Context, s *Store, workspace uuid.UUID, r *redactor) ([]blanked, error) {
	selected, which, args := []string{"ctid::text"}, []string{}, []any{workspace}
	likes := slices.Clone(r.likes)
	for _, id := range r.ids {
		likes = append(likes, containing(id.String()))
	}
	for _, like := range likes {
		args = append(args, like)
		for _, c := range t.columns {
			which = append(which, fmt.Sprintf("%s ILIKE $%d", c.as(), len(args)))
		}
	}
	if len(which) == 0 {
		return nil, nil
	}
	for _, c := range t.columns {
		if c.kind == "bytea" {
			selected = append(selected, c.name)
		} else {
			selected = append(selected, `convert_to(`+c.as()+`, 'UTF8')`)
		}
	}
	rows, err := s.pool.Query(ctx, `SELECT `+strings.Join(selected, ", ")+` FROM `+t.name+` WHERE workspace_id = $1
		AND (`+strings.Join(which, " OR ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	var found []blanked
	row := blanked{}
	texts := make([][]byte, len(t.columns))
	into := []any{&row.at}
	for i := range texts {
		into = append(into, &texts[i])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		values, err := t.without(r, texts)
		if len(values) > 0 {
			found = append(found, blanked{row.at, values})
		}
		return err
	})
	return found, err
}

// without returns the values of a row that change without the person.
func (t *textTable) without(r *redactor, texts [][]byte) (map[string]any, error) {
	values := map[string]any{}
	for i, c := range t.columns {
		if texts[i] == nil {
			continue
		}
		switch {
		case c.name == "cells":
			cells, changed, whole, err := r.cells(texts[i])
			if err != nil {
				return nil, err
			}
			if whole && t.name == "skipped_rows" {
				return map[string]any{"cells": cells, "external_id": nil}, nil
			}
			if whole { // all that is known of the row is about the person
				return map[string]any{"cells": cells, "message": "the row was erased with the person that it named",
					"remedy": nil, "subject": nil, "subject_key": nil, "company": nil, "candidates": nil, "details": nil,
					"searched": ""}, nil
			}
			if changed {
				values[c.name] = cells
			}
		case c.kind == "json", c.kind == "jsonb":
			text, changed, err := r.json(string(texts[i]))
			if err != nil {
				return nil, err
			}
			if changed {
				values[c.name] = text
			}
		default:
			text, changed := r.text(string(texts[i]))
			if c.kind == "bytea" { // an answer or a task that waits, usually of JSON
				if as, is, err := r.json(string(texts[i])); err == nil {
					text, changed = as, is
				}
			}
			switch {
			case !changed:
			case c.kind == "bytea":
				values[c.name] = []byte(text)
			case c.unique:
				values[c.name] = erased + " " + newID().String()
			default:
				values[c.name] = text
			}
		}
	}
	if values["subject"] != nil {
		values["subject_key"] = erased
	}
	return values, nil
}

// leftOf adds what is not touched: bytes of files that are not worked off, or are kept for a plan
// or a retry, and companies that are called like the person.
func (s *Store) leftOf(ctx context.Context, workspace uuid.UUID, r *redactor, found *Erasure) error {
	rows, err := s.pool.Query(ctx, `SELECT i.id, i.status, c.data FROM imports i JOIN chunks c
		ON c.workspace_id = i.workspace_id AND c.import_id = i.id WHERE i.workspace_id = $1 AND octet_length(c.data) > 0
		ORDER BY i.id`, workspace)
	if err != nil {
		return err
	}
	var id, last uuid.UUID
	var status Status
	var data []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &status, &data}, func() error {
		if id == last {
			return nil
		}
		text, err := unpack(data)
		if err != nil {
			return err
		}
		if _, named := r.text(string(text)); named {
			last = id
			found.Left = append(found.Left, fmt.Sprintf("import %s (%s) still has its file, which names the person: "+
				"let it end or cancel it, delete it by DELETE /v1/import/jobs/%s, and erase again", id, status, id))
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = s.pool.Query(ctx, `SELECT name FROM companies WHERE workspace_id = $1 AND name ILIKE ANY ($2)`,
		workspace, r.likes)
	if err != nil {
		return err
	}
	var name string
	_, err = pgx.ForEachRow(rows, []any{&name}, func() error {
		if _, named := r.text(name); named {
			found.Left = append(found.Left, fmt.Sprintf("the company %q is called like the person", name))
		}
		return nil
	})
	return err
}
