package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// A workspace that costs as much as it can: names of 480 letters that are all alike, and
// webhooks whose receivers never finish an answer. The others must come to their ends beside it.
const (
	nuisanceContacts  = 400
	nuisanceRows      = 200
	nuisanceLetters   = 480
	nuisanceReceivers = 20
	dripEvery         = 50 * time.Millisecond
	nuisanceRest      = 3 // times the length of an import
)

// inviteNuisance makes the workspace of the nuisance.
func (t *torture) inviteNuisance(ctx context.Context, s *store.Store) error {
	w, err := s.CreateWorkspace(ctx, "nuisance", time.Now())
	if err != nil {
		return err
	}
	t.nuisance.workspace = w.ID
	_, t.nuisance.key, err = s.CreateKey(ctx, store.NewKey{WorkspaceID: w.ID, Name: "nuisance",
		Permissions: store.Permissions()}, time.Now())
	return err
}

// alike makes a name of few syllables.
func alike(rng *rand.Rand) string {
	var b strings.Builder
	for b.Len() < nuisanceLetters {
		b.WriteString([]string{"an", "na", "la", "al"}[rng.IntN(4)])
	}
	return b.String()
}

// annoy imports hostile files into the workspace of the nuisance until striking ends. They too must
// end, with each row in one place. It rests after each, several times as long as that took: a run has
// many faults, and not all of them need the nuisance beside them.
func (t *torture) annoy(ctx, striking context.Context) {
	rng := newRand(t.seed, 400_000)
	c := t.clientOf(t.nuisance)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.tell(losses{misplaced: 1}, fmt.Sprintf("no receiver: %v", err))
		return
	}
	defer l.Close()
	go drip(striking, l)
	for n := range nuisanceReceivers {
		if err := subscribe(ctx, c, l, n, `"import.completed", "task.created"`); err != nil {
			return // the run ends
		}
	}
	contacts := "full_name\n"
	for range nuisanceContacts {
		contacts += alike(rng) + "\n"
	}
	r, err := t.takeInAs(ctx, c, "contacts", contacts, "nuisance")
	for n := 0; striking.Err() == nil && err == nil; n++ {
		began := time.Now()
		tasks := "title,contact_name\n"
		for i := range nuisanceRows {
			tasks += fmt.Sprintf("Call %d of file %d,%s\n", i, n, alike(rng))
		}
		if r, err = t.takeInAs(ctx, c, "tasks", tasks, fmt.Sprintf("nuisance-%d", n)); err != nil {
			break
		}
		var places int
		if err = eventually(bounded(ctx), func() error {
			return t.one(ctx, &places, `SELECT (SELECT count(*) FROM tasks WHERE workspace_id = $2 AND import_id = $1)
				+ (SELECT count(*) FROM dead_letters WHERE workspace_id = $2 AND import_id = $1)`, r.id, t.nuisance.workspace)
		}); err != nil {
			break
		}
		var v verdict
		const story = "%d rows of the hostile import %s are in %d places"
		v.blame(&v.lost, nuisanceRows-places, story, nuisanceRows, r.id, places)
		v.blame(&v.doubled, places-nuisanceRows, story, nuisanceRows, r.id, places)
		if v.losses != (losses{}) {
			t.tell(v.losses, v.first)
		}
		t.acted("hostile import")
		t.retire(ctx, r.id)
		pause(striking, nuisanceRest*time.Since(began))
	}
	if err != nil && ctx.Err() == nil {
		t.tellStuck("hostile import %s: %v", r.id, err)
	}
}

// drip answers requests without an end.
func drip(ctx context.Context, l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				return
			}
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Slow: ")
			for err == nil && ctx.Err() == nil {
				pause(ctx, dripEvery)
				_, err = io.WriteString(conn, "a")
			}
		}()
	}
}

// subscribe makes a webhook whose receiver listens.
func subscribe(ctx context.Context, c *client, l net.Listener, number int, events string) error {
	a, err := c.ask(ctx, http.MethodPost, "/v1/webhooks", "application/json",
		fmt.Sprintf(`{"url": "http://%s/%d", "events": [%s]}`, l.Addr(), number, events), "")
	if err == nil && a.status >= http.StatusBadRequest {
		err = fmt.Errorf("webhook: %d %s: %s", a.status, a.code, a.body)
	}
	return err
}

// receiveEvents takes the events of the first site until ctx ends, and remembers their imports.
func (t *torture) receiveEvents(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadTimeout: requestTimeout, Handler: http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		var event struct {
			Data struct {
				ID uuid.UUID `json:"job_id"`
			} `json:"data"`
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.announced[event.Data.ID] = true
	})}
	go func() { _ = server.Serve(l) }()
	t.onClose(server.Close)
	return subscribe(ctx, t.client(0), l, 0, `"import.completed"`)
}

// checkAnnounced waits until the receiver was told of every import of the first site that is in the
// database and has ended.
func (t *torture) checkAnnounced(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	var missing []uuid.UUID
	if err := eventually(ctx, func() error {
		missing = nil
		var id uuid.UUID
		if err := t.each(ctx, `SELECT id FROM imports WHERE workspace_id = $1 AND status = 'completed' AND created_at > $2`,
			[]any{t.sites[0].workspace, t.subscribed}, []any{&id}, func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				if !t.announced[id] {
					missing = append(missing, id)
				}
			}); err != nil {
			return err
		}
		if len(missing) > 0 {
			return errNotYet
		}
		return nil
	}); err != nil {
		t.tell(losses{lost: len(missing)}, fmt.Sprintf("a receiver was not told of %d imports, among them %v", len(missing),
			missing[:min(1, len(missing))]))
	}
}
