package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"taskport/store"
)

// withStore runs an administration command on the database: the configured one, or the embedded one
// of `taskport up`.
func withStore(ctx context.Context, env *environment, s services, do func(*store.Store) error) (err error) {
	s.embedded = true
	in, err := s.open(ctx, func(text string) { env.note("%s", text) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if s.databaseURL == "" {
		if _, err := in.store.Migrate(ctx); err != nil {
			return err
		}
	} else if err := in.store.CheckSchema(ctx); err != nil {
		return err
	}
	env.note("database: %s", in.database)
	return do(in.store)
}

// adminFlags say where the database is.
func adminFlags(cmd *cobra.Command, env *environment, s *services) {
	env.stringFlag(cmd, &s.databaseURL, "database-url", "DATABASE_URL", "", "address of Postgres")
	env.stringFlag(cmd, &s.dataDir, "data-dir", "TASKPORT_DATA_DIR", "", "where an embedded Postgres keeps its data")
}

func newMigrateCommand(env *environment) *cobra.Command {
	var s services
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the database's schema up to date",
		Example: "  taskport migrate --database-url postgres://owner@db/taskport", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s.embedded = true
			in, err := s.open(cmd.Context(), func(text string) { env.note("%s", text) })
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, in.close()) }()
			n, err := in.store.Migrate(cmd.Context())
			if err == nil {
				env.note("migrations applied: %d; the schema is up to date", n)
			}
			return err
		}}
	adminFlags(cmd, env, &s)
	return cmd
}

// writeJSON writes a result in the envelope of the API.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"data": v})
}

// writeTable writes rows under a header, in columns.
func writeTable(w io.Writer, rows [][]string) error {
	const gap = 2
	tw := tabwriter.NewWriter(w, 0, 0, gap, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				_, _ = fmt.Fprint(tw, "\t") // Flush returns the error
			}
			_, _ = fmt.Fprint(tw, oneLine(cell))
		}
		_, _ = fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// explain turns an error of the store into one with a remedy.
func explain(err error, what, name string) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("no %s %q was found", what, name)
	case errors.Is(err, store.ErrExists):
		return fmt.Errorf("the %s %q already exists; choose another name", what, name)
	}
	return err
}
