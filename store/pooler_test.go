package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/store"
	"taskport/store/storetest"
)

// Transactions have their timeouts directly and through a pooler in either mode, which refuses them
// for a session, and statements need no session.
func TestTimeoutsThroughAPooler(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "session", "transaction"} {
		t.Run("mode "+mode, func(t *testing.T) {
			t.Parallel()
			url := storetest.EmptyURL(t)
			if mode != "" {
				url = storetest.PgBouncer(t, url, mode)
			}
			s, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.CheckSchema(t.Context()); err != nil {
				t.Fatal(err)
			}
			for n := range 20 { // on several connections of the pooler
				if _, err := s.CreateWorkspace(t.Context(), string(rune('a'+n)), time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			if all, err := s.Workspaces(t.Context()); err != nil || len(all) != 20 {
				t.Errorf("%d workspaces, %v", len(all), err)
			}
			for range 20 { // leaves no setting behind
				if _, _, err := s.InboxNames(t.Context(), uuid.New(), store.InboxFilter{}, store.InboxPlace{}, 1); err != nil {
					t.Fatal(err)
				}
			}
			err = s.InTx(t.Context(), func(tx pgx.Tx) error {
				for name, want := range map[string]string{"lock_timeout": "15s", "idle_in_transaction_session_timeout": "1min",
					"timezone": "UTC", "enable_seqscan": "on"} {
					var got string
					if err := tx.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&got); err != nil {
						return err
					}
					if got != want {
						t.Errorf("%s is %s, want %s", name, got, want)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
