package store_test

import (
	"fmt"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// A chunk with many ids finds the records that it finds when each id is looked up, and no others:
// with all records read at once, with more of them than are read, and in the next chunk.
func TestManyIDsAreFoundAsOne(t *testing.T) {
	for name, records := range map[string]int{"read at once": 3 * store.ManyIDs, "too many": store.MaxRead + 1} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			load := func(workspace any, prefix string, records int) {
				o.exec(`INSERT INTO companies (workspace_id, id, name, match_key, external_id, created_at)
					SELECT $1, gen_random_uuid(), 'Company ' || n, 'company ' || n, $2 || 'F-' || n, now()
					FROM generate_series(1, 10) n`, workspace, prefix)
				o.exec(`INSERT INTO contacts (workspace_id, id, full_name, first_name, last_name, email, external_id, active,
					deleted_at, company_id, created_at)
					SELECT $1, gen_random_uuid(), 'Name ' || n, 'Name', n, CASE WHEN n % 3 = 0 THEN 'a' || n || '@b.example' END,
					$2 || n, n % 7 > 0, CASE WHEN n % 49 = 0 THEN now() END,
					CASE WHEN n % 5 > 0 THEN (SELECT id FROM companies c WHERE c.workspace_id = $1 AND c.name = 'Company ' || n % 10)
					END, now() FROM generate_series(1, $3) n`, workspace, prefix, records)
				o.exec(`UPDATE companies SET active = false WHERE name = 'Company 4'`)
			}
			other, err := o.store.CreateWorkspace(t.Context(), "other", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			load(o.workspace, "C-", records)
			load(other.ID, "X-", 100)
			for chunk := range 2 {
				r, err := o.store.Remembering(t.Context(), o.workspace)
				if err != nil {
					t.Fatal(err)
				}
				keys := importer.Keys{ExternalIDs: map[importer.Kind][]string{}}
				for n := range store.ManyIDs + 500 {
					at := 1 + n*2 + chunk
					keys.ExternalIDs[importer.Contacts] = append(keys.ExternalIDs[importer.Contacts], fmt.Sprint("C-", at))
				}
				keys.ExternalIDs[importer.Contacts] = append(keys.ExternalIDs[importer.Contacts], "X-1", "nobody")
				keys.ExternalIDs[importer.Companies] = []string{"C-F-1", "C-F-4", "X-F-1"}
				got, err := r.Holders(t.Context(), keys)
				if err != nil {
					t.Fatal(err)
				}
				want, err := o.store.HoldersOnce(t.Context(), o.workspace, keys)
				if err != nil {
					t.Fatal(err)
				}
				found := 0
				for kind, ids := range keys.ExternalIDs {
					for _, id := range ids {
						g, ok := got.ExternalIDs[kind][id]
						w, exists := want.ExternalIDs[kind][id]
						if ok != exists || g != w {
							t.Fatalf("chunk %d, %s %s: got %+v %v, looked up alone %+v %v", chunk, kind, id, g, ok, w, exists)
						}
						if ok {
							found++
						}
					}
				}
				if found < store.ManyIDs {
					t.Errorf("chunk %d: %d records were found", chunk, found)
				}
			}
		})
	}
}
