package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

const (
	newcomersOfRound = 20
	formerOfRound    = 40
)

// naming is an import of tasks that name contacts who were loaded a moment ago, or earlier.
type naming struct {
	importRun
	names []person // by row, from 0
	sure  int      // so many of the first are in the directory for certain
}

// errGone: the job that a client asks for does not exist any more.
var errGone = errors.New("the job is gone")

// receiveNewcomers loads contacts and imports tasks that name them, round after round, until
// striking ends, and once more for each site after that.
func (t *torture) receiveNewcomers(ctx, striking context.Context) {
	rng := newRand(t.seed, 200_000)
	known := make([][]person, len(t.sites))
	n := 0
	for ; striking.Err() == nil && ctx.Err() == nil; n++ {
		t.receive(ctx, n, rng, known)
	}
	for range t.sites {
		t.receive(ctx, n, rng, known)
		n++
	}
}

// receive loads the contacts of a round, and imports tasks that name them and former ones.
func (t *torture) receive(ctx context.Context, n int, rng *rand.Rand, known [][]person) {
	site, replaced := n%len(t.sites), t.replaced.Load()
	fresh := makeNewcomers(rng, n)
	names := append([]person{}, fresh...)
	for range min(formerOfRound, len(known[site])) {
		names = append(names, known[site][rng.IntN(len(known[site]))])
	}
	known[site] = append(known[site], fresh...)
	contacts, tasks := "full_name,external_id\n", "title,contact_name\n"
	for _, p := range fresh {
		contacts += p.name + "," + p.external + "\n"
	}
	for i, p := range names {
		tasks += fmt.Sprintf("Call %d of round %d,%s\n", i, n, p.name)
	}
	in := &naming{names: names}
	_, err := t.takeIn(ctx, site, "contacts", contacts, fmt.Sprintf("newcomers-%d", n))
	if err == nil {
		in.importRun, err = t.takeIn(ctx, site, "tasks", tasks, fmt.Sprintf("naming-%d", n))
	}
	calm := t.replaced.Load() == replaced
	switch {
	case !t.loses():
		in.sure = len(names)
	case calm:
		in.sure = len(fresh)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil && (calm || !t.loses()) {
		t.tellStuck("round %d of newcomers: %v", n, err)
	}
	if in.id != uuid.Nil {
		t.named = append(t.named, in)
	}
}

// takeIn imports a file and follows it to its end.
func (t *torture) takeIn(ctx context.Context, site int, kind, text, key string) (importRun, error) {
	return t.takeInAs(ctx, t.client(site), kind, text, key)
}

func (t *torture) takeInAs(ctx context.Context, c *client, kind, text, key string) (importRun, error) {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	r := importRun{t: t, client: c}
	a, err := r.client.ask(ctx, http.MethodPost, "/v1/import/"+kind, "text/csv", text, key)
	if err != nil {
		return r, err
	}
	j, err := a.job()
	if err != nil {
		return r, err
	}
	if r.id, err = uuid.Parse(j.ID); err != nil {
		return r, err
	}
	t.accepted(&r)
	_, err = r.client.follow(ctx, j.ID)
	return r, err
}

// makeNewcomers makes contacts whose names resemble no other.
func makeNewcomers(rng *rand.Rand, round int) []person {
	word := func() string {
		letters := make([]byte, 10)
		for i := range letters {
			letters[i] = byte('a' + rng.IntN(26))
		}
		return strings.ToUpper(string(letters[:1])) + string(letters[1:])
	}
	all := make([]person, newcomersOfRound)
	for n := range all {
		all[n] = person{name: word() + " " + word(), external: fmt.Sprintf("N-%d-%d", round, n)}
	}
	return all
}

// checkNamed checks the tasks that name newcomers: each is linked to the one that it
// names, or was rejected while that one was not in the directory.
func (t *torture) checkNamed(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	for _, in := range t.named {
		_, err := in.client.follow(ctx, in.id.String())
		if t.loses() && errors.Is(err, errGone) {
			continue
		}
		var v verdict
		if err == nil {
			err = eventually(ctx, func() (err error) { v, err = t.judgeNamed(ctx, in); return err })
		}
		if err != nil {
			t.tellStuck("import %s of tasks that name newcomers: %v", in.id, err)
		}
		if v.losses != (losses{}) {
			t.tell(v.losses, v.first)
		}
	}
}

func (t *torture) judgeNamed(ctx context.Context, in *naming) (verdict, error) {
	var v verdict
	places := make([]int, len(in.names)+1)
	var n int
	var contact, reason string
	err := t.each(ctx, `SELECT t.row_number, coalesce(c.external_id, 'nobody') FROM tasks t LEFT JOIN contacts c
		ON c.workspace_id = t.workspace_id AND c.id = t.contact_id WHERE t.workspace_id = ANY ($2)
		AND t.import_id = $1`, []any{in.id, t.workspaces()}, []any{&n, &contact},
		func() {
			places[n]++
			if want := in.names[n-1].external; contact != want {
				v.blame(&v.misplaced, 1, "import %s: row %d is linked to %s, not to %s", in.id, n, contact, want)
			}
		})
	if err != nil {
		return v, err
	}
	err = t.each(ctx, `SELECT row_number, reason FROM dead_letters WHERE workspace_id = ANY ($2) AND import_id = $1`,
		[]any{in.id, t.workspaces()}, []any{&n, &reason},
		func() {
			places[n]++
			if n <= in.sure || reason != "unresolved_reference" {
				v.blame(&v.misplaced, 1, "import %s: row %d, which names %s, is rejected as %s", in.id, n, in.names[n-1].name,
					reason)
			}
		})
	for n, is := range places[1:] {
		v.blame(&v.doubled, is-1, "import %s: row %d is in %d places", in.id, n+1, is)
		v.blame(&v.lost, 1-is, "import %s: row %d is nowhere", in.id, n+1)
	}
	return v, err
}
