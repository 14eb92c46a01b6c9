package store

import (
	"context"

	"github.com/pressly/goose/v3"
)

// MigrateTo does what Migrate does, up to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) (int, error) {
	return s.migrate(ctx, func(p *goose.Provider, ctx context.Context) ([]*goose.MigrationResult, error) {
		return p.UpTo(ctx, version)
	})
}

// MigrationTexts gives the texts of the migrations by the names of their files.
func MigrationTexts() map[string]string {
	texts := map[string]string{}
	files, _ := migrations.ReadDir("migrations")
	for _, f := range files {
		text, _ := migrations.ReadFile("migrations/" + f.Name())
		texts[f.Name()] = string(text)
	}
	return texts
}
