package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"

	"github.com/google/uuid"
)

const (
	singlesOfRound = 40
	singleClients  = 8
)

// single is a task that is sent to be created later, and its required outcome.
type single struct {
	want
	person person // that it names
	body   string
	query  string
	twin   bool      // it shares its external id: which of the two is created depends on their arrival
	id     uuid.UUID // of its job, once it is accepted
}

// submit sends rounds of single tasks beside the imports until ctx ends.
func (t *torture) submit(ctx, striking context.Context) {
	var before, earlier []*single // of the last round: tasks and updates
	for round := 0; striking.Err() == nil; round++ {
		all := makeSingles(newRand(t.seed, 100_000+uint64(round)), round)
		err := t.submitRound(ctx, round%len(t.sites), all)
		var updates []*single
		if err == nil && !t.loses() { // an update of a task that was lost creates it
			updates = makeUpdates(all, round)
			err = t.submitRound(ctx, round%len(t.sites), updates)
		}
		if ctx.Err() != nil {
			return
		}
		if t.loses() {
			t.sentRounds = append(t.sentRounds, all) // they are looked at when no more can be lost
			continue
		}
		if err != nil {
			t.tellStuck("round %d of singles: %v", round, err)
			return
		}
		// What comes late is seen a round later.
		t.checkSingles(ctx, before)
		t.checkSingles(ctx, all)
		t.checkDays(ctx)
		t.removeSingles(ctx, before, earlier)
		before, earlier = all, updates
	}
}

// makeSingles makes the tasks of a round. Some share an external id: one of them is created, the
// others are skipped.
func makeSingles(rng *rand.Rand, round int) []*single {
	var alone []person
	for _, p := range people() {
		if !p.namesake {
			alone = append(alone, p)
		}
	}
	all := make([]*single, singlesOfRound)
	for n := range all {
		title, p := fmt.Sprintf("Single %d of round %d", n, round), alone[rng.IntN(len(alone))]
		s := &single{want: want{place: created, title: title, contact: p.external,
			external: fmt.Sprintf("S-%d-%d", round, n)}, person: p}
		fields := map[string]string{"title": title, "contact_name": p.name, "external_id": s.external}
		switch n % 10 {
		case 7:
			s.place, s.reason = rejected, "unresolved_reference"
			fields["contact_name"] = strangers[rng.IntN(len(strangers))] + " " + strangers[rng.IntN(len(strangers))]
		case 9: // its external id is that of the single before
			s.external, s.twin, all[n-1].twin = all[n-1].external, true, true
			fields["external_id"] = s.external
		}
		text, _ := json.Marshal(fields) //nolint:errchkjson // a map of strings cannot fail
		s.body = string(text)
		all[n] = s
	}
	return all
}

// makeUpdates makes submissions that change tasks of a round, and the titles that these must have
// from then on.
func makeUpdates(all []*single, round int) []*single {
	var updates []*single
	for n, s := range all {
		if s.place != created || s.twin {
			continue
		}
		s.title = fmt.Sprintf("Update %d of round %d", n, round)
		fields := map[string]string{"title": s.title, "contact_name": s.person.name, "external_id": s.external}
		text, _ := json.Marshal(fields) //nolint:errchkjson // a map of strings cannot fail
		updates = append(updates, &single{want: want{place: updated, title: s.title}, body: string(text),
			query: "?on_duplicate=update"})
	}
	return updates
}

// submitRound sends the singles of a round, several at a time, and waits for the end of each.
func (t *torture) submitRound(ctx context.Context, site int, all []*single) error {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	failed := make([]error, singleClients)
	var work sync.WaitGroup
	for c := range singleClients {
		work.Go(func() {
			client := t.client(site)
			for n := c; n < len(all) && failed[c] == nil; n += singleClients {
				failed[c] = t.submitOne(ctx, client, all[n])
			}
			for n := c; n < len(all) && failed[c] == nil; n += singleClients {
				failed[c] = t.followSingle(ctx, client, all[n])
			}
		})
	}
	work.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *torture) submitOne(ctx context.Context, c *client, s *single) error {
	a, err := c.ask(ctx, http.MethodPost, "/v1/tasks"+s.query, "application/json", s.body, "single-"+s.title)
	if err != nil {
		return err
	}
	j, err := a.job()
	if err != nil {
		return fmt.Errorf("submit %q: %w", s.title, err)
	}
	if s.id, err = uuid.Parse(j.ID); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.singles[s.id] = true
	return nil
}

// followSingle waits for the end of a job and compares its counts.
func (t *torture) followSingle(ctx context.Context, c *client, s *single) error {
	j, err := c.follow(ctx, s.id.String())
	if err != nil {
		return err
	}
	counts := map[place]int{created: j.Created, updated: j.Updated, rejected: j.Rejected}
	if s.twin {
		counts[created] += j.Skipped
	}
	if j.Status != "completed" || j.Total != 1 || counts[s.place] != 1 || j.Processed != 1 {
		t.tell(losses{misplaced: 1}, fmt.Sprintf("single %s (%s) must be %s, and its job is %+v", s.id, s.title, s.place, j))
	}
	return nil
}

// checkSingles compares the places of singles that have ended with those that they must have.
func (t *torture) checkSingles(ctx context.Context, all []*single) {
	byExternal := map[string][]*single{}
	for _, s := range all {
		byExternal[s.external] = append(byExternal[s.external], s)
	}
	for _, group := range byExternal {
		ids := make([]uuid.UUID, len(group))
		for n, s := range group {
			ids[n] = s.id
		}
		var tasks, dead, created int
		var title, contact, reason string
		if err := eventually(bounded(ctx), func() error {
			return t.pool.QueryRow(ctx, `SELECT count(*),
				(SELECT count(*) FROM dead_letters WHERE workspace_id = ANY ($2) AND import_id = ANY ($1)),
				(SELECT count(*) FROM singles WHERE workspace_id = ANY ($2) AND id = ANY ($1) AND state = 'created'),
				coalesce(max(t.title), ''), coalesce(max(p.external_id), ''),
				coalesce((SELECT max(reason) FROM dead_letters WHERE workspace_id = ANY ($2) AND import_id = ANY ($1)), '')
				FROM tasks t LEFT JOIN contacts p ON p.workspace_id = t.workspace_id AND p.id = t.contact_id
				WHERE t.workspace_id = ANY ($2) AND t.import_id = ANY ($1)`, ids, t.workspaces()).Scan(&tasks, &dead,
				&created, &title, &contact, &reason)
		}); err != nil {
			return
		}
		t.judgeSingles(group, tasks, dead, created, title, contact, reason)
	}
}

// judgeSingles judges the singles of one external id: together they have one place.
func (t *torture) judgeSingles(group []*single, tasks, dead, created int, title, contact, reason string) {
	var v verdict
	first := group[0]
	v.blame(&v.doubled, tasks+dead-1, "the singles of %s are in %d places", first.external, tasks+dead)
	if tasks+dead == 0 {
		v.blame(&v.lost, 1, "the singles of %s are nowhere", first.external)
	} else if (first.place == rejected) != (dead > 0) || reason != first.reason {
		v.blame(&v.misplaced, 1, "single %s must be %s %s; there are %d tasks and %d dead letters (%s)", first.external,
			first.place, first.reason, tasks, dead, reason)
	}
	v.blame(&v.misplaced, tasks-created, "the jobs of %s say that %d tasks were created, and there are %d",
		first.external, created, tasks)
	if tasks == 1 && !slices.ContainsFunc(group, func(s *single) bool {
		return s.title == title &&
			s.contact == contact
	}) {
		v.blame(&v.misplaced, 1, "single %s became %q with contact %s", first.external, title, contact)
	}
	if v.losses != (losses{}) {
		t.tell(v.losses, v.first)
	}
}

// checkDays compares the singles that the days count as ended, and those that wait, with those that
// were accepted. A batch that is written twice is counted twice.
func (t *torture) checkDays(ctx context.Context) {
	if t.loses() {
		return
	}
	var counted int
	if err := eventually(bounded(ctx), func() error {
		return t.one(ctx, &counted, `SELECT coalesce(sum(done_count + rejected_count + parked_count), 0)
			+ (SELECT count(*) FROM singles WHERE state = 'queued') FROM single_days`)
	}); err != nil {
		return
	}
	t.mu.Lock()
	excess := counted - t.singlesDone - len(t.singles) - t.miscounted
	t.miscounted += excess
	t.mu.Unlock()
	var v verdict
	v.blame(&v.doubled, excess, "the days count %d singles more than were accepted", excess)
	v.blame(&v.lost, -excess, "the days count %d singles fewer than were accepted", -excess)
	if v.losses != (losses{}) {
		t.tell(v.losses, v.first)
	}
}

// removeSingles takes singles away: the disk of the database is small.
func (t *torture) removeSingles(ctx context.Context, tasks, updates []*single) {
	all := slices.Concat(tasks, updates)
	if len(all) == 0 {
		return
	}
	ids := make([]uuid.UUID, len(all))
	for n, s := range all {
		ids[n] = s.id
	}
	ctx = bounded(ctx)
	for _, table := range []string{`tasks WHERE import_id`, `dead_letters WHERE import_id`, `chunks WHERE import_id`,
		`imports WHERE id`, `singles WHERE id`} {
		if err := eventually(ctx, func() error {
			_, err := t.pool.Exec(ctx, `DELETE FROM `+table+` = ANY ($1)`, ids)
			return err
		}); err != nil {
			t.note("singles were not deleted: %v", err)
			return
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.singles, id)
	}
	t.singlesDone += len(ids)
}

// singlesAtEnd looks at the singles of the last rounds: each has ended, and no others are there.
func (t *torture) singlesAtEnd(ctx context.Context) error {
	t.checkDays(ctx)
	t.mu.Lock()
	known := make([]uuid.UUID, 0, len(t.singles))
	for id := range t.singles {
		known = append(known, id)
	}
	t.mu.Unlock()
	for _, look := range []struct {
		story, sql string
		count      *int
	}{
		{"singles exist that no client was told about", `SELECT count(*) FROM singles WHERE id <> ALL ($1)`,
			&t.found.doubled},
		{"singles are waiting", `SELECT count(*) FROM singles WHERE id = ANY ($1) AND state = 'queued'`, &t.stuck},
		{"singles that a client was told of are gone", `SELECT count(*) FROM unnest($1::uuid[]) k WHERE NOT EXISTS (SELECT
			FROM singles WHERE id = k) AND NOT EXISTS (SELECT FROM imports WHERE id = k)`, t.lostOr(&t.forgotten.singles)},
	} {
		var n int
		if err := eventually(ctx, func() error { return t.one(ctx, &n, look.sql, known) }); err != nil {
			return fmt.Errorf("%s: %w", look.story, err)
		}
		if n > 0 {
			t.mu.Lock()
			*look.count += n
			if look.count != &t.forgotten.singles {
				t.stories = append(t.stories, fmt.Sprintf("%d %s", n, look.story))
			}
			t.mu.Unlock()
		}
	}
	return nil
}
