package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"taskport/importer"
	"taskport/internal/failpoint"
)

// NewSingle is a task that is accepted now and created later: an import of one row, with a job of
// its own.
type NewSingle struct {
	WorkspaceID, KeyID uuid.UUID
	Line               []byte // see importer.TaskLine
	Options            importer.Options
	CreatedAt          time.Time
	Idempotency        *Idempotency // nil without an Idempotency-Key
	Trace              RequestTrace
}

// LaneRef names the waiting singles of a workspace; only this travels through the queue. Enqueue
// counts how often the lane was enqueued.
type LaneRef struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	Enqueue     int64     `json:"enqueue"`
}

// WakeAfter is how long a lane that was enqueued may wait for a claim before that is repeated.
const WakeAfter = 5 * time.Second

// laneLock is the advisory lock of a workspace's lane. Who adds singles shares it; who ends a claim
// has it alone, and so sees all singles that were added while the lane was claimed.
func laneLock(workspace uuid.UUID) string { return "singles " + workspace.String() }

// AcceptSingles stores singles in one transaction. It returns their imports, and the lanes that the
// caller must enqueue; if the caller crashes before, the sweeper does. The import of a single whose
// Idempotency-Key another request has taken is the zero value. After an error nothing was stored.
func (s *Store) AcceptSingles(ctx context.Context, all []*NewSingle) ([]Import, []LaneRef, error) {
	rows, err := newSingleArrays(all)
	if err != nil {
		return nil, nil, err
	}
	together := &pgx.Batch{}
	workspaces := sortedIDs(rows.workspaces)
	for _, w := range workspaces {
		together.Queue(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, laneLock(w))
	}
	if rows.withKeys {
		together.Queue(`SELECT FROM idempotency_keys WHERE (workspace_id, key) IN (SELECT *
			FROM unnest($1::uuid[], $2::text[])) ORDER BY workspace_id, key FOR UPDATE`, rows.workspace, rows.key)
	}
	stored := map[uuid.UUID]bool{}
	together.Queue(`INSERT INTO singles (workspace_id, id, line, options, key_id, request_id, trace_parent, created_at)
		SELECT n.workspace_id, n.id, n.line, nullif(n.options, ''), n.key_id, nullif(n.request_id, ''),
		nullif(n.trace_parent, ''), n.created_at
		FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[],
		$9::text[], $10::uuid[]) AS n (workspace_id, id, line, options, key_id, request_id, trace_parent, created_at, key,
		owner)
		WHERE n.key IS NULL OR EXISTS (SELECT FROM idempotency_keys k WHERE k.workspace_id = n.workspace_id
		AND k.key = n.key AND k.owner = n.owner) RETURNING id`, rows.workspace, rows.id, rows.line, rows.options, rows.by,
		rows.request, rows.trace, rows.at, rows.key, rows.owner).Query(func(answer pgx.Rows) error {
		var id uuid.UUID
		_, err := pgx.ForEachRow(answer, []any{&id}, func() error { stored[id] = true; return nil })
		return err
	})
	if rows.withKeys {
		together.Queue(`UPDATE idempotency_keys k SET resource = '`+importPrefix+`' || n.id, fingerprint = n.fingerprint
			FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[]) AS n (workspace_id, key, id, fingerprint)
			WHERE k.workspace_id = n.workspace_id AND k.key = n.key AND n.id = ANY (SELECT id FROM singles WHERE
			workspace_id = n.workspace_id AND id = n.id)`, rows.workspace, rows.key, rows.id, rows.fingerprint)
	}
	var due []LaneRef
	together.Queue(`INSERT INTO lanes (workspace_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING`, workspaces)
	together.Queue(dueLanes(over("enqueue_after"), `AND workspace_id = ANY ($2)`), WakeAfter, workspaces).
		Query(func(answer pgx.Rows) error {
			due, err = pgx.CollectRows(answer, pgx.RowToStructByPos[LaneRef])
			return err
		})
	if err := s.pool.SendBatch(ctx, together).Close(); err != nil {
		return nil, nil, translate(err)
	}
	made := make([]Import, len(all))
	for n := range all {
		if stored[rows.imports[n].ID] {
			made[n] = rows.imports[n]
			if all[n].Idempotency != nil {
				all[n].Idempotency.Made = true
			}
		}
	}
	return made, due, nil
}

// dueLanes returns the statement that selects the free lanes to be enqueued now, and notes that
// they are. Its parameter $1 is WakeAfter. A lane that another transaction holds is left to it.
func dueLanes(waited, filter string) string {
	return `WITH due AS (SELECT workspace_id FROM lanes l WHERE ` + over("lease_until") + ` AND ` + waited + ` ` +
		filter + `
			ORDER BY workspace_id FOR UPDATE SKIP LOCKED)
		UPDATE lanes l SET enqueues = enqueues + 1, enqueue_after = now() + $1::interval FROM due
		WHERE l.workspace_id = due.workspace_id RETURNING l.workspace_id, l.enqueues`
}

// DueLanes returns the lanes with waiting singles that are to be enqueued now, of all workspaces.
// emptied means that the queue has lost its content, so that lanes do not wait for a claim.
func (s *Store) DueLanes(ctx context.Context, emptied bool) ([]LaneRef, error) {
	waited := over("enqueue_after")
	if emptied {
		waited = "true"
	}
	rows, err := s.pool.Query(ctx, dueLanes(waited, `AND EXISTS (SELECT FROM singles q WHERE
		q.workspace_id = l.workspace_id AND q.state = 'queued' AND (q.retry_at IS NULL OR `+over("q.retry_at")+`))`),
		WakeAfter)
	if err != nil {
		return nil, translate(err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LaneRef])
	return due, translate(err)
}

// singleArrays are singles column by column, in types that pgx encodes without reflection.
type singleArrays struct {
	imports                  []Import
	workspaces               []uuid.UUID
	workspace, id, by, owner pgtype.FlatArray[pgtype.UUID]
	line                     [][]byte
	options, request, trace  []string
	at                       []time.Time
	key                      []*string
	fingerprint              [][]byte
	withKeys                 bool
}

func newSingleArrays(all []*NewSingle) (*singleArrays, error) {
	a := &singleArrays{}
	for _, n := range all {
		options, err := optionsText(n.Options)
		if err != nil {
			return nil, err
		}
		i := singleImport(n.WorkspaceID, newID(), n.Options, n.CreatedAt)
		a.imports, a.workspaces = append(a.imports, i), append(a.workspaces, n.WorkspaceID)
		a.workspace, a.id, a.by = append(a.workspace, idOrNull(n.WorkspaceID)), append(a.id, idOrNull(i.ID)),
			append(a.by, pgtype.UUID{Bytes: n.KeyID, Valid: true})
		a.line, a.options, a.at = append(a.line, n.Line), append(a.options, options), append(a.at, n.CreatedAt)
		a.request, a.trace = append(a.request, n.Trace.RequestID), append(a.trace, n.Trace.TraceParent)
		var key *string
		var owner pgtype.UUID
		var fingerprint []byte
		if idem := n.Idempotency; idem != nil {
			a.withKeys = true
			key, owner, fingerprint = &idem.Key, idOrNull(idem.Owner), idem.Fingerprint()
		}
		a.key, a.owner, a.fingerprint = append(a.key, key), append(a.owner, owner), append(a.fingerprint, fingerprint)
	}
	return a, nil
}

// optionsText returns the options as JSON; empty for the defaults.
func optionsText(o importer.Options) (string, error) {
	var defaults importer.Options
	if err := defaults.Validate(); err != nil {
		return "", err
	}
	text, err := toJSON(o)
	if err != nil {
		return "", err
	}
	if usual, err := toJSON(defaults); err != nil || text == usual {
		return "", err
	}
	return text, nil
}

// Lane is the claim of a workspace's waiting singles, until the lease ends or another claim
// follows.
type Lane struct {
	LaneRef
	Attempt int64 // the fence; it never repeats
	Tries   int   // how often the lane was claimed since singles were last ended
}

// Single is a waiting single.
type Single struct {
	WorkspaceID uuid.UUID
	ID          uuid.UUID
	KeyID       uuid.UUID
	Line        []byte
	Options     string // as JSON; empty for the defaults
	CreatedAt   time.Time
	Tries       int // how often it failed by itself
	Trace       RequestTrace
}

// ClaimLane claims a lane whose lease has lapsed, for the length of lease; nil when another worker
// has it.
func (s *Store) ClaimLane(ctx context.Context, ref LaneRef, lease time.Duration) (*Lane, error) {
	l := &Lane{LaneRef: ref}
	err := s.pool.QueryRow(ctx, `UPDATE lanes SET attempt = attempt + 1, tries = tries + 1,
		lease_until = now() + $2::interval, enqueue_after = '-infinity' WHERE workspace_id = $1 AND `+over("lease_until")+`
		RETURNING attempt, tries`, ref.WorkspaceID, lease).Scan(&l.Attempt, &l.Tries)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // it is the documented answer
	}
	return l, translate(err)
}

// WaitingSingles returns the oldest singles that can be worked on, at most so many, and no more
// after so many bytes.
func (s *Store) WaitingSingles(ctx context.Context, l *Lane, most, bytes int) ([]Single, error) {
	rows, err := s.pool.Query(ctx, `SELECT workspace_id, id, key_id, line, coalesce(options, ''), created_at, tries,
		coalesce(request_id, ''), coalesce(trace_parent, '')
		FROM (SELECT *, sum(octet_length(line)) OVER (ORDER BY id) - octet_length(line) AS before FROM (
			SELECT * FROM singles WHERE workspace_id = $1 AND state = 'queued' AND (retry_at IS NULL OR `+over("retry_at")+`)
			ORDER BY id LIMIT $2) q) s WHERE before < $3 ORDER BY id`, l.WorkspaceID, most, bytes)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanSingle)
	return all, translate(err)
}

func scanSingle(row pgx.CollectableRow) (Single, error) {
	var n Single
	err := row.Scan(&n.WorkspaceID, &n.ID, &n.KeyID, &n.Line, &n.Options, &n.CreatedAt, &n.Tries, &n.Trace.RequestID,
		&n.Trace.TraceParent)
	n.CreatedAt = n.CreatedAt.UTC()
	return n, err
}

// RenewLane extends the lease of a lane; ErrFenced when the claim has ended.
func (s *Store) RenewLane(ctx context.Context, l *Lane, lease time.Duration) error {
	return s.onLane(ctx, l, `UPDATE lanes SET lease_until = now() + $3::interval`, lease)
}

// ReturnLane ends the claim before all its singles are ended; the lane is enqueued again after the
// delay. With counted, the claim counts as a try.
func (s *Store) ReturnLane(ctx context.Context, l *Lane, delay time.Duration, counted bool) error {
	uncounted := 1
	if counted {
		uncounted = 0
	}
	return s.onLane(ctx, l, `UPDATE lanes SET lease_until = now() + $3::interval, enqueue_after = now() + $3::interval,
		tries = greatest(0, tries - $4::int)`, delay, uncounted)
}

// YieldLane ends the claim so that other lanes have a turn. The caller enqueues the lane again.
func (s *Store) YieldLane(ctx context.Context, l *Lane) (LaneRef, error) {
	ref := l.LaneRef
	err := s.pool.QueryRow(ctx, `UPDATE lanes SET lease_until = '-infinity', tries = 0, enqueues = enqueues + 1,
		enqueue_after = now() + $3::interval WHERE workspace_id = $1 AND attempt = $2 RETURNING enqueues`,
		l.WorkspaceID, l.Attempt, WakeAfter).Scan(&ref.Enqueue)
	if errors.Is(err, pgx.ErrNoRows) {
		return ref, ErrFenced
	}
	return ref, translate(err)
}

// EndLane ends the claim if no single waits, and reports whether it did.
func (s *Store) EndLane(ctx context.Context, l *Lane) (ended bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`,
			laneLock(l.WorkspaceID)); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE lanes SET lease_until = '-infinity', tries = 0 WHERE workspace_id = $1
			AND attempt = $2 AND NOT EXISTS (SELECT FROM singles WHERE workspace_id = $1 AND state = 'queued'
			AND (retry_at IS NULL OR `+over("retry_at")+`))`, l.WorkspaceID, l.Attempt)
		ended = tag.RowsAffected() > 0
		return err
	})
	return ended, err
}

func (s *Store) onLane(ctx context.Context, l *Lane, update string, args ...any) error {
	args = append([]any{l.WorkspaceID, l.Attempt}, args...)
	tag, err := s.pool.Exec(ctx, update+` WHERE workspace_id = $1 AND attempt = $2`, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return translate(err)
}

// LaneResolver returns a Resolver for singles of a lane, with the current directory.
func (s *Store) LaneResolver(ctx context.Context, l *Lane) (*Resolver, error) {
	r := s.ResolverAt(l.WorkspaceID, 0, true)
	defer r.timed()()
	var err error
	r.Version, err = s.DirectoryVersion(ctx, l.WorkspaceID)
	return r, err
}

// FinishSingles writes the outcomes of singles, in one transaction that commits only while the lane
// is held. Row n of the batch is single n-1; seen is the version of the directory that the batch
// was linked against. A rejected single becomes an import with a dead letter.
//
// Errors: ErrFenced when the lane went to another claim; ErrRetry and ErrExists when another
// transaction was in the way, a single was cancelled, or the directory has lost a record: read the
// singles again and repeat. After any error nothing was written.
func (s *Store) FinishSingles(ctx context.Context, l *Lane, all []Single, b *importer.Batch, o importer.Options,
	seen int64) (Finished, error) {
	var written time.Time
	var out Finished
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		defer func() { written = time.Now() }()
		if err := fenceLane(ctx, tx, l, len(all)); err != nil {
			return err
		}
		if err := lockLinks(ctx, tx, l.WorkspaceID, b, seen); err != nil {
			return err
		}
		outcomes, err := writeSingles(ctx, tx, all, b, o)
		if err != nil {
			return err
		}
		if err := failpoint.At(ctx, failpoint.TasksWritten, all[0].ID, 0); err != nil {
			return err
		}
		ended := make([]EndedSingle, 0, len(b.Dead))
		for _, d := range b.Dead {
			ended = append(ended, EndedSingle{Single: all[d.Row-1], Dead: &d})
		}
		if err := endSingles(ctx, tx, l.WorkspaceID, all, outcomes); err != nil {
			return err
		}
		if err := promote(ctx, tx, ended); err != nil {
			return err
		}
		if err := countSingles(ctx, tx, all, outcomes); err != nil {
			return err
		}
		out = outcomes.finished()
		return failpoint.At(ctx, failpoint.BeforeCommit, all[0].ID, 0)
	})
	out.Commit = time.Since(written)
	return out, err
}

// fenceLane locks the lane if the claim still holds, and counts its ended singles.
func fenceLane(ctx context.Context, tx pgx.Tx, l *Lane, ended int) error {
	tag, err := tx.Exec(ctx, `UPDATE lanes SET tries = 0, ended_count = ended_count + $3 WHERE workspace_id = $1
		AND attempt = $2`, l.WorkspaceID, l.Attempt, ended)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}

// singleOutcomes are the states that singles end in, in their order. A rejected one has the state
// singleRejected, a parked one singleParked: both become imports.
type singleOutcomes []string

const (
	singleQueued   = "queued"
	singleCreated  = "created"
	singleUpdated  = "updated"
	singleSkipped  = "skipped"
	singleRejected = "rejected"
	singleParked   = "parked"
)

func (o singleOutcomes) finished() Finished {
	var f Finished
	for state, n := range map[string]*int{singleCreated: &f.Created, singleUpdated: &f.Updated, singleSkipped: &f.Skipped,
		singleRejected: &f.Rejected} {
		for _, s := range o {
			if s == state {
				*n++
			}
		}
	}
	return f
}

// writeSingles writes the tasks of singles, and the events of the new ones.
func writeSingles(ctx context.Context, tx pgx.Tx, all []Single, b *importer.Batch,
	o importer.Options) (singleOutcomes, error) {
	outcomes := make(singleOutcomes, len(all))
	repeat := singleSkipped
	if o.OnDuplicate == importer.DuplicateUpdate {
		repeat = singleUpdated
	}
	for i := range b.Repeats {
		outcomes[b.Repeats[i].Row-1] = repeat
	}
	for i := range b.Dead {
		outcomes[b.Dead[i].Row-1] = singleRejected
	}
	if len(b.Tasks) > 0 {
		rows := newCopy()
		defer rows.drop()
		for i := range b.Tasks {
			d := &b.Tasks[i]
			single := all[d.Row-1].ID
			d.ID, outcomes[d.Row-1] = TaskID(single, 1), singleCreated
			rows.appendTask(all[0].WorkspaceID, single, 1, &d.Task)
		}
		if err := rows.run(ctx, tx, "tasks", copiedColumns); err != nil {
			return nil, err
		}
	}
	if repeat == singleUpdated && len(b.Repeats) > 0 {
		if err := updateTasks(ctx, tx, all[0].WorkspaceID, uuid.Nil, b.Repeats); err != nil {
			return nil, err
		}
	}
	return outcomes, announceSingles(ctx, tx, all, b, outcomes)
}

// endSingles writes the states of singles, and removes those that become imports. ErrRetry: one was
// cancelled meanwhile.
func endSingles(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, all []Single, outcomes singleOutcomes) error {
	var ids, gone pgtype.FlatArray[pgtype.UUID]
	var states []string
	for n := range all {
		if outcomes[n] == singleRejected || outcomes[n] == singleParked {
			gone = append(gone, idOrNull(all[n].ID))
			continue
		}
		ids, states = append(ids, idOrNull(all[n].ID)), append(states, outcomes[n])
	}
	if len(ids) > 0 {
		tag, err := tx.Exec(ctx, `UPDATE singles s SET state = n.state, line = '', retry_at = NULL,
			finished_at = greatest(clock_timestamp(), s.created_at) FROM unnest($2::uuid[], $3::text[]) AS n (id, state)
			WHERE s.workspace_id = $1 AND s.id = n.id AND s.state = 'queued'`, workspace, ids, states)
		if err != nil {
			return err
		}
		if tag.RowsAffected() < int64(len(ids)) {
			return ErrRetry
		}
	}
	if len(gone) == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, `DELETE FROM singles WHERE workspace_id = $1 AND id = ANY ($2) AND state = 'queued'`,
		workspace,
		gone)
	if err == nil && tag.RowsAffected() < int64(len(gone)) {
		return ErrRetry
	}
	return err
}

// countSingles adds ended singles to the counts of their days.
func countSingles(ctx context.Context, tx pgx.Tx, all []Single, outcomes singleOutcomes) error {
	type day struct {
		day time.Time
		key uuid.UUID
	}
	counts := map[day]*[3]int{}
	for n := range all {
		at := day{all[n].CreatedAt.Truncate(24 * time.Hour), all[n].KeyID}
		if counts[at] == nil {
			counts[at] = &[3]int{}
		}
		switch outcomes[n] {
		case singleRejected:
			counts[at][1]++
		case singleParked:
			counts[at][2]++
		default:
			counts[at][0]++
		}
	}
	days := make([]day, 0, len(counts))
	for at := range counts {
		days = append(days, at)
	}
	slices.SortFunc(days, func(x, y day) int {
		return cmp.Or(x.day.Compare(y.day), cmp.Compare(x.key.String(), y.key.String()))
	})
	batch := &pgx.Batch{}
	for _, at := range days {
		n := counts[at]
		batch.Queue(`INSERT INTO single_days AS d (workspace_id, day, key_id, done_count, rejected_count, parked_count)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, day, key_id) DO UPDATE
			SET done_count = d.done_count + $4, rejected_count = d.rejected_count + $5, parked_count = d.parked_count + $6`,
			all[0].WorkspaceID, at.day, at.key, n[0], n[1], n[2])
	}
	return tx.SendBatch(ctx, batch).Close()
}

// sortedIDs returns each id once, sorted.
func sortedIDs(ids []uuid.UUID) []uuid.UUID {
	all := slices.Clone(ids)
	slices.SortFunc(all, func(x, y uuid.UUID) int { return cmp.Compare(string(x[:]), string(y[:])) })
	return slices.Compact(all)
}
