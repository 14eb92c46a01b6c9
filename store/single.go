package store

import (
	"bytes"
	"cmp"
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// AcceptSingles stores singles in one transaction and returns their imports. The caller wakes a
// worker afterwards; if it crashes before, the sweeper does. The import of a single whose
// Idempotency-Key another request has taken is the zero value. After an error nothing was stored.
func (s *Store) AcceptSingles(ctx context.Context, all []*NewSingle) ([]Import, error) {
	rows, err := newSingleArrays(all)
	if err != nil {
		return nil, err
	}
	together, stored := &pgx.Batch{}, map[uuid.UUID]bool{}
	if rows.withKeys {
		together.Queue(`SELECT FROM idempotency_keys WHERE (workspace_id, key) IN (SELECT *
			FROM unnest($1::uuid[], $2::text[])) ORDER BY workspace_id, key FOR UPDATE`, rows.workspace, rows.key)
	}
	insert := together.Queue(`INSERT INTO singles (workspace_id, id, line, options, key_id, request_id, trace_parent,
		created_at)
		SELECT n.workspace_id, n.id, n.line, nullif(n.options, ''), n.key_id, nullif(n.request_id, ''),
		nullif(n.trace_parent, ''), n.created_at
		FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[],
		$9::text[], $10::uuid[]) AS n (workspace_id, id, line, options, key_id, request_id, trace_parent, created_at, key,
		owner)
		WHERE n.key IS NULL OR EXISTS (SELECT FROM idempotency_keys k WHERE k.workspace_id = n.workspace_id
		AND k.key = n.key AND k.owner = n.owner) RETURNING id`, rows.workspace, rows.id, rows.line, rows.options, rows.by,
		rows.request, rows.trace, rows.at, rows.key, rows.owner)
	insert.Query(func(answer pgx.Rows) error {
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
	missing := s.withoutLane(rows.workspaces)
	if len(missing) > 0 {
		together.Queue(`INSERT INTO lanes (workspace_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING`, missing)
	}
	if err := s.pool.SendBatch(ctx, together).Close(); err != nil {
		return nil, translate(err)
	}
	for _, w := range missing {
		s.lanes.Add(w, struct{}{})
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
	return made, nil
}

// maxKnownLanes is how many workspaces are remembered to have a lane.
const maxKnownLanes = 10_000

// withoutLane returns each of the workspaces that is not known to have a lane once, sorted.
func (s *Store) withoutLane(workspaces []uuid.UUID) []uuid.UUID {
	var missing []uuid.UUID
	for _, w := range workspaces {
		if !s.lanes.Contains(w) {
			missing = append(missing, w)
		}
	}
	return sortedIDs(missing)
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
		i := QueuedSingle(n.WorkspaceID, newID(), n.Options, n.CreatedAt)
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
	defaults, err := defaultOptions()
	if err != nil || reflect.DeepEqual(o, defaults) { // most have them, and it is fast
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

var defaultOptions = sync.OnceValues(func() (importer.Options, error) {
	var o importer.Options
	return o, o.Validate()
})

// Lane is the claim of a workspace's waiting singles, until the lease ends or another claim
// follows.
type Lane struct {
	WorkspaceID uuid.UUID
	Attempt     int64 // the fence; it never repeats
	Tries       int   // how often the lane was claimed since singles were last ended
	Version     int64 // of the directory at the time of the claim
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

	place pgtype.TID // of its row
}

// waits is the condition of a single that can be worked on.
var waits = `state = 'queued' AND (retry_at IS NULL OR ` + over("retry_at") + `)`

// ClaimLanes claims free lanes with waiting singles, at most so many, for the length of lease. It
// begins after a workspace, so that each has its turn, and returns them in the order of their
// workspaces.
func (s *Store) ClaimLanes(ctx context.Context, after uuid.UUID, most int, lease time.Duration) ([]*Lane, error) {
	const leased = 2 // times as many lanes are looked at: others may hold some
	return s.claimLanes(ctx, `WITH RECURSIVE waiting (workspace_id, n) AS (
		(SELECT workspace_id, 1 FROM singles WHERE workspace_id > $3 AND `+waits+` ORDER BY workspace_id LIMIT 1)
		UNION ALL SELECT q.workspace_id, w.n + 1 FROM waiting w CROSS JOIN LATERAL (SELECT workspace_id FROM singles
		WHERE workspace_id > w.workspace_id AND `+waits+` ORDER BY workspace_id LIMIT 1) q WHERE w.n < $4),
		due AS (SELECT l.workspace_id FROM lanes l JOIN waiting w ON w.workspace_id = l.workspace_id WHERE l.tries = 0
		AND `+over("l.lease_until")+` ORDER BY l.workspace_id LIMIT $2 FOR UPDATE OF l SKIP LOCKED)`, lease, most, after,
		most*leased)
}

// ClaimSuspect claims the free lane whose last claim ended the longest ago without having ended
// singles: one of them may kill its worker, so the lane is worked on alone. No lane is returned
// where there is none with waiting singles.
func (s *Store) ClaimSuspect(ctx context.Context, lease time.Duration) ([]*Lane, error) {
	return s.claimLanes(ctx, `WITH due AS (SELECT l.workspace_id FROM lanes l WHERE tries > 0 AND `+
		over("l.lease_until")+` AND EXISTS (SELECT FROM singles q WHERE q.workspace_id = l.workspace_id AND `+waits+`)
		ORDER BY l.lease_until, l.workspace_id LIMIT $2 FOR UPDATE OF l SKIP LOCKED)`, lease, 1)
}

// claimLanes claims the lanes of the expression due. Its parameter $1 is the lease.
func (s *Store) claimLanes(ctx context.Context, due string, args ...any) ([]*Lane, error) {
	rows, err := s.pool.Query(ctx, due+` UPDATE lanes l SET attempt = attempt + 1, tries = tries + 1,
		lease_until = now() + $1::interval FROM due JOIN workspaces w ON w.id = due.workspace_id
		WHERE l.workspace_id = due.workspace_id RETURNING l.workspace_id, attempt, tries, w.directory_version`, args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Lane])
	slices.SortFunc(all, func(x, y *Lane) int { return bytes.Compare(x.WorkspaceID[:], y.WorkspaceID[:]) })
	return all, translate(err)
}

// MakeLanes makes the lanes that waiting singles lack, after a part of the database was restored.
// It reports whether a lane is free to be claimed.
func (s *Store) MakeLanes(ctx context.Context) (due bool, err error) {
	err = s.pool.QueryRow(ctx, `WITH RECURSIVE waiting (workspace_id) AS (
		(SELECT workspace_id FROM singles WHERE `+waits+` ORDER BY workspace_id LIMIT 1)
		UNION ALL SELECT q.workspace_id FROM waiting w CROSS JOIN LATERAL (SELECT workspace_id FROM singles
		WHERE workspace_id > w.workspace_id AND `+waits+` ORDER BY workspace_id LIMIT 1) q),
		made AS (INSERT INTO lanes (workspace_id) SELECT w.workspace_id FROM waiting w JOIN workspaces o
		ON o.id = w.workspace_id WHERE NOT EXISTS (SELECT FROM lanes l WHERE l.workspace_id = w.workspace_id)
		ORDER BY 1 ON CONFLICT DO NOTHING RETURNING 1)
		SELECT EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM waiting w JOIN lanes l ON l.workspace_id = w.workspace_id
		WHERE `+over("l.lease_until")+`)`).Scan(&due)
	return due, translate(err)
}

// WaitingSingles returns the oldest waiting singles of each lane, at most so many, and no more
// after so many bytes, by lane and age.
func (s *Store) WaitingSingles(ctx context.Context, lanes []*Lane, most, bytes int) ([]Single, error) {
	workspaces := make([]uuid.UUID, len(lanes))
	for n, l := range lanes {
		workspaces[n] = l.WorkspaceID
	}
	rows, err := s.pool.Query(ctx, `SELECT s.workspace_id, id, key_id, line, coalesce(options, ''), created_at, tries,
		coalesce(request_id, ''), coalesce(trace_parent, ''), place
		FROM unnest($1::uuid[]) AS l (workspace_id) CROSS JOIN LATERAL (
			SELECT *, sum(octet_length(line)) OVER (ORDER BY id) - octet_length(line) AS before FROM (
				SELECT *, ctid AS place FROM singles WHERE workspace_id = l.workspace_id AND `+waits+` ORDER BY id LIMIT $2) q) s
		WHERE before < $3 ORDER BY s.workspace_id, id`, workspaces, most, bytes)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanSingle)
	return all, translate(err)
}

func scanSingle(row pgx.CollectableRow) (Single, error) {
	var n Single
	err := row.Scan(&n.WorkspaceID, &n.ID, &n.KeyID, &n.Line, &n.Options, &n.CreatedAt, &n.Tries, &n.Trace.RequestID,
		&n.Trace.TraceParent, &n.place)
	n.CreatedAt = n.CreatedAt.UTC()
	return n, err
}

// RenewLane extends the lease of a lane; ErrFenced when the claim has ended.
func (s *Store) RenewLane(ctx context.Context, l *Lane, lease time.Duration) error {
	return s.onLane(ctx, l, `UPDATE lanes SET lease_until = now() + $3::interval`, lease)
}

// ReturnLane ends the claim of a lane; its singles can be claimed after the delay. With counted,
// the claim counts as a try.
func (s *Store) ReturnLane(ctx context.Context, l *Lane, delay time.Duration, counted bool) error {
	uncounted := 1
	if counted {
		uncounted = 0
	}
	return s.onLane(ctx, l, `UPDATE lanes SET lease_until = now() + $3::interval, tries = greatest(0, tries - $4::int)`,
		delay, uncounted)
}

// FreeLane ends the claim of a lane whose singles were ended. The caller then claims again: some
// may have been added meanwhile, and their wake-ups have found the lane taken.
func (s *Store) FreeLane(ctx context.Context, l *Lane) error {
	return s.onLane(ctx, l, `UPDATE lanes SET lease_until = '-infinity', tries = 0`)
}

func (s *Store) onLane(ctx context.Context, l *Lane, update string, args ...any) error {
	args = append([]any{l.WorkspaceID, l.Attempt}, args...)
	tag, err := s.pool.Exec(ctx, update+` WHERE workspace_id = $1 AND attempt = $2`, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return translate(err)
}

// LaneResolver returns a Resolver for singles of a lane, with the directory as of the claim or a
// later one.
func (s *Store) LaneResolver(l *Lane) *Resolver { return s.ResolverAt(l.WorkspaceID, l.Version, true) }

// LaneBatch are singles of a lane with the same options, after resolve. Row n of the batch is
// single n-1.
type LaneBatch struct {
	Lane    *Lane
	Singles []Single
	Batch   *importer.Batch
	Options importer.Options
	Seen    int64 // version of the directory that the batch was linked against

	outcomes singleOutcomes
}

// FinishSingles writes the outcomes of singles, in one transaction that commits only while all
// their lanes are held. With free, the lanes are free afterwards; see FreeLane. A rejected single
// becomes an import with a dead letter.
//
// Errors: ErrFenced when a lane went to another claim; ErrRetry and ErrExists when another
// transaction was in the way, a single was cancelled, or the directory has lost a record: read the
// singles again and repeat. After any error nothing was written.
func (s *Store) FinishSingles(ctx context.Context, all []*LaneBatch, free bool) (Finished, error) {
	var written time.Time
	var out Finished
	first := all[0].Singles[0].ID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		defer func() { written = time.Now() }()
		if err := fenceLanes(ctx, tx, all, free); err != nil {
			return err
		}
		wanted, err := lockForSingles(ctx, tx, all)
		if err != nil {
			return err
		}
		if err := writeSingles(ctx, tx, all); err != nil {
			return err
		}
		if err := failpoint.At(ctx, failpoint.TasksWritten, first, 0); err != nil {
			return err
		}
		if err := endSingles(ctx, tx, all); err != nil {
			return err
		}
		for _, b := range all {
			if wanted[b.Lane.WorkspaceID] {
				if err := announceSingles(ctx, tx, b); err != nil {
					return err
				}
			}
			if err := promote(ctx, tx, b.rejected()); err != nil {
				return err
			}
		}
		out = finishedSingles(all)
		return failpoint.At(ctx, failpoint.BeforeCommit, first, 0)
	})
	out.Commit = time.Since(written)
	return out, err
}

// fenceLanes locks the lanes if the claims still hold, and counts their ended singles. With free,
// it ends the claims.
func fenceLanes(ctx context.Context, tx pgx.Tx, all []*LaneBatch, free bool) error {
	var workspaces []uuid.UUID
	var attempts, ended []int64
	var last *Lane
	for _, b := range all {
		if b.Lane != last {
			last = b.Lane
			workspaces, attempts, ended = append(workspaces, b.Lane.WorkspaceID), append(attempts, b.Lane.Attempt),
				append(ended, 0)
		}
		ended[len(ended)-1] += int64(len(b.Singles))
	}
	tag, err := tx.Exec(ctx, `UPDATE lanes l SET tries = 0, ended_count = l.ended_count + n.ended,
		lease_until = CASE WHEN $4 THEN '-infinity' ELSE l.lease_until END
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS n (workspace_id, attempt, ended)
		WHERE l.workspace_id = n.workspace_id AND l.attempt = n.attempt`, workspaces, attempts, ended, free)
	if err == nil && tag.RowsAffected() < int64(len(workspaces)) {
		return ErrFenced
	}
	return err
}

// lockForSingles keeps the directories from changing until the transaction ends. It returns
// ErrRetry when one lacks a record that its batch links to, and else the workspaces that have a
// webhook for singles.
func lockForSingles(ctx context.Context, tx pgx.Tx, all []*LaneBatch) (wanted map[uuid.UUID]bool, err error) {
	workspaces, locks := make([]uuid.UUID, len(all)), make([]string, len(all))
	for n, b := range all {
		workspaces[n], locks[n] = b.Lane.WorkspaceID, directoryLock(b.Lane.WorkspaceID)
	}
	versions := map[uuid.UUID]int64{}
	wanted = map[uuid.UUID]bool{}
	together := &pgx.Batch{}
	together.Queue(`SELECT count(pg_advisory_xact_lock_shared(hashtextextended(name, 0)))
		FROM unnest($1::text[]) AS n (name)`, locks)
	together.Queue(`SELECT id, directory_version, EXISTS (SELECT FROM webhooks h WHERE h.workspace_id = w.id
		AND h.events && ARRAY[$2, $3]) FROM workspaces w WHERE id = ANY ($1)`, workspaces, string(EventTaskCreated),
		string(EventImportCompleted)).Query(func(rows pgx.Rows) error {
		var id uuid.UUID
		var version int64
		var wants bool
		_, err := pgx.ForEachRow(rows, []any{&id, &version, &wants}, func() error {
			versions[id], wanted[id] = version, wants
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, together).Close(); err != nil {
		return nil, err
	}
	for _, b := range all {
		w := b.Lane.WorkspaceID
		if err := linksHold(ctx, tx, w, b.Batch, b.Seen, versions[w]); err != nil {
			return nil, err
		}
	}
	return wanted, nil
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

func finishedSingles(all []*LaneBatch) Finished {
	var f Finished
	for _, b := range all {
		for _, state := range b.outcomes {
			switch state {
			case singleCreated:
				f.Created++
			case singleUpdated:
				f.Updated++
			case singleSkipped:
				f.Skipped++
			case singleRejected:
				f.Rejected++
			}
		}
	}
	return f
}

// writeSingles writes the tasks of singles and determines the outcomes.
func writeSingles(ctx context.Context, tx pgx.Tx, all []*LaneBatch) error {
	rows, created := newCopy(), 0
	defer rows.drop()
	for _, b := range all {
		b.outcomes = make(singleOutcomes, len(b.Singles))
		repeat := singleSkipped
		if b.Options.OnDuplicate == importer.DuplicateUpdate {
			repeat = singleUpdated
		}
		for i := range b.Batch.Repeats {
			b.outcomes[b.Batch.Repeats[i].Row-1] = repeat
		}
		for i := range b.Batch.Dead {
			b.outcomes[b.Batch.Dead[i].Row-1] = singleRejected
		}
		for i := range b.Batch.Tasks {
			d := &b.Batch.Tasks[i]
			single := b.Singles[d.Row-1].ID
			d.ID, b.outcomes[d.Row-1] = TaskID(single, 1), singleCreated
			rows.appendTask(b.Lane.WorkspaceID, single, 1, &d.Task)
			created++
		}
	}
	if created > 0 {
		if err := rows.run(ctx, tx, "tasks", copiedColumns); err != nil {
			return err
		}
	}
	for _, b := range all {
		if b.Options.OnDuplicate == importer.DuplicateUpdate && len(b.Batch.Repeats) > 0 {
			if err := updateTasks(ctx, tx, b.Lane.WorkspaceID, uuid.Nil, b.Batch.Repeats); err != nil {
				return err
			}
		}
	}
	return nil
}

// rejected returns the rejected singles.
func (b *LaneBatch) rejected() []EndedSingle {
	ended := make([]EndedSingle, 0, len(b.Batch.Dead))
	for _, d := range b.Batch.Dead {
		ended = append(ended, EndedSingle{Single: b.Singles[d.Row-1], Dead: &d})
	}
	return ended
}

// endSingles writes the states of singles, removes those that become imports, and counts all in
// their days. ErrRetry: one was cancelled meanwhile.
func endSingles(ctx context.Context, tx pgx.Tx, all []*LaneBatch) error {
	ended := map[string]*struct {
		places         pgtype.FlatArray[pgtype.TID]
		workspace, ids pgtype.FlatArray[pgtype.UUID]
	}{singleCreated: {}, singleUpdated: {}, singleSkipped: {}, "": {}}
	for _, b := range all {
		for n := range b.Singles {
			state := b.outcomes[n]
			if state == singleRejected || state == singleParked {
				state = "" // it is removed
			}
			e := ended[state]
			e.places, e.workspace, e.ids = append(e.places, b.Singles[n].place), append(e.workspace,
				idOrNull(b.Lane.WorkspaceID)), append(e.ids, idOrNull(b.Singles[n].ID))
		}
	}
	together := &pgx.Batch{}
	for state, e := range ended {
		if len(e.ids) == 0 {
			continue
		}
		// By place, which no plan reads the whole table for. The row there must still be one of
		// these.
		change := `UPDATE singles SET state = $4, line = '', retry_at = NULL,
			finished_at = greatest(clock_timestamp(), created_at)`
		args := []any{e.places, e.workspace, e.ids, state}
		if state == "" {
			change, args = `DELETE FROM singles`, args[:3]
		}
		together.Queue(change+` WHERE ctid = ANY ($1::tid[]) AND workspace_id = ANY ($2) AND id = ANY ($3)
			AND state = 'queued'`, args...).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() < int64(len(e.ids)) {
				return ErrRetry
			}
			return nil
		})
	}
	countSingles(together, all)
	return tx.SendBatch(ctx, together).Close()
}

// countSingles adds ended singles to the counts of their days.
func countSingles(together *pgx.Batch, all []*LaneBatch) {
	type day struct {
		workspace, key uuid.UUID
		day            time.Time
	}
	counts := map[day]*[3]int64{}
	for _, b := range all {
		for n := range b.Singles {
			at := day{b.Lane.WorkspaceID, b.Singles[n].KeyID, b.Singles[n].CreatedAt.Truncate(24 * time.Hour)}
			if counts[at] == nil {
				counts[at] = &[3]int64{}
			}
			switch b.outcomes[n] {
			case singleRejected:
				counts[at][1]++
			case singleParked:
				counts[at][2]++
			default:
				counts[at][0]++
			}
		}
	}
	var workspaces, keys []uuid.UUID
	var days []time.Time
	var done, rejected, parked []int64
	for at, n := range counts {
		workspaces, keys, days = append(workspaces, at.workspace), append(keys, at.key), append(days, at.day)
		done, rejected, parked = append(done, n[0]), append(rejected, n[1]), append(parked, n[2])
	}
	together.Queue(`INSERT INTO single_days AS d (workspace_id, day, key_id, done_count, rejected_count, parked_count)
		SELECT * FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[]) ORDER BY 1, 2, 3
		ON CONFLICT (workspace_id, day, key_id) DO UPDATE SET done_count = d.done_count + excluded.done_count,
		rejected_count = d.rejected_count + excluded.rejected_count, parked_count = d.parked_count + excluded.parked_count`,
		workspaces, days, keys, done, rejected, parked)
}

// sortedIDs returns each id once, sorted.
func sortedIDs(ids []uuid.UUID) []uuid.UUID {
	all := slices.Clone(ids)
	slices.SortFunc(all, func(x, y uuid.UUID) int { return cmp.Compare(string(x[:]), string(y[:])) })
	return slices.Compact(all)
}
