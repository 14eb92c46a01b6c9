package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
	"taskport/store/storetest"
)

// office is a workspace, and a process that uses it.
type office struct {
	t         *testing.T
	url       string
	store     *store.Store
	workspace uuid.UUID
}

func newOffice(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	o := &office{t: t, url: storetest.URL(t)}
	o.store = o.open()
	w, err := o.store.CreateWorkspace(t.Context(), "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o.workspace = w.ID
	return o
}

func (o *office) open() *store.Store {
	o.t.Helper()
	s, err := store.Open(o.t.Context(), o.url, store.Options{})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(s.Close)
	return s
}

// elsewhere is another process on the same workspace.
func (o *office) elsewhere() *office {
	o.t.Helper()
	return &office{t: o.t, url: o.url, store: o.open(), workspace: o.workspace}
}

// exec runs SQL without the store.
func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	c, err := pgx.Connect(o.t.Context(), o.url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer c.Close(o.t.Context())
	if _, err := c.Exec(o.t.Context(), sql, args...); err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
}

// claim stages a file of one chunk and claims it.
func (o *office) claim(kind importer.Kind, lines ...string) *store.Claim {
	o.t.Helper()
	return o.claimWith(importer.Options{}, kind, lines...)
}

func (o *office) claimWith(options importer.Options, kind importer.Kind, lines ...string) *store.Claim {
	o.t.Helper()
	if err := options.Validate(); err != nil {
		o.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		i, err := o.stage(options, kind, strings.Join(lines, "\n"))
		if err == nil {
			return o.claimAgain(i.ID)
		}
		// A restore also cuts the connections for uploads.
		if !errors.Is(err, store.ErrUnavailable) || time.Now().After(end) {
			o.t.Fatal(err)
		}
	}
}

func (o *office) stage(options importer.Options, kind importer.Kind, text string) (store.Import, error) {
	cutter, err := file.NewCutter(strings.NewReader(text), file.Options{Format: file.CSV, HasHeader: true})
	if err != nil {
		return store.Import{}, err
	}
	return o.store.Stage(o.t.Context(), store.NewImport{WorkspaceID: o.workspace, Kind: kind, Options: options,
		CreatedAt: time.Now()},
		func(keep func(file.Chunk) error) (importer.Layout, bool, error) {
			chunk, err := cutter.Next()
			if err != nil {
				return importer.Layout{}, false, err
			}
			return importer.Layout{Layout: cutter.Layout()}, false, keep(chunk)
		})
}

func (o *office) claimAgain(importID uuid.UUID) *store.Claim {
	o.t.Helper()
	c, err := o.store.Claim(o.t.Context(), store.ChunkRef{WorkspaceID: o.workspace, ImportID: importID, Number: 1},
		time.Minute)
	if err != nil || c == nil {
		o.t.Fatal(c, err)
	}
	return c
}

// linked puts a claim's rows through the pipeline, without writing.
func (o *office) linked(c *store.Claim) (*importer.Batch, int64) {
	o.t.Helper()
	reader, err := c.Import.RowReader()
	if err != nil {
		o.t.Fatal(err)
	}
	chunk, err := c.Unpacked()
	if err != nil {
		o.t.Fatal(err)
	}
	b := reader.Read(chunk, c.Import.CreatedAt)
	if err := c.AsShown(b); err != nil {
		o.t.Fatal(err)
	}
	if c.Import.Kind != importer.Tasks {
		return b, 0
	}
	resolver, err := o.store.Resolver(o.t.Context(), c)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := b.Resolve(o.t.Context(), resolver, c.Import.Options); err != nil {
		o.t.Fatal(err)
	}
	return b, resolver.Version
}

// finish puts a claim's rows through the pipeline and writes their outcomes. It fails when one
// attempt is not enough.
func (o *office) finish(c *store.Claim) (store.Finished, []importer.DeadLetter) {
	o.t.Helper()
	b, seen := o.linked(c)
	done, err := o.store.Finish(o.t.Context(), c, b, seen, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return done, b.Dead
}

func (o *office) load(names ...string) {
	o.t.Helper()
	o.finish(o.claim(importer.Contacts, append([]string{"full_name"}, names...)...))
}

// links imports a task for each name, and checks that the wanted names are linked and the others
// rejected.
func (o *office) links(want map[string]bool) {
	o.t.Helper()
	for name, linked := range want {
		done, dead := o.finish(o.claim(importer.Tasks, "title,contact_name", "Call,"+name))
		switch {
		case linked && done.Created != 1:
			o.t.Errorf("%s: got %d created and %+v, want a task", name, done.Created, dead)
		case !linked && (len(dead) != 1 || dead[0].Reason != importer.UnresolvedReference):
			o.t.Errorf("%s: got %d created and %+v, want an unresolved reference", name, done.Created, dead)
		}
	}
	o.noDangling()
}

// noDangling checks that the contact of each task exists.
func (o *office) noDangling() {
	o.t.Helper()
	c, err := pgx.Connect(o.t.Context(), o.url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer c.Close(o.t.Context())
	var n int
	if err := c.QueryRow(o.t.Context(), `SELECT count(*) FROM tasks t WHERE created_at > now() - interval '1 hour'
		AND title = 'Call' AND NOT EXISTS (
		SELECT FROM contacts c WHERE c.workspace_id = t.workspace_id AND c.id = t.contact_id)`).Scan(&n); err != nil ||
		n != 0 {
		o.t.Errorf("got %d tasks without their contact and %v, want 0", n, err)
	}
}

// restored waits until the process has no connection left that the restore has cut. It asks so many
// questions at a time that each takes another connection.
func (o *office) restored() {
	o.t.Helper()
	const atOnce = 16
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		answers := make(chan error, atOnce)
		for range atOnce {
			go func() {
				_, err := o.store.DirectoryVersion(o.t.Context(), o.workspace)
				answers <- err
			}()
		}
		var cut error
		for range atOnce {
			if err := <-answers; err != nil {
				cut = err
			}
		}
		if cut == nil {
			return
		}
		if !errors.Is(cut, store.ErrUnavailable) || time.Now().After(end) {
			o.t.Fatal(cut)
		}
	}
}

// A restored database replaces the names that a process has in memory, however much the directory
// has changed since.
func TestRestoreInPlace(t *testing.T) {
	for name, since := range map[string]int{"behind": 0, "as many changes": 1, "more changes": 3} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.load("Hans Müller")
			restore := storetest.Backup(t, o.url)
			o.restored()
			o.load("Greta Verloren")
			o.links(map[string]bool{"Hans Müller": true, "Greta Verloren": true})

			restore()
			other := o.elsewhere()
			want := map[string]bool{"Hans Müller": true, "Greta Verloren": false}
			for _, later := range []string{"Otto Später", "Ida Danach", "Uwe Zuletzt"}[:since] {
				other.load(later)
				want[later] = true
			}
			o.restored()
			o.links(want)
		})
	}
}

// A link from before a restore is not written after it.
func TestRestoreWhileAChunkIsAtWork(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	c := o.claim(importer.Tasks, "title,contact_name", "Call,Greta Verloren")
	restore := storetest.Backup(t, o.url)
	o.restored()
	o.load("Greta Verloren")
	b, seen := o.linked(c)
	if len(b.Tasks) != 1 {
		t.Fatalf("got %+v, want a linked task", b.Dead)
	}
	restore()
	o.elsewhere().load("Otto Später")
	o.restored()
	if done, err := o.store.Finish(t.Context(), c, b, seen, time.Now()); !errors.Is(err, store.ErrRetry) {
		t.Errorf("got %+v, %v, want %v", done, err, store.ErrRetry)
	}
	if done, dead := o.finish(c); done.Rejected != 1 || dead[0].Reason != importer.UnresolvedReference {
		t.Errorf("got %+v, %+v, want an unresolved reference", done, dead)
	}
	o.noDangling()
}

// A contact that was deleted by SQL is no longer linked.
func TestContactDeletedBySQL(t *testing.T) {
	for name, sql := range map[string]string{"delete": `DELETE FROM contacts WHERE full_name = 'Greta Verloren'`,
		"truncate": `TRUNCATE contacts`} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.load("Hans Müller", "Greta Verloren")
			o.links(map[string]bool{"Hans Müller": true, "Greta Verloren": true})
			o.exec(`DELETE FROM tasks`)
			between := o.claim(importer.Tasks, "title,contact_name", "Call,Greta Verloren")
			b, seen := o.linked(between)
			o.exec(sql)
			if done, err := o.store.Finish(t.Context(), between, b, seen, time.Now()); !errors.Is(err, store.ErrRetry) {
				t.Errorf("linked before the delete: got %+v, %v, want %v", done, err, store.ErrRetry)
			}
			if done, dead := o.finish(between); done.Rejected != 1 || dead[0].Reason != importer.UnresolvedReference {
				t.Errorf("linked again: got %+v, %+v, want an unresolved reference", done, dead)
			}
			o.links(map[string]bool{"Hans Müller": name == "delete", "Greta Verloren": false})
		})
	}
}

// A name of two contacts means the other one after one is deleted by SQL.
func TestNamesakeDeletedBySQL(t *testing.T) {
	o := newOffice(t)
	o.finish(o.claim(importer.Contacts, "external_id,full_name", "1,Hans Müller", "2,Hans Müller"))
	if _, dead := o.finish(o.claim(importer.Tasks, "title,contact_name", "Call,Hans Müller")); len(dead) != 1 ||
		dead[0].Reason != importer.AmbiguousReference {
		t.Fatalf("got %+v, want an ambiguous reference", dead)
	}
	o.exec(`DELETE FROM contacts WHERE external_id = '1'`)
	o.links(map[string]bool{"Hans Müller": true})
}

// A link waits for an uncommitted delete by SQL, and then fails.
func TestContactBeingDeletedBySQL(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	c := o.claim(importer.Tasks, "title,contact_name", "Call,Hans Müller")
	b, seen := o.linked(c)
	deletes := connect(t, o.url)
	exec(t, deletes, `BEGIN`)
	exec(t, deletes, `DELETE FROM contacts`)
	finished := make(chan error, 1)
	go func() {
		_, err := o.store.Finish(t.Context(), c, b, seen, time.Now())
		finished <- err
	}()
	waitForLock(t, connect(t, o.url), finished)
	exec(t, deletes, `COMMIT`)
	if err := <-finished; !errors.Is(err, store.ErrRetry) {
		t.Errorf("got %v, want %v", err, store.ErrRetry)
	}
	o.noDangling()
}

// A committed row is rejected when its contact was deleted by SQL after the dry run.
func TestShownContactDeletedBySQL(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	c := o.claimWith(importer.Options{DryRun: true}, importer.Tasks, "title,contact_name", "Call,Hans Müller")
	o.finish(c)
	if ended, err := o.store.FinishImport(t.Context(), o.workspace, c.ImportID); err != nil || !ended {
		t.Fatal(ended, err)
	}
	if _, err := o.store.Commit(t.Context(), o.workspace, c.ImportID, store.Actor{Name: "test"}, nil); err != nil {
		t.Fatal(err)
	}
	o.exec(`DELETE FROM contacts`)
	if done, dead := o.finish(o.claimAgain(c.ImportID)); done.Created != 0 || len(dead) != 1 ||
		dead[0].Reason != importer.UnknownReference {
		t.Errorf("got %+v, %+v, want an unknown reference", done, dead)
	}
	o.noDangling()
}

// A change of the directory is read by itself, unless a record was removed.
func TestDirectoryIsReadByChanges(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	o.links(map[string]bool{"Hans Müller": true})
	// Without a new version: a full read finds the new name, a read of the changes does not.
	o.exec(`UPDATE contacts SET full_name = 'Gustav Anders' WHERE full_name = 'Hans Müller'`)
	o.load("Otto Später")
	o.links(map[string]bool{"Hans Müller": true, "Otto Später": true, "Gustav Anders": false})
	o.exec(`DELETE FROM tasks`)
	o.exec(`DELETE FROM contacts WHERE full_name = 'Otto Später'`)
	o.links(map[string]bool{"Hans Müller": false, "Otto Später": false, "Gustav Anders": true})
}

// The kept changes of a directory are bounded. A process whose version is no longer kept reads all.
func TestDirectoryChangesAreBounded(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	o.links(map[string]bool{"Hans Müller": true})
	o.exec(`SELECT change_directory($1, false) FROM generate_series(1, 1200)`, o.workspace)
	o.elsewhere().load("Otto Später")
	o.links(map[string]bool{"Hans Müller": true, "Otto Später": true})
	c := connect(t, o.url)
	var n int
	if err := c.QueryRow(t.Context(), `SELECT count(*) FROM directory_changes`).Scan(&n); err != nil || n < 900 ||
		n > 1100 {
		t.Errorf("got %d changes, %v, want about 1,000", n, err)
	}
}

// Deleting a workspace deletes its directory, and the samples of its files, which no foreign key
// ties to it.
func TestWorkspaceDeletedBySQL(t *testing.T) {
	o := newOffice(t)
	o.load("Hans Müller")
	o.exec(`INSERT INTO row_samples (workspace_id, sum, import_id) SELECT workspace_id, 7, id FROM imports`)
	o.exec(`DELETE FROM workspaces`)
	o.exec(`DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM row_samples), 'samples are left'; END $$`)
	if _, err := o.store.DirectoryVersion(t.Context(), o.workspace); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want %v", err, store.ErrNotFound)
	}
}

// keyed loads a contact with an external id and an address.
func (o *office) keyed(name, id string) {
	o.t.Helper()
	o.finish(o.claim(importer.Contacts, "full_name,external_id,email", name+","+id+","+id+"@kehl.example"))
}

// means imports a task for each external id and for its address, and checks who is linked; nobody
// for an empty name.
func (o *office) means(want map[string]string) {
	o.t.Helper()
	for id, name := range want {
		b, _ := o.linked(o.claim(importer.Tasks, "title,contact_external_id,contact_email", "By id,"+id+",",
			"By address,,"+id+"@kehl.example"))
		got := map[string]string{}
		for _, task := range b.Tasks {
			r, err := o.store.DirectoryRecord(o.t.Context(), o.workspace, importer.Contacts, task.ContactID)
			if err != nil {
				o.t.Fatal(err)
			}
			got[task.Title] = r.Field("full_name")
		}
		for _, title := range []string{"By id", "By address"} {
			if got[title] != name {
				o.t.Errorf("%s %s: got %q, want %q", title, id, got[title], name)
			}
		}
	}
}

// What a process remembers of ids and addresses is that of the directory of now.
func TestKeysFollowTheDirectory(t *testing.T) {
	o := newOffice(t)
	o.keyed("Hans Müller", "H1")
	o.means(map[string]string{"H1": "Hans Müller", "G1": ""})
	o.means(map[string]string{"H1": "Hans Müller", "G1": ""})

	o.elsewhere().keyed("Greta Nachher", "G1")
	o.means(map[string]string{"H1": "Hans Müller", "G1": "Greta Nachher"})

	o.exec(`UPDATE contacts SET external_id = 'H2', email = 'h2@kehl.example' WHERE external_id = 'H1'`)
	o.exec(`SELECT change_directory($1, true)`, o.workspace) // as docs/operations.md says
	o.means(map[string]string{"H1": "", "H2": "Hans Müller"})

	restore := storetest.Backup(t, o.url)
	o.restored()
	o.keyed("Uwe Verloren", "U1")
	o.means(map[string]string{"U1": "Uwe Verloren"})
	restore()
	o.restored()
	o.means(map[string]string{"U1": "", "H2": "Hans Müller"})

	o.exec(`DELETE FROM contacts WHERE external_id = 'G1'`)
	o.means(map[string]string{"G1": "", "H2": "Hans Müller"})

	w, err := o.store.CreateWorkspace(t.Context(), "other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other := &office{t: t, url: o.url, store: o.store, workspace: w.ID}
	other.means(map[string]string{"H2": ""})
}
