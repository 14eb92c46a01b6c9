package worker

import (
	"testing"

	"taskport/store"
	"taskport/store/storetest"
)

// An import goes through a pooler in either mode: staged, claimed, linked, written and ended.
func TestImportThroughAPooler(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"session", "transaction"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			direct := b.url
			url := storetest.PgBouncer(t, b.url, mode)
			var err error
			if b.store, err = store.Open(t.Context(), url, store.Options{}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.store.Close)
			b.url = direct
			i := b.stage(t, "tasks", tasksFile(300), 10)
			b.everyRowOnce(t, b.run(t, b.worker(), i), 300)
			b.takeIn(t, "title,contact_name\nCall,Hans Müller\n")
		})
	}
}
