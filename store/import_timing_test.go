package store_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"taskport/store"
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

// BenchmarkCompareFile compares a file of 1,000,000 rows with earlier ones of the workspace: with
// one of other rows, and with one of the same. In a short run the files have 20,000 rows.
func BenchmarkCompareFile(b *testing.B) {
	chunks := 100
	if testing.Short() {
		chunks = 2
	}
	for name, salt := range map[string]string{"other": "other", "same": "own"} {
		b.Run(name, func(b *testing.B) {
			s, conn, workspace := newManyRows(b)
			earlier, own := uuid.New(), uuid.New()
			for id, salt := range map[uuid.UUID]string{earlier: salt, own: "own"} {
				for _, sql := range []string{
					`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at)
						VALUES ($1, $2, 'tasks', 'queued', $3, '{"format": "csv", "columns": ["title"]}',
						'{"on_duplicate": "skip"}', 10000 * $4::int, now())`,
					`INSERT INTO chunks (workspace_id, import_id, number, state, first_row, first_line, row_count, data, row_sums)
						SELECT $1, $2, n, 'pending', 1 + (n - 1) * 10000, 1, 10000, '',
						ARRAY(SELECT hashtextextended($3 || r, n) FROM generate_series(1, 10000) r) FROM generate_series(1, $4::int) n`,
				} {
					if _, err := conn.Exec(b.Context(), sql, workspace, id, salt, chunks); err != nil {
						b.Fatal(err)
					}
				}
			}
			if _, err := conn.Exec(b.Context(), `INSERT INTO row_samples (workspace_id, sum, import_id)
				SELECT DISTINCT $1::uuid, s, c.import_id FROM chunks c, unnest(c.row_sums) s WHERE c.workspace_id = $1
				AND s % 32 = 0`, workspace); err != nil {
				b.Fatal(err)
			}
			if _, err := conn.Exec(b.Context(), `ANALYZE`); err != nil {
				b.Fatal(err)
			}
			var same *store.SameFileError
			for b.Loop() {
				err := s.CompareFile(b.Context(), workspace, own)
				if errors.As(err, &same) != (salt == "own") || same == nil && err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
