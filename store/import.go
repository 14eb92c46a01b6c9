package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Status is the state of an import.
type Status string

// The states of an import; the first three are not final. A staged import is a file that is stored
// and not begun; Import and Imports leave it out.
const (
	Staged     Status = "staged"
	Queued     Status = "queued"
	Processing Status = "processing"
	Completed  Status = "completed"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
	Undone     Status = "undone"
)

// Statuses lists the states of imports that are begun.
func Statuses() []Status { return []Status{Queued, Processing, Completed, Failed, Cancelled, Undone} }

// Final reports whether an import in this state has ended.
func (s Status) Final() bool { return s != Staged && s != Queued && s != Processing }

// Import is an import; its counts are the sums over its chunks.
type Import struct {
	WorkspaceID uuid.UUID
	ID          uuid.UUID
	Kind        importer.Kind
	Status      Status
	FileName    string
	Layout      importer.Layout
	Options     importer.Options
	Planned     PlanState // of a dry run of tasks
	Error       string    // why it failed
	Total       int64
	Created     int64
	Updated     int64
	Skipped     int64
	Rejected    int64
	Dismissed   int64 // of the rejected rows
	Parked      int64 // rows of parked chunks; they have no outcome yet
	Undone      int64 // tasks that an undo removed
	Mirror      Mirror
	RetryID     uuid.UUID // the decision of its retries of rejected rows; nil without any
	ByReason    map[importer.Reason]int64
	Adjusted    importer.Adjusted
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
	PurgedAt    *time.Time   // when what the file held was removed
	LastDoneAt  *time.Time   // when a chunk of the file was last finished; corrections do not count
	Trace       RequestTrace // set by Stage and Claim
	Single      bool         // a task that the API accepted to create it later
	Receiving   bool         // a stream whose body has not ended
	EndedEarly  bool         // a stream whose body broke off after the rows that were acknowledged
}

// Processed returns the number of rows that have an outcome.
func (i Import) Processed() int64 { return i.Created + i.Updated + i.Skipped + i.Rejected }

// RowReader returns the reader of the import's rows: its layout with its mapping.
func (i Import) RowReader() (*importer.RowReader, error) {
	p, err := importer.NewRowReader(i.Kind, i.Layout, i.Options.Mapping)
	if err != nil {
		return nil, fmt.Errorf("mapping of import %s: %w", i.ID, err)
	}
	p.OnSeveral = i.Options.OnSeveral
	return p, nil
}

const importColumns = `i.workspace_id, i.id, i.kind, i.status, i.file_name, i.layout, i.options,
	coalesce(i.plan, ''), coalesce(i.error, ''), i.total_count, coalesce(c.created, 0), coalesce(c.updated, 0),
	coalesce(c.skipped, 0), coalesce(c.rejected, 0), coalesce(c.dismissed, 0), coalesce(c.parked, 0),
	coalesce(i.undone_count, 0), coalesce(c.reasons, '{}'), coalesce(c.adjusted, '{}'), i.created_at, i.started_at,
	i.finished_at, i.purged_at, c.last_done, i.single, coalesce(i.mirror, ''), coalesce(i.inactive_count, 0),
	coalesce(i.active_count, 0), i.open_until IS NOT NULL, i.ended_early, i.retry_id`

// importCounts sums the counts of an import's chunks; they are stored nowhere else.
const importCounts = `LEFT JOIN LATERAL (
	SELECT sum(created_count) AS created, sum(updated_count) AS updated, sum(skipped_count) AS skipped,
	sum(rejected_count) AS rejected,
		CASE WHEN i.dismisses THEN (SELECT count(*) FROM dead_letters d WHERE d.workspace_id = i.workspace_id
		AND d.import_id = i.id AND d.dismissed_at IS NOT NULL) END AS dismissed,
		sum(row_count) FILTER (WHERE state = 'parked') AS parked, max(done_at) FILTER (WHERE last_row IS NULL) AS last_done,
		(SELECT jsonb_object_agg(reason, n) FROM (SELECT r.key AS reason, sum(r.value::bigint) AS n
		FROM chunks k, jsonb_each_text(k.rejected_by_reason) r
			WHERE k.workspace_id = i.workspace_id AND k.import_id = i.id GROUP BY r.key HAVING sum(r.value::bigint) > 0)
			sums) AS reasons,
		(SELECT jsonb_object_agg(field, ways) FROM (SELECT field, jsonb_object_agg(how, jsonb_build_object('n', n,
			'first', first)) AS ways FROM (SELECT f.key AS field, w.key AS how, sum((w.value->>'n')::bigint) AS n,
				(array_agg(w.value->'first' ORDER BY k.number))[1] AS first
			FROM chunks k, jsonb_each(k.adjusted) f, jsonb_each(f.value) w
			WHERE k.workspace_id = i.workspace_id AND k.import_id = i.id AND k.adjusted <> '{}' GROUP BY f.key, w.key)
			each_way GROUP BY field) each_field) AS adjusted
	FROM chunks WHERE chunks.workspace_id = i.workspace_id AND chunks.import_id = i.id) c ON true`

// begun excludes staged files.
const begun = `i.status <> 'staged'`

func scanImport(row pgx.CollectableRow) (Import, error) {
	var i Import
	var retry uuid.NullUUID
	err := row.Scan(&i.WorkspaceID, &i.ID, &i.Kind, &i.Status, &i.FileName, &i.Layout, &i.Options, &i.Planned,
		&i.Error, &i.Total, &i.Created, &i.Updated, &i.Skipped, &i.Rejected, &i.Dismissed, &i.Parked, &i.Undone,
		&i.ByReason, &i.Adjusted, &i.CreatedAt, &i.StartedAt, &i.FinishedAt, &i.PurgedAt, &i.LastDoneAt, &i.Single,
		&i.Mirror.State,
		&i.Mirror.Inactive, &i.Mirror.Of, &i.Receiving, &i.EndedEarly, &retry)
	i.RetryID = retry.UUID
	i.CreatedAt, i.StartedAt, i.FinishedAt = i.CreatedAt.UTC(), inUTC(i.StartedAt), inUTC(i.FinishedAt)
	i.PurgedAt, i.LastDoneAt = inUTC(i.PurgedAt), inUTC(i.LastDoneAt)
	return i, err
}

func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// Import returns an import with its counts; a single too.
func (s *Store) Import(ctx context.Context, workspace, id uuid.UUID) (Import, error) {
	i, err := oneImport(ctx, s.pool, workspace, id)
	return i, translate(err)
}

func oneImport(ctx context.Context, q queryer, workspace, id uuid.UUID) (Import, error) {
	i, err := importRow(ctx, q, workspace, id)
	if errors.Is(err, pgx.ErrNoRows) {
		i, err = oneSingle(ctx, q, workspace, id)
	}
	if errors.Is(err, pgx.ErrNoRows) { // between the two looks a single may have become an import
		return importRow(ctx, q, workspace, id)
	}
	return i, err
}

// importRow returns a row of imports with its counts.
func importRow(ctx context.Context, q queryer, workspace, id uuid.UUID) (Import, error) {
	rows, err := q.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+` WHERE i.workspace_id = $1
		AND i.id = $2 AND `+begun, workspace, id)
	if err != nil {
		return Import{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanImport)
}

// listed excludes staged files and singles, which are listed apart.
const listed = begun + ` AND NOT i.single`

// ImportFilter selects imports; zero values select all but singles, which are listed apart.
type ImportFilter struct {
	Kind    importer.Kind
	Status  Status
	Singles bool // singles alone
}

// Imports returns a page of the imports of a workspace that match the filter, newest first.
func (s *Store) Imports(ctx context.Context, workspace uuid.UUID, f ImportFilter, p Page) (Listed[Import], error) {
	if f.Singles {
		return s.singles(ctx, workspace, f, p)
	}
	c := &conditions{args: []any{workspace}}
	if f.Kind != "" {
		c.and(`i.kind = $%d`, string(f.Kind))
	}
	if f.Status != "" {
		c.and(`i.status = $%d`, string(f.Status))
	}
	const which = ` WHERE i.workspace_id = $1 AND ` + listed
	return list[Import]{read: `SELECT ` + importColumns + ` FROM imports i ` + importCounts + which,
		count: `FROM imports i` + which, where: c, by: newestFirst("i.id"), scan: scanImport,
		key: keyOfImport}.page(ctx, s, p)
}

func keyOfImport(i Import) Cursor { return Cursor{i.ID.String()} }

func (s *Store) count(ctx context.Context, sql string, args ...any) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, sql, args...).Scan(&n)
	return n, translate(err)
}

// FinishImport ends an import without pending chunks: completed, or failed when chunks were parked.
// It reports whether it ended the import. It must run outside the transaction of a chunk: two last
// chunks would not see each other's end.
func (s *Store) FinishImport(ctx context.Context, workspace, id uuid.UUID) (bool, error) {
	var ended int
	err := s.pool.QueryRow(ctx, finishImports(`AND u.workspace_id = $1 AND u.id = $2`), workspace, id).Scan(&ended)
	return ended > 0, translate(err)
}

// fewestAnalyzed is the number of new rows of a table from which on it is analyzed.
const fewestAnalyzed = 2_000

// Analyze makes the planner know the dead letters and the records of an import that has just ended,
// where it has many: the database does so itself only within a minute, and until then looks each of
// them through for a single one.
func (s *Store) Analyze(ctx context.Context, workspace, id uuid.UUID, kind importer.Kind) error {
	var rejected, loaded int
	err := s.pool.QueryRow(ctx, `SELECT coalesce(sum(rejected_count), 0), coalesce(sum(created_count + updated_count), 0)
		FROM chunks WHERE workspace_id = $1 AND import_id = $2`, workspace, id).Scan(&rejected, &loaded)
	if err == nil && rejected >= fewestAnalyzed {
		_, err = s.pool.Exec(ctx, `SELECT analyze_rows('dead_letters')`)
	}
	if err == nil && loaded >= fewestAnalyzed && kind != importer.Tasks {
		_, err = s.pool.Exec(ctx, `SELECT analyze_rows($1)`, string(kind))
	}
	return translate(err)
}

// finishImports returns the statement that ends the unfinished imports u that match the filter and
// have neither a pending chunk nor a mirror that is due, writes the events of their ends, and
// returns their number. The rows that it reads may have changed by the time that it locks an
// import: the status shows a cancel in between, the round a retry.
func finishImports(filter string) string {
	return `WITH ended AS (UPDATE imports i SET finished_at = greatest(clock_timestamp(), i.created_at),
	status = CASE WHEN p.parked = 0 AND i.mirror_error IS NULL THEN 'completed' ELSE 'failed' END,
	error = CASE WHEN p.parked = 0 THEN i.mirror_error ELSE concat_ws('; ',
		CASE WHEN p.stuck > 0 THEN format('%s rows could not be processed: rows %s', p.stuck,
		array_to_string(p.stuck_rows[1:5], ', ') || CASE WHEN cardinality(p.stuck_rows) > 5 THEN ' and others' ELSE ''
		END) END,
		CASE WHEN p.corrections > 0 THEN 'dead letters could not be retried and stay as they were' END,
		'the counts cover the other rows; the log of the worker has the cause, and retry processes these rows again') END
	FROM (SELECT u.workspace_id, u.id, u.round, count(*) FILTER (WHERE c.state = 'parked') AS parked,
		sum(c.row_count) FILTER (WHERE c.state = 'parked') AS stuck, count(*) FILTER (WHERE c.state = 'parked'
		AND c.last_row IS NOT NULL) AS corrections,
		array_agg(c.first_row || ' to ' || c.first_row + c.row_count - 1
		ORDER BY c.number) FILTER (WHERE c.state = 'parked' AND c.last_row IS NULL) AS stuck_rows
		FROM imports u JOIN chunks c ON c.workspace_id = u.workspace_id AND c.import_id = u.id
		WHERE u.status IN ('queued', 'processing') AND u.open_until IS NULL ` + filter + `
			AND NOT EXISTS (SELECT FROM chunks w WHERE w.workspace_id = u.workspace_id AND w.import_id = u.id
			AND w.state = 'pending')
		GROUP BY u.workspace_id, u.id, u.round
		HAVING u.mirror IS DISTINCT FROM 'pending' AND u.retries IS DISTINCT FROM 'pending'
		OR count(*) FILTER (WHERE c.state = 'parked') > 0) p
	WHERE i.workspace_id = p.workspace_id AND i.id = p.id AND i.round = p.round AND i.open_until IS NULL
	AND i.status IN ('queued', 'processing') RETURNING i.*),
	` + endedImports + `, ` + announced + ` SELECT count(*) FROM ended`
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", v, err)
	}
	return string(b), nil
}

// ImportsBefore lists a workspace's imports that are older than one, newest first, at most so many;
// the nil id begins with the newest, an empty status means all.
func (s *Store) ImportsBefore(ctx context.Context, workspace uuid.UUID, status Status, before uuid.UUID,
	most int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+`
		WHERE i.workspace_id = $1 AND `+listed+` AND ($2 = '' OR i.status = $2) AND ($3::uuid IS NULL OR i.id < $3)
		ORDER BY i.id DESC LIMIT $4`, workspace, string(status), idOrNull(before), most)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	return all, translate(err)
}

// ImportsByStatus counts a workspace's imports by status.
func (s *Store) ImportsByStatus(ctx context.Context, workspace uuid.UUID) (map[Status]int, error) {
	rows, err := s.pool.Query(ctx, `SELECT status, count(*) FROM imports i WHERE workspace_id = $1 AND `+listed+`
		GROUP BY status`, workspace)
	if err != nil {
		return nil, translate(err)
	}
	counts := map[Status]int{}
	var status Status
	var n int
	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error { counts[status] = n; return nil })
	return counts, translate(err)
}

// ChangedTasks counts the tasks of an import that were changed since; an undo leaves them.
func (s *Store) ChangedTasks(ctx context.Context, workspace, importID uuid.UUID) (int, error) {
	return s.count(ctx, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2
		AND changed_at IS NOT NULL`, workspace, importID)
}

// MovingImports lists the unfinished imports of a workspace, and those that were begun since a
// time, newest first, at most so many.
func (s *Store) MovingImports(ctx context.Context, workspace uuid.UUID, since time.Time, most int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+`
		WHERE i.workspace_id = $1 AND `+listed+` AND (i.status IN ('queued', 'processing') OR i.created_at > $3)
		ORDER BY i.id DESC LIMIT $2`, workspace, most, since)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	return all, translate(err)
}

// CanTake reports whether the transition is allowed in the state that was read.
func (i Import) CanTake(t Transition) bool { return i.refuse(t) == nil }

// followPause is the time between two looks of Follow at the import.
const followPause = 400 * time.Millisecond

// Follow calls show with the import again and again, until it has ended or stopping is closed.
// moved reports whether anything has changed since the last call. It returns an error of show, of
// the context or of the database.
func (s *Store) Follow(ctx context.Context, workspace, id uuid.UUID, stopping <-chan struct{}, show func(i Import,
	moved bool) error) error {
	var last Import
	for {
		i, err := s.Import(ctx, workspace, id)
		if err != nil {
			return err
		}
		moved := i.Status != last.Status || i.Processed() != last.Processed() || i.Parked != last.Parked
		if err := show(i, moved); err != nil || i.Status.Final() {
			return err
		}
		last = i
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stopping:
			return nil
		case <-time.After(followPause):
		}
	}
}
