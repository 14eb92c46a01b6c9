package store

import (
	"context"
	"errors"
	"io/fs"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Columns returns the written columns by table.
func Columns() map[string][]string {
	return map[string][]string{
		"tasks": copiedColumns, "contacts": contactTable.copied(), "companies": companyTable.copied(),
		"deals": itemTable(importer.Deals).copied(), "events": itemTable(importer.Events).copied(),
		"users": userTable.copied(),
	}
}

// Copied writes a task as a chunk does, and reads it.
func (s *Store) Copied(ctx context.Context, workspace uuid.UUID, t importer.Task) (importer.Task, error) {
	return s.rolledBack(ctx, workspace, t, func(pgx.Tx) error { return nil })
}

// Updated writes a task, updates it, and reads it.
func (s *Store) Updated(ctx context.Context, workspace uuid.UUID, t, with importer.Task) (importer.Task, error) {
	with.ExternalID = t.ExternalID
	return s.rolledBack(ctx, workspace, t, func(tx pgx.Tx) error {
		return updateTasks(ctx, tx, workspace, uuid.Nil, []importer.Draft{{Task: with, StatusGiven: with.Status != ""}})
	})
}

func (s *Store) rolledBack(ctx context.Context, workspace uuid.UUID, t importer.Task, change func(pgx.Tx) error) (
	read importer.Task, err error,
) {
	t.ID = newID()
	done := errors.New("it is read")
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := insertTask(ctx, tx, workspace, &t); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if read, err = oneTask(ctx, tx, `id = $2`, workspace, t.ID); err != nil {
			return err
		}
		return done
	})
	if errors.Is(err, done) {
		err = nil
	}
	return read, err
}

// Inserted writes a single task, and reads it.
func (s *Store) Inserted(ctx context.Context, workspace uuid.UUID, t importer.Task) (importer.Task, error) {
	made := make([]*madeTask, 1)
	n := &NewTask{Workspace: workspace, Batch: &importer.Batch{Tasks: []importer.Draft{{Task: t}}}}
	if err := s.pool.QueryRow(ctx, `SELECT directory_version FROM workspaces WHERE id = $1`,
		workspace).Scan(&n.Seen); err != nil {
		return t, err
	}
	if err := s.createTogether(ctx, []*NewTask{n}, made); err != nil {
		return t, err
	}
	if made[0] == nil {
		return t, errors.New("it was not inserted")
	}
	return s.Task(ctx, workspace, made[0].task.ID)
}

// MigrateWith is Migrate of a later version with further migrations, by file name.
func (s *Store) MigrateWith(ctx context.Context, further map[string]string) (int, error) {
	return s.migrate(ctx, migrationsWith(further))
}

// CheckSchemaWith is CheckSchema of such a version.
func (s *Store) CheckSchemaWith(ctx context.Context, further map[string]string) error {
	return s.checkSchema(ctx, migrationsWith(further))
}

func migrationsWith(further map[string]string) fs.FS {
	all := fstest.MapFS{}
	for name, text := range MigrationTexts() {
		all["migrations/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range further {
		all["migrations/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// MigrationTexts returns the texts of the migrations by file name.
func MigrationTexts() map[string]string {
	texts := map[string]string{}
	files, _ := migrations.ReadDir("migrations")
	for _, f := range files {
		text, _ := migrations.ReadFile("migrations/" + f.Name())
		texts[f.Name()] = string(text)
	}
	return texts
}

// InTx runs fn in a transaction.
func (s *Store) InTx(ctx context.Context, fn func(pgx.Tx) error) error { return s.inTx(ctx, fn) }

// CompareFile compares the rows of an import with those of earlier ones, and takes that back.
func (s *Store) CompareFile(ctx context.Context, workspace, id uuid.UUID) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	return errors.Join(compareFile(ctx, tx, workspace, id), tx.Rollback(ctx))
}

// DeleteSome is deleteSome.
func DeleteSome(table, condition string, most int) string { return deleteSome(table, condition, most) }

// HoldersOnce is Holders of a resolver that remembers nothing: each key is looked up.
func (s *Store) HoldersOnce(ctx context.Context, workspace uuid.UUID, keys importer.Keys) (importer.Holders, error) {
	return holders(ctx, s.pool, workspace, keys)
}

// Remembering returns a resolver of chunks of the workspace, as Resolver does for a claim.
func (s *Store) Remembering(ctx context.Context, workspace uuid.UUID) (*Resolver, error) {
	return s.Resolver(ctx, &Claim{ChunkRef: ChunkRef{WorkspaceID: workspace}})
}

// ManyIDs and MaxRead are the bounds between which all records are read at once.
const ManyIDs, MaxRead = manyIDs, maxRead
