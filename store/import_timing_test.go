package store_test

import (
	"testing"

	"github.com/google/uuid"
)

// BenchmarkFinishImport runs FinishImport, as after each chunk, for an unfinished import of ten
// million rows.
func BenchmarkFinishImport(b *testing.B) {
	s, conn, workspace := newManyRows(b)
	id := uuid.New()
	for _, sql := range []string{
		`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at)
			VALUES ($1, $2, 'tasks', 'processing', 'many.csv', '{"format": "csv", "columns": ["title", "contact_name"]}',
			'{"on_duplicate": "skip", "on_company_mismatch": "reject"}', 10000000, now())`,
		`INSERT INTO chunks (workspace_id, import_id, number, state, first_row, first_line, row_count, data,
			created_count, rejected_count, rejected_by_reason)
			SELECT $1, $2, n, CASE WHEN n < 1500 THEN 'done' ELSE 'pending' END, 1 + (n - 1) * 5000, 1, 5000, '',
			CASE WHEN n < 1500 THEN 4750 ELSE 0 END, CASE WHEN n < 1500 THEN 250 ELSE 0 END, '{"unresolved_reference": 250}'
			FROM generate_series(1, 2000) n`,
	} {
		if _, err := conn.Exec(b.Context(), sql, workspace, id); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := conn.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ended, err := s.FinishImport(b.Context(), workspace, id); err != nil || ended {
			b.Fatal(ended, err)
		}
	}
}
