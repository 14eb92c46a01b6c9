package store_test

import (
	"testing"

	"taskport/store"
)

// BenchmarkImportsWithSingles lists the imports of a workspace with a million ended singles, and
// the singles themselves, and reports what one takes in its table and the indexes. A short run has
// ten thousand.
func BenchmarkImportsWithSingles(b *testing.B) {
	s, conn, workspace := newManyRows(b)
	singles := 1_000_000
	if testing.Short() {
		singles = 10_000
	}
	for _, sql := range []string{
		`INSERT INTO singles (workspace_id, id, state, line, key_id, created_at, finished_at)
			SELECT $1, gen_random_uuid(), 'created', '', gen_random_uuid(), now(), now() FROM generate_series(1, $2::int)`,
		`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at,
			finished_at)
			SELECT $1, gen_random_uuid(), 'tasks', 'completed', 'a.csv', '{"format": "csv"}',
			'{"on_duplicate": "skip", "on_company_mismatch": "reject"}', 0, now(), now()
			FROM generate_series(1, $2::int / 1000 + 25)`,
	} {
		if _, err := conn.Exec(b.Context(), sql, workspace, singles); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := conn.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	var bytes float64
	if err := conn.QueryRow(b.Context(), `SELECT pg_total_relation_size('singles') / $1::float8`,
		singles).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]store.ImportFilter{"imports": {}, "singles": {Singles: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				all, err := s.Imports(b.Context(), workspace, f, store.Page{Number: 1, Size: 25, Total: true})
				if err != nil || len(all.Rows) != 25 {
					b.Fatal(len(all.Rows), err)
				}
			}
			b.ReportMetric(bytes, "bytes/single")
		})
	}
}
