package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
)

// QueuedSingle returns the import that a waiting single is for its client.
func QueuedSingle(workspace, id uuid.UUID, o importer.Options, at time.Time) Import {
	i := Import{WorkspaceID: workspace, ID: id, Kind: importer.Tasks, Status: Queued, Options: o, Total: 1,
		ByReason: map[importer.Reason]int64{}, CreatedAt: at.UTC().Truncate(time.Microsecond), Single: true}
	i.Layout.Format = file.NDJSON
	return i
}

// singleColumns are the columns of a single that scanSingleImport reads.
const singleColumns = `workspace_id, id, state, coalesce(options, ''), created_at, finished_at`

func scanSingleImport(row pgx.CollectableRow) (Import, error) {
	var workspace, id uuid.UUID
	var state, options string
	var at time.Time
	var finished *time.Time
	if err := row.Scan(&workspace, &id, &state, &options, &at, &finished); err != nil {
		return Import{}, err
	}
	o, err := readOptions(options)
	i := QueuedSingle(workspace, id, o, at)
	if finished = inUTC(finished); finished != nil {
		i.Status, i.StartedAt, i.FinishedAt, i.LastDoneAt = Completed, finished, finished, finished
	}
	switch state {
	case singleCreated:
		i.Created = 1
	case singleUpdated:
		i.Updated = 1
	case singleSkipped:
		i.Skipped = 1
	}
	return i, err
}

// readOptions reads what optionsText returns.
func readOptions(text string) (importer.Options, error) {
	var o importer.Options
	if text != "" {
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			return o, fmt.Errorf("read the options of a single: %w", err)
		}
	}
	return o, o.Validate()
}

// ReadOptions returns the options of a single.
func (n *Single) ReadOptions() (importer.Options, error) { return readOptions(n.Options) }

// oneSingle returns the import of a single that has not become a row of imports.
func oneSingle(ctx context.Context, q queryer, workspace, id uuid.UUID) (Import, error) {
	rows, err := q.Query(ctx, `SELECT `+singleColumns+` FROM singles WHERE workspace_id = $1 AND id = $2`, workspace, id)
	if err != nil {
		return Import{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanSingleImport)
}

// singles is Imports for singles. Those that became rows of imports are among them.
func (s *Store) singles(ctx context.Context, workspace uuid.UUID, f ImportFilter, p Page) (Listed[Import], error) {
	out := Listed[Import]{}
	if f.Kind != "" && f.Kind != importer.Tasks {
		return out, nil
	}
	by := newestFirst("id")
	if err := by.check(p.After); err != nil {
		return out, err
	}
	const (
		singles = ` FROM singles WHERE workspace_id = $1 AND ($2 = '' OR $2 = CASE WHEN state = 'queued'
			THEN 'queued' ELSE 'completed' END)`
		imports = ` FROM imports WHERE workspace_id = $1 AND single AND ($2 = '' OR status = $2)`
		newest  = ` AND id < $4 ORDER BY id DESC LIMIT $3::bigint`
	)
	after, offset := uuid.Max, p.offset()
	if p.After != nil {
		after, offset = uuid.MustParse(p.After[0]), 0
	}
	rows, err := s.pool.Query(ctx, `SELECT id FROM ((SELECT id`+singles+newest+`)
		UNION ALL (SELECT id`+imports+newest+`)) n
		ORDER BY id DESC LIMIT $5 OFFSET $6`, workspace, string(f.Status), offset+p.Size+1, after, p.Size+1, offset)
	if err != nil {
		return out, translate(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return out, translate(err)
	}
	if len(ids) > p.Size {
		ids = ids[:p.Size]
		out.Next = Cursor{ids[p.Size-1].String()}
	}
	if out.Rows, err = s.singlesOf(ctx, workspace, ids); err != nil || !p.Total {
		return out, translate(err)
	}
	out.Total, err = s.count(ctx, `SELECT (SELECT count(*)`+singles+`) + (SELECT count(*)`+imports+`)`, workspace,
		string(f.Status))
	return out, err
}

// singlesOf returns singles in the order of their ids, newest first. One that was forgotten
// meanwhile is left out.
func (s *Store) singlesOf(ctx context.Context, workspace uuid.UUID, ids []uuid.UUID) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+singleColumns+` FROM singles WHERE workspace_id = $1 AND id = ANY ($2)`,
		workspace, ids)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanSingleImport)
	if err != nil {
		return nil, err
	}
	if rows, err = s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+`
		WHERE i.workspace_id = $1 AND i.id = ANY ($2)`, workspace, ids); err != nil {
		return nil, err
	}
	imports, err := pgx.CollectRows(rows, scanImport)
	all = append(all, imports...)
	slices.SortFunc(all, func(x, y Import) int { return bytes.Compare(y.ID[:], x.ID[:]) })
	return all, err
}

// EndedSingle is a single that becomes an import: rejected with a dead letter, or parked with the
// error of its last try.
type EndedSingle struct {
	Single
	Dead *importer.DeadLetter
	Err  string
}

// promote makes imports of singles that were removed, and ends these imports.
func promote(ctx context.Context, tx pgx.Tx, all []EndedSingle) error {
	if len(all) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	ids := make([]uuid.UUID, len(all))
	for n, e := range all {
		ids[n] = e.ID
		state, counts := ChunkParked, counts{}
		if e.Dead != nil {
			state = ChunkDone
		}
		if err := e.queueImport(batch, Processing, state, counts, e.Dead, e.Err); err != nil {
			return err
		}
	}
	batch.Queue(finishImports(`AND u.workspace_id = $1 AND u.id = ANY ($2)`), all[0].WorkspaceID, ids)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for _, e := range all {
		if e.Dead == nil {
			continue
		}
		_, _, cells, err := importer.SingleFile(e.Line)
		if err != nil {
			return err
		}
		d := *e.Dead
		d.Row, d.Line, d.Cells = 1, 1, cells
		if err := copyDeadLetters(ctx, tx, e.WorkspaceID, e.ID, []importer.DeadLetter{d}); err != nil {
			return err
		}
	}
	return nil
}

// queueImport adds the statements that make a row of imports, with one chunk, of a single.
func (n *Single) queueImport(batch *pgx.Batch, status Status, state ChunkState, c counts, dead *importer.DeadLetter,
	cause string) error {
	layout, chunk, err := n.file()
	if err != nil {
		return fmt.Errorf("make an import of single %s: %w", n.ID, err)
	}
	o, err := n.ReadOptions()
	if err != nil {
		return err
	}
	options, err := toJSON(o)
	if err != nil {
		return err
	}
	layoutJSON, err := toJSON(layout)
	if err != nil {
		return err
	}
	byReason, rejected := map[importer.Reason]int{}, 0
	if dead != nil {
		byReason[dead.Reason], rejected = 1, 1
	}
	reasons, err := toJSON(byReason)
	if err != nil {
		return err
	}
	var data []byte
	if state == ChunkPending || state == ChunkParked {
		data = pack(chunk.Data)
	}
	batch.Queue(`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at,
		started_at, finished_at, request_id, trace_parent, in_order, single, external_id)
		VALUES ($1, $2, 'tasks', $3, '', $4, $5, 1, $6, CASE WHEN $3 <> 'queued' THEN greatest(clock_timestamp(), $6) END,
		CASE WHEN $3 = 'completed' THEN greatest(clock_timestamp(), $6) END, nullif($7, ''), nullif($8, ''), $9, true,
		nullif($10, ''))`,
		n.WorkspaceID, n.ID, string(status), layoutJSON, options, n.CreatedAt, n.Trace.RequestID, n.Trace.TraceParent,
		o.OnDuplicate != importer.DuplicateSkip, n.externalID())
	batch.Queue(`INSERT INTO chunks (workspace_id, import_id, number, state, first_row, first_line, row_count, data,
		attempt, last_error, created_count, updated_count, skipped_count, rejected_count, rejected_by_reason, done_at)
		VALUES ($1, $2, 1, $3, 1, 1, 1, coalesce($4, ''::bytea), $5, nullif($6, ''), $7, $8, $9, $10, $11,
		CASE WHEN $3 = 'done' THEN clock_timestamp() END)`, n.WorkspaceID, n.ID, string(state), data, n.Tries, cause,
		c.created, c.updated, c.skipped, rejected, reasons)
	return nil
}

// externalID returns that of the task; empty without one, or once the single is ended.
func (n *Single) externalID() string {
	var task struct {
		ExternalID string `json:"external_id"`
	}
	_ = json.Unmarshal(n.Line, &task) // an unreadable line is at fault elsewhere
	return task.ExternalID
}

// file returns the layout and the chunk of the file that a single is. An ended single has no fields
// any more, and its file no columns but one.
func (n *Single) file() (importer.Layout, file.Chunk, error) {
	if len(n.Line) == 0 {
		ended := importer.Layout{Layout: file.Layout{Format: file.NDJSON, Columns: []string{"title"}}}
		return ended, file.Chunk{}, nil
	}
	layout, chunk, _, err := importer.SingleFile(n.Line)
	return layout, chunk, err
}

// FailSingle ends a try of a single that failed by itself: it is tried again after the delay, or
// parked after its last try. ErrFenced when the lane went to another claim.
func (s *Store) FailSingle(ctx context.Context, l *Lane, n Single, cause string, delay time.Duration, last bool) error {
	b := &LaneBatch{Lane: l, outcomes: singleOutcomes{singleParked}}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if !last {
			if err := fenceLanes(ctx, tx, []*LaneBatch{b}, false); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE singles SET tries = tries + 1, retry_at = now() + $3::interval
				WHERE workspace_id = $1 AND id = $2 AND state = 'queued'`, l.WorkspaceID, n.ID, delay)
			return err
		}
		b.Singles = []Single{n}
		if err := fenceLanes(ctx, tx, []*LaneBatch{b}, false); err != nil {
			return err
		}
		if err := endSingles(ctx, tx, []*LaneBatch{b}); err != nil {
			return err
		}
		return promote(ctx, tx, []EndedSingle{{Single: n, Err: cause}})
	})
}

// promoteOne makes a row of imports of a single, so that an operator can act on it. ErrNoRows when
// there is no such single.
func promoteOne(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	rows, err := tx.Query(ctx, `DELETE FROM singles WHERE workspace_id = $1 AND id = $2 RETURNING workspace_id, id, key_id,
		line, coalesce(options, ''), created_at, tries, coalesce(request_id, ''), coalesce(trace_parent, ''), state`,
		workspace, id)
	if err != nil {
		return err
	}
	var state string
	n, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Single, error) {
		var n Single
		err := row.Scan(&n.WorkspaceID, &n.ID, &n.KeyID, &n.Line, &n.Options, &n.CreatedAt, &n.Tries, &n.Trace.RequestID,
			&n.Trace.TraceParent, &state)
		return n, err
	})
	if err != nil {
		return err
	}
	status, chunk, c := Completed, ChunkDone, counts{}
	switch state {
	case singleQueued:
		status, chunk = Queued, ChunkPending
	case singleCreated:
		c.created = 1
	case singleUpdated:
		c.updated = 1
	case singleSkipped:
		c.skipped = 1
	}
	batch := &pgx.Batch{}
	if err := n.queueImport(batch, status, chunk, c, nil, ""); err != nil {
		return err
	}
	return tx.SendBatch(ctx, batch).Close()
}

// singleEvent is the data of EventTaskCreated of a single: its job, and the client's own reference.
type singleEvent struct {
	JobID      uuid.UUID     `json:"job_id"`
	ExternalID string        `json:"external_id,omitempty"`
	Tasks      []createdTask `json:"tasks"`
}

// singleEnded is the data of EventImportCompleted of a single.
type singleEnded struct {
	JobID      uuid.UUID     `json:"job_id"`
	ExternalID string        `json:"external_id,omitempty"`
	Kind       importer.Kind `json:"kind"`
	Status     Status        `json:"status"`
	DryRun     bool          `json:"dry_run"`
	FileName   string        `json:"file_name"`
	Total      int           `json:"total_count"`
	Created    int           `json:"created_count"`
	Updated    int           `json:"updated_count"`
	Skipped    int           `json:"skipped_count"`
	Rejected   int           `json:"rejected_count"`
	CreatedAt  time.Time     `json:"created_at"`
	FinishedAt time.Time     `json:"finished_at"`
}

// announceSingles writes the events of singles that stay singles.
func announceSingles(ctx context.Context, tx pgx.Tx, b *LaneBatch) error {
	now := time.Now().UTC()
	var types, data []string
	add := func(of EventType, v any) error {
		text, err := toJSON(v)
		types, data = append(types, string(of)), append(data, text)
		return err
	}
	external := make([]string, len(b.Singles))
	for _, drafts := range [][]importer.Draft{b.Batch.Tasks, b.Batch.Repeats} {
		for i := range drafts {
			external[drafts[i].Row-1] = drafts[i].ExternalID
		}
	}
	one := map[bool]int{true: 1}
	for n, state := range b.outcomes {
		if state == singleRejected {
			continue
		}
		id := b.Singles[n].ID
		if state == singleCreated {
			if err := add(EventTaskCreated, singleEvent{id, external[n],
				[]createdTask{{ID: TaskID(id, 1), Row: 1}}}); err != nil {
				return err
			}
		}
		if err := add(EventImportCompleted, singleEnded{JobID: id, ExternalID: external[n], Kind: importer.Tasks,
			Status: Completed, Total: 1, Created: one[state == singleCreated], Updated: one[state == singleUpdated],
			Skipped: one[state == singleSkipped], CreatedAt: b.Singles[n].CreatedAt, FinishedAt: now}); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, announce(`SELECT $1::uuid AS workspace_id, n.type, n.data
		FROM unnest($2::text[], $3::jsonb[]) AS n (type, data)`), b.Lane.WorkspaceID, types, data)
	return err
}

// SingleBacklog is what waits in a lane.
type SingleBacklog struct {
	Waiting int   // counted no further than the bound
	Ended   int64 // since the lane is there
}

// SingleBacklog counts the waiting singles of a workspace, no further than most.
func (s *Store) SingleBacklog(ctx context.Context, workspace uuid.UUID, most int) (SingleBacklog, error) {
	var b SingleBacklog
	err := s.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM (SELECT FROM singles WHERE workspace_id = $1
		AND state = 'queued' LIMIT $2) q), coalesce((SELECT ended_count FROM lanes WHERE workspace_id = $1), 0)`,
		workspace, most).Scan(&b.Waiting, &b.Ended)
	return b, translate(err)
}

// SingleDay are the singles of an API key that were accepted on a day.
type SingleDay struct {
	Day      time.Time
	KeyID    uuid.UUID
	KeyName  string // empty once the key is gone
	Waiting  int64
	Oldest   *time.Time // when the oldest waiting one was accepted
	Done     int64
	Rejected int64 // when they were worked on; some may be corrected since
	Parked   int64
}

// Accepted returns the number of singles that were accepted.
func (d SingleDay) Accepted() int64 { return d.Waiting + d.Done + d.Rejected + d.Parked }

// SingleDays returns the singles of a workspace by day and key, the latest day first, at most so
// many lines.
func (s *Store) SingleDays(ctx context.Context, workspace uuid.UUID, most int) ([]SingleDay, error) {
	rows, err := s.pool.Query(ctx, `SELECT day, key_id, coalesce(max(k.name), ''), sum(waiting)::bigint, min(oldest),
		sum(done_count)::bigint, sum(rejected_count)::bigint, sum(parked_count)::bigint
		FROM ((SELECT day, key_id, 0::bigint AS waiting, NULL::timestamptz AS oldest, done_count, rejected_count, parked_count
			FROM single_days WHERE workspace_id = $1 ORDER BY day DESC LIMIT $2)
			UNION ALL SELECT (created_at AT TIME ZONE 'UTC')::date, key_id, count(*), min(created_at), 0, 0, 0 FROM singles
			WHERE workspace_id = $1 AND state = 'queued' GROUP BY 1, 2) n
		LEFT JOIN api_keys k ON k.workspace_id = $1 AND k.id = n.key_id
		GROUP BY day, key_id ORDER BY day DESC, key_id LIMIT $2`, workspace, most)
	if err != nil {
		return nil, translate(err)
	}
	days, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SingleDay])
	return days, translate(err)
}

// DefaultRetainSingles is how long ended singles are kept.
const DefaultRetainSingles = 7 * 24 * time.Hour

// forgetSingles deletes some singles that ended longer ago than kept. One with an open dead letter
// stays.
func forgetSingles(kept time.Duration) func(context.Context, pgx.Tx) error {
	return func(ctx context.Context, tx pgx.Tx) error {
		if kept == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, deleteSome("singles", `r.created_at < now() - $1::interval
			AND r.finished_at < now() - $1::interval`, 5000), kept)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, deleteSome("imports", `r.single AND r.finished_at < now() - $1::interval AND NOT EXISTS
			(SELECT FROM dead_letters d WHERE d.workspace_id = r.workspace_id AND d.import_id = r.id)`, 500), kept)
		return err
	}
}
