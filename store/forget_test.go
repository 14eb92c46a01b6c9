package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskport/store"
	"taskport/store/storetest"
)

// TestSomeAreDeletedByTheirPlace looks at the plan that is made, and may be kept, while a table is
// empty: it must not search the table again for each of its rows.
func TestSomeAreDeletedByTheirPlace(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, table := range []string{"singles", "imports", "idempotency_keys", "audit", "webhook_events"} {
		if _, err := conn.Exec(t.Context(), `VACUUM `+table); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), `EXPLAIN `+store.DeleteSome(table, `r.created_at < now()`, 10))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if strings.Contains(plan, "Loop") || !strings.Contains(plan, "InitPlan") {
			t.Errorf("%s:\n%s", table, plan)
		}
	}
}
