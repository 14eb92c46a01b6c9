package store

import (
	"context"
	"io/fs"
	"testing/fstest"
)

// MigrateWith does what Migrate of a later version does, which has further migrations by the names of their files.
func (s *Store) MigrateWith(ctx context.Context, further map[string]string) (int, error) {
	return s.migrate(ctx, migrationsWith(further))
}

// CheckSchemaWith does what CheckSchema of that version does.
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

// MigrationTexts returns the texts of the migrations by the names of their files.
func MigrationTexts() map[string]string {
	texts := map[string]string{}
	files, _ := migrations.ReadDir("migrations")
	for _, f := range files {
		text, _ := migrations.ReadFile("migrations/" + f.Name())
		texts[f.Name()] = string(text)
	}
	return texts
}
