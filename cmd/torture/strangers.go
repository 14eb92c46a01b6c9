package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"taskport/store"
)

const (
	tricklers    = 6 // uploads that never end, of one key
	trickleEvery = 300 * time.Millisecond
)

// invite makes the key of strangers: clients that try what it does not permit, and clients whose
// uploads never end. Neither may have an effect on anybody else.
func (t *torture) invite(ctx context.Context, s *store.Store) (err error) {
	_, t.uninvited, err = s.CreateKey(ctx, store.NewKey{WorkspaceID: t.sites[0].workspace, Name: "stranger",
		Permissions: []store.Permission{store.ReadActivities, store.WriteActivities}}, time.Now())
	return err
}

// intrude tries to correct a contact, again and again, without the permission for it.
func (t *torture) intrude(ctx, striking context.Context) {
	r, err := t.takeIn(ctx, 0, "contacts", "full_name,email\nStranger Danger,no address\n", "stranger")
	if err != nil {
		if !t.loses() && ctx.Err() == nil {
			t.tell(losses{misplaced: 1}, fmt.Sprintf("the contact of a stranger: %v", err))
		}
		return
	}
	c := t.client(0)
	c.key = t.uninvited
	for n := 0; striking.Err() == nil; n++ {
		a, err := c.ask(striking, http.MethodPost, "/v1/import/jobs/"+r.id.String()+"/rejects/1", "application/json",
			`{"fields": {"email": "stranger@example.org"}}`, fmt.Sprintf("stranger-%d", n))
		if err != nil {
			return
		}
		if a.status == http.StatusNotFound && t.loses() {
			return // the import is gone
		}
		if a.status != http.StatusForbidden {
			t.tell(losses{misplaced: 1}, fmt.Sprintf("a correction without the permission is answered %d: %s", a.status, a.body))
			return
		}
		pause(striking, time.Second)
	}
}

// trickle holds uploads open that bring a byte now and then.
func (t *torture) trickle(striking context.Context) {
	var all sync.WaitGroup
	for n := range tricklers {
		all.Go(func() {
			for striking.Err() == nil {
				t.trickleOnce(striking, n)
				pause(striking, time.Second)
			}
		})
	}
	all.Wait()
}

func (t *torture) trickleOnce(ctx context.Context, n int) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(t.bases[n%len(t.bases)], "http://"))
	if err != nil {
		return // the server is away
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /v1/import/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: text/csv\r\nContent-Length: 10000000\r\n\r\ntitle,contact_name\n", t.uninvited)
	for err == nil && ctx.Err() == nil {
		pause(ctx, trickleEvery)
		_, err = conn.Write([]byte("x"))
	}
}
