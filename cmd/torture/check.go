package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// losses count rows that are not where they must be. misplaced also counts wrong answers and
// reports.
type losses struct{ lost, doubled, misplaced int }

func (l *losses) add(o losses) {
	l.lost += o.lost
	l.doubled += o.doubled
	l.misplaced += o.misplaced
}

// found is a row as the database has it.
type found struct {
	tasks, dead                                   int
	reason, title, contact, company, externalText string
}

// verdict compares an import with its file. Rows of chunks that are done must have a place, and the
// others must not.
type verdict struct {
	losses
	first string // what the first fault was
}

func (v *verdict) blame(count *int, n int, format string, args ...any) {
	if n <= 0 {
		return
	}
	*count += n
	if v.first == "" {
		v.first = fmt.Sprintf(format, args...)
	}
}

// check reads what the import of a file has left behind.
func (t *torture) check(ctx context.Context, f *file, id uuid.UUID, tag string, j job) (verdict, error) {
	var v verdict
	rows := make([]found, len(f.rows))
	done := make([]bool, len(f.rows))
	if err := t.readChunks(ctx, id, done, &v); err != nil {
		return v, err
	}
	if err := t.readTasks(ctx, f, id, rows, &v); err != nil {
		return v, err
	}
	if err := t.readDead(ctx, f, id, rows, &v); err != nil {
		return v, err
	}
	counts := map[place]int{}
	reasons := map[string]int{}
	for n := 1; n < len(rows); n++ {
		if !done[n] {
			v.blame(&v.misplaced, rows[n].tasks+rows[n].dead, "row %d has a place although its chunk is not done", n)
			continue
		}
		w := f.rows[n]
		counts[w.place]++
		if w.place == rejected {
			reasons[w.reason]++
		}
		v.row(n, w, rows[n], tag)
	}
	v.counts(j, len(f.rows)-1, counts, reasons)
	return v, nil
}

// row judges one row.
func (v *verdict) row(n int, w want, r found, tag string) {
	places := r.tasks + r.dead
	expected := 1
	if w.place == skipped || w.place == updated {
		expected = 0
	}
	v.blame(&v.doubled, places-max(expected, min(places, 1)), "row %d is in %d places", n, places)
	if places == 0 {
		v.blame(&v.lost, expected, "row %d, which must be %s, is nowhere", n, w.place)
		return
	}
	if (w.place == created) != (r.tasks > 0) || (w.place == rejected) != (r.dead > 0) {
		v.blame(&v.misplaced, 1, "row %d must be %s; there are %d tasks and %d dead letters (%s)", n, w.place, r.tasks,
			r.dead, r.reason)
		return
	}
	if w.place == rejected && r.reason != w.reason {
		v.blame(&v.misplaced, 1, "row %d is rejected as %s, not %s", n, r.reason, w.reason)
	}
	if w.place == created && (r.title != w.title || r.contact != w.contact || r.company != w.company ||
		r.externalText != withTag(w.external, tag)) {
		v.blame(&v.misplaced, 1, "row %d is %+v, not %+v", n, r, w)
	}
}

// counts compares the counts of the job.
func (v *verdict) counts(j job, total int, counts map[place]int, reasons map[string]int) {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	if j.Total != total || j.Processed != sum || j.Created != counts[created] || j.Updated != counts[updated] ||
		j.Skipped != counts[skipped] || j.Rejected != counts[rejected] {
		v.blame(&v.misplaced, 1, "the job counts %+v, not %d rows, %d of them done: %v", j, total, sum, counts)
	}
	for reason, n := range reasons {
		if j.ByReason[reason] != n {
			v.blame(&v.misplaced, 1, "the job counts %d times %s, not %d", j.ByReason[reason], reason, n)
		}
	}
}

// each runs a query and calls do for each row.
func (t *torture) each(ctx context.Context, sql string, args []any, into []any, do func()) error {
	rows, err := t.query(ctx, sql, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, func() error { do(); return nil })
	return err
}

func (t *torture) readChunks(ctx context.Context, id uuid.UUID, done []bool, v *verdict) error {
	var state string
	var first, rows, bytes int
	return t.each(ctx, `SELECT state, first_row, row_count, length(data) FROM chunks
		WHERE workspace_id = ANY ($2) AND import_id = $1`, []any{id, t.workspaces()},
		[]any{&state, &first, &rows, &bytes}, func() {
			if state != "done" {
				return
			}
			v.blame(&v.misplaced, min(bytes, 1), "the chunk at row %d is done and keeps its bytes", first)
			for n := first; n < first+rows && n < len(done); n++ {
				done[n] = true
			}
		})
}

func (t *torture) readTasks(ctx context.Context, f *file, id uuid.UUID, rows []found, v *verdict) error {
	var n int
	var r found
	var workspace uuid.UUID
	return t.each(ctx, `SELECT t.workspace_id, t.row_number, t.title, coalesce(p.external_id, ''),
		coalesce(k.external_id, ''), coalesce(t.external_id, '') FROM tasks t
		LEFT JOIN contacts p ON p.workspace_id = t.workspace_id AND p.id = t.contact_id LEFT JOIN companies k
		ON k.workspace_id = t.workspace_id AND k.id = t.company_id
		WHERE t.workspace_id = ANY ($2) AND t.import_id = $1`, []any{id, t.workspaces()},
		[]any{&workspace, &n, &r.title, &r.contact, &r.company, &r.externalText}, func() {
			if n < 1 || n >= len(rows) || workspace != t.sites[f.site].workspace {
				v.blame(&v.misplaced, 1, "a task is in row %d of workspace %s", n, workspace)
				return
			}
			r.tasks, r.dead, r.reason = rows[n].tasks+1, rows[n].dead, rows[n].reason
			rows[n] = r
		})
}

func (t *torture) readDead(ctx context.Context, f *file, id uuid.UUID, rows []found, v *verdict) error {
	var n int
	var reason string
	var workspace uuid.UUID
	return t.each(ctx, `SELECT workspace_id, row_number, reason FROM dead_letters WHERE workspace_id = ANY ($2)
		AND import_id = $1`, []any{id, t.workspaces()},
		[]any{&workspace, &n, &reason}, func() {
			if n < 1 || n >= len(rows) || workspace != t.sites[f.site].workspace {
				v.blame(&v.misplaced, 1, "a dead letter is in row %d of workspace %s", n, workspace)
				return
			}
			rows[n].dead++
			rows[n].reason = reason
		})
}
