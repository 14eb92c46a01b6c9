package store_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/internal/embedded/testservices"
	"taskport/store"
	"taskport/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(testservices.Main(m)) }

// manyDeadLetters is an import of a million rows in a workspace of 100,000 contacts: 50,000 rows
// were rejected, for 5,000 names.
type manyDeadLetters struct {
	store               *store.Store
	conn                *pgx.Conn
	workspace, importID uuid.UUID
	contact             uuid.UUID
}

// newManyRows returns a store, a direct connection that a benchmark fills the tables with, and a
// workspace.
func newManyRows(b *testing.B) (*store.Store, *pgx.Conn, uuid.UUID) {
	b.Helper()
	url := storetest.URL(b)
	s, err := store.Open(b.Context(), url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	w, err := s.CreateWorkspace(b.Context(), "many", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	return s, conn, w.ID
}

func newManyDeadLetters(b *testing.B) *manyDeadLetters {
	b.Helper()
	s, conn, workspace := newManyRows(b)
	m := &manyDeadLetters{store: s, conn: conn, workspace: workspace, importID: uuid.New()}
	for _, sql := range []string{
		`INSERT INTO contacts (workspace_id, id, full_name, first_name, last_name, email, created_at)
			SELECT $1, gen_random_uuid(), 'First' || n % 1000 || ' Last' || n, 'First', 'Last', 'p' || n || '@example.com',
			now() FROM generate_series(1, 100000) n WHERE $2::uuid IS NOT NULL`,
		`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at,
			finished_at)
			VALUES ($1, $2, 'tasks', 'completed', 'many.csv', '{"format": "csv", "columns": ["title", "contact_name"]}',
			'{"on_duplicate": "skip", "on_company_mismatch": "reject"}', 1000000, now(), now())`,
		`INSERT INTO chunks (workspace_id, import_id, number, state, first_row, first_line, row_count, data,
			created_count, rejected_count, rejected_by_reason)
			SELECT $1, $2, n, 'done', 1 + (n - 1) * 5000, 1, 5000, '', 4750, 250, '{"unresolved_reference": 250}'
			FROM generate_series(1, 200) n`,
		`INSERT INTO dead_letters (workspace_id, import_id, row_number, line, reason, field, message, cells, subject,
			subject_key, company)
			SELECT $1, $2, n * 20, n * 20, 'unresolved_reference', 'contact_name',
			'no contact of this workspace matches; correct the name, add the contact, or set contact_id',
			'\x0443616c6c64'::bytea || convert_to(repeat('x', 100), 'UTF8'), 'Name ' || n % 5000, 'name ' || n % 5000, 'Acme'
			FROM generate_series(1, 50000) n`,
	} {
		m.exec(b, sql, m.workspace, m.importID)
	}
	m.exec(b, `ANALYZE`)
	if err := conn.QueryRow(b.Context(), `SELECT id FROM contacts LIMIT 1`).Scan(&m.contact); err != nil {
		b.Fatal(err)
	}
	return m
}

func (m *manyDeadLetters) exec(b *testing.B, sql string, args ...any) {
	b.Helper()
	if _, err := m.conn.Exec(b.Context(), sql, args...); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkConsole runs the queries of the console for an import with many dead letters.
func BenchmarkConsole(b *testing.B) {
	m := newManyDeadLetters(b)
	list := func(f store.DeadLetterFilter, after int) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			page, err := m.store.DeadLettersAfter(ctx, m.workspace, m.importID, f, after, 100)
			return len(page), err
		}
	}
	find := func(text string) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			found, err := m.store.SearchDirectory(ctx, m.workspace, importer.Contacts, text, 10)
			return len(found), err
		}
	}
	for _, c := range []struct {
		name string
		ask  func(context.Context) (int, error)
		want int
	}{
		{"first page", list(store.DeadLetterFilter{}, 0), 100},
		{"last page", list(store.DeadLetterFilter{}, 998_000), 100},
		{"by reason", list(store.DeadLetterFilter{Reason: importer.UnresolvedReference}, 500_000), 100},
		{"by name", list(store.DeadLetterFilter{Field: "contact_name", Name: "name 4711"}, 0), 10},
		{"by search", list(store.DeadLetterFilter{Search: "name 4711"}, 0), 10},
		{"groups", func(ctx context.Context) (int, error) {
			groups, _, err := m.store.DeadLetterGroupPage(ctx, m.workspace, m.importID, store.Page{Number: 1, Size: 30})
			return len(groups), err
		}, 30},
		{"directory, from the start", find("First77 Last1077"), 10},
		{"directory, in the middle", find("ast99999"), 1},
		{"directory, many", find("last"), 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if n, err := c.ask(b.Context()); err != nil || n != c.want {
					b.Fatalf("got %d and %v, want %d", n, err, c.want)
				}
			}
		})
	}
	b.Run("correct 50,000", func(b *testing.B) {
		for b.Loop() {
			d, err := m.store.CorrectAll(b.Context(), m.workspace, m.importID,
				store.Selector{Reason: importer.UnresolvedReference}, importer.Correction{ContactID: m.contact}, false,
				store.Actor{}, nil)
			if err != nil || d.Rows != 50_000 {
				b.Fatalf("%+v %v", d, err)
			}
			b.StopTimer()
			if _, err := m.store.Cancel(b.Context(), m.workspace, m.importID, store.Actor{}, nil); err != nil {
				b.Fatal(err)
			}
			m.exec(b, `UPDATE imports SET status = 'completed'`)
			b.StartTimer()
		}
	})
}

// lineCount counts the lines of a report, and its bytes.
type lineCount struct{ lines, bytes int }

func (c *lineCount) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	c.bytes += len(p)
	return len(p), nil
}

// BenchmarkReport writes the dead-letter report of an import with many dead letters.
func BenchmarkReport(b *testing.B) {
	m := newManyDeadLetters(b)
	i, err := m.store.Import(b.Context(), m.workspace, m.importID)
	if err != nil {
		b.Fatal(err)
	}
	for _, format := range []store.ReportFormat{store.ReportCSV, store.ReportWorkbook} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				write, err := m.store.Report(b.Context(), i, store.DeadLetterFilter{}, format)
				if err != nil {
					b.Fatal(err)
				}
				var out lineCount
				if err := write(&out); err != nil || out.bytes == 0 || format == store.ReportCSV && out.lines != 50_001 {
					b.Fatalf("%+v %v", out, err)
				}
				b.SetBytes(int64(out.bytes))
			}
			b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
