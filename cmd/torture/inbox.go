package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// importsOfRound is how many imports name the same unknown people. What leaves no doubt is accepted
// in all of them by one decision.
const importsOfRound = 2

// acceptance is a round of rows that name people before they are in the directory.
type acceptance struct {
	t       *torture
	browser *browser
	names   []person // by row, from 0
	imports []importRun
	ids     []uuid.UUID // of the imports
}

// operate is an operator at the inbox, round after round: rows name people who are loaded later,
// all that leaves no doubt is accepted together, this is undone, and accepted once more.
func (t *torture) operate(ctx, striking context.Context) {
	rng := newRand(t.seed, 300_000)
	browsers := make([]*browser, len(t.sites))
	for n := range t.sites {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.tell(losses{misplaced: 1}, err.Error())
			return
		}
		browsers[n] = &browser{bases: t.bases, key: t.sites[n].key, client: &http.Client{Jar: jar,
			Timeout: requestTimeout}}
	}
	t.inRounds(ctx, striking, "round of the inbox", time.Second, func(n int) error {
		a := &acceptance{t: t, browser: browsers[n%len(t.sites)]}
		return a.run(ctx, n, rng)
	})
}

func (a *acceptance) run(ctx context.Context, n int, rng *rand.Rand) error {
	const steps = 6 // three imports and three actions; each may take as long as an import
	ctx, stop := context.WithTimeout(ctx, steps*a.t.patience)
	defer stop()
	if err := a.begin(ctx, n, rng); err != nil {
		return err
	}
	for _, step := range []struct {
		action   string
		do       func(context.Context) error
		accepted bool
	}{{"accepted together", a.accept, true}, {"acceptance undone", a.undo, false}, {"accepted together", a.accept, true}} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.action, err)
		}
		v, err := a.judge(ctx, step.accepted)
		if err != nil {
			return err
		}
		if v.losses != (losses{}) {
			a.t.tell(v.losses, fmt.Sprintf("%s: %s", step.action, v.first))
		}
		a.t.acted(step.action)
	}
	for _, id := range a.ids {
		a.t.retire(ctx, id)
	}
	return nil
}

// begin imports the rows, and then loads the people whom they name.
func (a *acceptance) begin(ctx context.Context, n int, rng *rand.Rand) error {
	site := n % len(a.t.sites)
	a.names = makeNewcomers(rng, n)
	contacts, tasks := "full_name,external_id\n", "title,contact_name\n"
	for i := range a.names {
		p := &a.names[i]
		p.external = "A" + p.external[1:]
		contacts += p.name + "," + p.external + "\n"
		tasks += fmt.Sprintf("Call %d of acceptance %d,%s\n", i, n, p.name)
	}
	for i := range importsOfRound {
		r, err := a.t.takeIn(ctx, site, "tasks?on_same_file=all", tasks, fmt.Sprintf("accepted-%d-%d", n, i))
		if err != nil {
			return err
		}
		a.imports, a.ids = append(a.imports, r), append(a.ids, r.id)
	}
	_, err := a.t.takeIn(ctx, site, "contacts", contacts, fmt.Sprintf("accepted-%d", n))
	return err
}

// accept accepts what leaves no doubt, until no row of the imports is open.
func (a *acceptance) accept(ctx context.Context) error {
	return eventually(ctx, func() error {
		if err := a.browser.acceptSure(ctx); err != nil {
			pause(ctx, afterNoAnswer)
			return err
		}
		for _, r := range a.imports {
			if _, err := r.client.follow(ctx, r.id.String()); err != nil {
				return err
			}
		}
		var open int
		err := a.t.one(ctx, &open, `SELECT count(*) FROM dead_letters WHERE import_id = ANY ($1)`, a.ids)
		if err == nil && open > 0 {
			return fmt.Errorf("%d rows are open", open)
		}
		return err
	})
}

// undo takes back every decision about the imports.
func (a *acceptance) undo(ctx context.Context) error {
	var decision uuid.UUID
	var all []uuid.UUID
	if err := eventually(ctx, func() error {
		all = nil
		return a.t.each(ctx, `SELECT DISTINCT coalesce(part_of, id) FROM audit WHERE import_id = ANY ($1)
			AND action = 'correct_all'`, []any{a.ids}, []any{&decision}, func() { all = append(all, decision) })
	}); err != nil {
		return err
	}
	for _, d := range all {
		got, err := a.imports[0].client.ask(ctx, http.MethodPost, "/v1/rejects/decisions/"+d.String()+"/undo", "", "",
			"undo-"+d.String())
		if err != nil {
			return err
		}
		if got.status >= http.StatusBadRequest && got.status != http.StatusConflict { // a first answer was lost
			return fmt.Errorf("undo of %s: %d %s: %s", d, got.status, got.code, got.body)
		}
	}
	return nil
}

// judge compares the rows: each is a task that is linked to the person it names, or is a dead
// letter again.
func (a *acceptance) judge(ctx context.Context, accepted bool) (v verdict, err error) {
	for _, r := range a.imports {
		j, err := r.client.follow(ctx, r.id.String())
		if err != nil {
			return v, err
		}
		want := map[bool]int{true: len(a.names)}
		if j.Created != want[accepted] || j.Rejected != want[!accepted] || j.Total != len(a.names) {
			v.blame(&v.misplaced, 1, "the job of %d rows is %+v", len(a.names), j)
		}
		var one verdict
		if err := eventually(ctx, func() (err error) { one, err = a.places(ctx, r.id, accepted); return err }); err != nil {
			return v, err
		}
		v.add(one.losses)
		if v.first == "" {
			v.first = one.first
		}
	}
	return v, nil
}

func (a *acceptance) places(ctx context.Context, id uuid.UUID, accepted bool) (verdict, error) {
	var v verdict
	tasks, dead := make([]int, len(a.names)+1), make([]int, len(a.names)+1)
	var n int
	var contact string
	err := a.t.each(ctx, `SELECT t.row_number, coalesce(c.external_id, 'nobody') FROM tasks t LEFT JOIN contacts c
		ON c.workspace_id = t.workspace_id AND c.id = t.contact_id WHERE t.workspace_id = ANY ($2)
		AND t.import_id = $1`, []any{id, a.t.workspaces()}, []any{&n, &contact}, func() {
		tasks[n]++
		if want := a.names[n-1].external; contact != want {
			v.blame(&v.misplaced, 1, "import %s: row %d is linked to %s, not to %s", id, n, contact, want)
		}
	})
	if err != nil {
		return v, err
	}
	err = a.t.each(ctx, `SELECT row_number FROM dead_letters WHERE workspace_id = ANY ($2) AND import_id = $1
		AND reason = 'unresolved_reference' AND dismissed_at IS NULL`, []any{id, a.t.workspaces()}, []any{&n},
		func() { dead[n]++ })
	for n := 1; n <= len(a.names); n++ {
		places := tasks[n] + dead[n]
		v.blame(&v.doubled, places-1, "import %s: row %d is in %d places", id, n, places)
		v.blame(&v.lost, 1-places, "import %s: row %d is nowhere", id, n)
		if places == 1 && accepted != (tasks[n] == 1) {
			v.blame(&v.misplaced, 1, "import %s: row %d has %d tasks and %d dead letters", id, n, tasks[n], dead[n])
		}
	}
	return v, err
}

// browser is the browser of an operator at the console.
type browser struct {
	bases  []string
	key    string
	asked  int
	client *http.Client
}

var (
	csrfField = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	pickField = regexp.MustCompile(`name="pick" value="([^"]*)"`)

	errNoForm = errors.New("the page has no form")
)

// acceptSure previews what leaves no doubt, and accepts all of it. It signs in where that is
// needed.
func (b *browser) acceptSure(ctx context.Context) error {
	const path = "/console/inbox/sure"
	page, err := b.load(ctx, path, nil)
	if err == nil && strings.Contains(page, `name="key"`) {
		if page, err = b.send(ctx, "/console/signin", page, url.Values{"key": {b.key}}); err == nil {
			page, err = b.load(ctx, path, nil)
		}
	}
	if err != nil {
		return err
	}
	picks := url.Values{"back": {""}}
	for _, p := range pickField.FindAllStringSubmatch(page, -1) {
		picks.Add("pick", html.UnescapeString(p[1]))
	}
	if picks.Has("pick") {
		_, err = b.send(ctx, path, page, picks)
	}
	return err
}

// send posts a form of a page.
func (b *browser) send(ctx context.Context, path, page string, form url.Values) (string, error) {
	token := csrfField.FindStringSubmatch(page)
	if token == nil {
		return "", errNoForm
	}
	form.Set("csrf", html.UnescapeString(token[1]))
	return b.load(ctx, path, form)
}

// load returns a page; with a form, that which answers it.
func (b *browser) load(ctx context.Context, path string, form url.Values) (string, error) {
	b.asked++
	method, contentType := http.MethodGet, ""
	if form != nil {
		method, contentType = http.MethodPost, "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequestWithContext(ctx, method, b.bases[b.asked%len(b.bases)]+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", contentType)
	resp, err := b.client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %d: %.300s", method, path, resp.StatusCode, text)
	}
	return string(text), err
}
