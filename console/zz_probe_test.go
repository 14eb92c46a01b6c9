package console_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"taskport/store"
)

func TestZZProbe(t *testing.T) {
	s := newSite(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "large.csv", large(1_000_000))
	s.ended(path)
	for range 4 {
		b := time.Now()
		_, err := s.store.InboxNames(t.Context(), s.workspace, store.InboxFilter{}, store.InboxPlace{}, 31)
		t.Log("names", time.Since(b), err)
		b = time.Now()
		_, err = s.store.InboxCounts(t.Context(), s.workspace, store.InboxFilter{})
		t.Log("counts", time.Since(b), err)
		b = time.Now()
		_, err = s.store.InboxDone(t.Context(), s.workspace, store.InboxFilter{})
		t.Log("done", time.Since(b), err)
		b = time.Now()
		s.get("/console/inbox")
		t.Log("page", time.Since(b))
	}
	sql, _ := os.ReadFile("/tmp/h/console/names.sql")
	if len(sql) > 0 {
		c, _ := pgx.Connect(context.Background(), s.url)
		rows, err := c.Query(context.Background(), "EXPLAIN (ANALYZE, BUFFERS) "+string(sql), s.workspace, 100000, 31, 20)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var l string
			_ = rows.Scan(&l)
			t.Log(l)
		}
		t.Log(rows.Err())
	}
}
