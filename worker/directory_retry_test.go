package worker

import (
	"fmt"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// load takes a file of the directory in, and retries the rejected rows that it resolves.
func (b *bundle) load(t *testing.T, kind importer.Kind, file string) store.Import {
	t.Helper()
	i := b.stageWith(t, kind, file, 100_000, importer.Options{RetryRejects: true})
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	return b.await(t, i)
}

// workOff lets a worker process all pending chunks, which the load has queued.
func (b *bundle) workOff(t *testing.T, imports []store.Import) {
	t.Helper()
	for _, i := range imports {
		if n := b.queryInt(t, `SELECT coalesce(max(number), 0) FROM chunks WHERE import_id = $1 AND state = 'pending'`,
			i.ID); n > 0 {
			if err := b.worker().Process(t.Context(), b.ref(i, n)); err != nil {
				t.Fatal(err)
			}
		}
		b.await(t, i)
	}
}

// wantRetried makes sure of how many rows a load has retried, in how many imports, and that all
// went in.
func (b *bundle) wantRetried(t *testing.T, i store.Import, rows, imports int) {
	t.Helper()
	got, of, err := b.store.Retried(t.Context(), i)
	if err != nil || got != (store.Corrected{Rows: rows, Created: rows}) || of != imports {
		t.Errorf("%s: retried %+v of %d imports, want %d rows of %d: %v", i.FileName, got, of, rows, imports, err)
	}
}

// Loading a record moves exactly the rows that name it, in every import, and leaves the others as
// they are.
func TestRetryRejects(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `INSERT INTO users (workspace_id, id, name, created_at, version, assignee_id) VALUES ($1, gen_random_uuid(),
		'Omar Haddad', now(), 1, 'u-1')`, b.workspace)
	b.contactNamed(t, "Jan Zwilling", "Acme GmbH")
	const file = "title,contact_name,company_name,deal_name,assignee_name\nCall %[1]d,Zebulon Quark,,,\n" +
		"Write %[1]d,Thea Later,,,\nAsk %[1]d,,Quark Works,,\nWait %[1]d,Hans Müller,,Big Deal,\n" +
		"Sign %[1]d,Hans Müller,,,Jane Whitcombe\nDo %[1]d,,,,\nGo %[1]d,Jan Zwilling,Beta AG,,\n"
	var imports []store.Import
	for n := range 3 {
		i := b.takeIn(t, fmt.Sprintf(file, n))
		b.wantCounts(t, i, 0, 7)
		imports = append(imports, i)
	}
	if _, err := b.store.Dismiss(t.Context(), b.workspace, imports[2].ID, store.Dismissal{Selector: store.Selector{
		Name: "Zebulon Quark", Field: "contact_name"}}, anna, nil); err != nil {
		t.Fatal(err)
	}
	in := 0
	for _, c := range []struct {
		kind importer.Kind
		file string
		rows int // of each import, but for those that were dismissed
		of   int
	}{
		{importer.Contacts, "full_name,email\nZebulon Quark,z@quark.example\n", 2, 2},
		{importer.Contacts, "full_name\nSomebody Else\n", 0, 0},
		{importer.Companies, "name\nQuark Works\n", 3, 3},
		{importer.Deals, "title,external_id\nBig Deal,77\n", 3, 3},
		{importer.Users, "name,assignee_id\nJane Whitcombe,u-2\n", 3, 3},
		{importer.Contacts, "full_name,company_name\nJan Zwilling,Beta AG\n", 3, 3},
	} {
		var before []string
		for _, i := range imports {
			before = append(before, b.letters(t, i))
		}
		loaded := b.load(t, c.kind, c.file)
		if loaded.Status != store.Completed {
			t.Fatalf("%s: %+v", c.file, loaded)
		}
		b.workOff(t, imports)
		for n, i := range imports {
			for _, letter := range strings.Split(b.letters(t, i), "\n") {
				if !strings.Contains(before[n], letter) {
					t.Errorf("%s: another dead letter is there: %s", c.file, letter)
				}
			}
		}
		b.wantRetried(t, loaded, c.rows, c.of)
		in += c.rows
		if got := b.queryInt(t, `SELECT count(*) FROM tasks`); got != in {
			t.Fatalf("%s: %d tasks, want %d", c.file, got, in)
		}
	}
	// A load that is carried out again names the same record, and the undo takes back what it moved.
	decided := b.queryText(t, `SELECT retry_id::text FROM imports WHERE retry_id IS NOT NULL ORDER BY id LIMIT 1`)
	id, _ := importer.ParseID(decided)
	undone, err := b.store.UndoDecision(t.Context(), b.operator(), id)
	if err != nil || undone.Rows != 2 || undone.Tasks != 2 {
		t.Fatalf("%+v %v", undone, err)
	}
	again := b.load(t, importer.Contacts, "full_name,email\nZebulon Quark,z@quark.example\n")
	b.workOff(t, imports)
	b.wantRetried(t, again, 2, 2)
	if n := b.queryInt(t, `SELECT count(*) FROM mirror_ids`); n != 0 {
		t.Errorf("%d named records are kept", n)
	}
}
