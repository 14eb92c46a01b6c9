package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// operator is the key that undoes decisions in tests.
func (b *bundle) operator() store.Key {
	return store.Key{WorkspaceID: b.workspace, ID: uuid.New(), Name: "Bert",
		Permissions: []store.Permission{store.WriteActivities, store.WriteContacts, store.WriteCompanies}}
}

// letters returns the dead letters of an import as text, with all that belongs to them.
func (b *bundle) letters(t *testing.T, i store.Import) string {
	t.Helper()
	return b.queryText(t, `SELECT coalesce(string_agg(to_jsonb(d)::text || coalesce(to_jsonb(m)::text, ''), E'\n'
		ORDER BY d.row_number), '') FROM dead_letters d LEFT JOIN corrections m ON m.workspace_id = d.workspace_id
		AND m.import_id = d.import_id AND m.row_number = d.row_number WHERE d.import_id = $1`, i.ID)
}

// directory returns the contacts, companies and aliases as text.
func (b *bundle) directoryText(t *testing.T) string {
	t.Helper()
	return b.queryText(t, `SELECT concat_ws(';', (SELECT string_agg(full_name, ',' ORDER BY id) FROM contacts
		WHERE deleted_at IS NULL), (SELECT string_agg(name, ',' ORDER BY id) FROM companies WHERE deleted_at IS NULL),
		(SELECT string_agg(name || '=' || record_id, ',' ORDER BY name) FROM aliases))`)
}

// refusedUndo makes sure that an undo is refused for a reason, and changes nothing.
func (b *bundle) refusedUndo(t *testing.T, i store.Import, decision uuid.UUID, why string) {
	t.Helper()
	before := b.letters(t, i)
	var state *store.StateError
	if _, err := b.store.UndoDecision(t.Context(), b.operator(), decision); !errors.As(err, &state) ||
		!strings.Contains(err.Error(), why) {
		t.Errorf("undo: %v, want %q", err, why)
	}
	if after := b.letters(t, i); after != before {
		t.Errorf("a refused undo changed\n%s\ninto\n%s", before, after)
	}
}

// An undo brings every dead letter back as it was, whatever its rows became: created or skipped;
// and the directory.
func TestUndoDecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.contactNamed(t, "Jan Zwilling", "Acme GmbH")
	b.contactNamed(t, "Jan Zwilling", "Beta AG")
	i := b.takeIn(t, "title,contact_name,external_id\nCall,the boss,a\nWrite,the boss,b\n"+
		"Ask,The Boss,a\nWait,Nobody Atall,\nSign,Hans Müller,c\n")
	b.wantCounts(t, i, 1, 4)
	letters, directory := b.letters(t, i), b.directoryText(t)
	which := store.Selector{Field: "contact_name", Name: "the boss"}
	boss := importer.Contact{FullName: "Theo Boss", CompanyName: "Boss Works"}
	decided, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, importer.Correction{NewContact: &boss},
		true, anna, nil)
	if err != nil || decided.Rows != 3 {
		t.Fatalf("%+v %v", decided, err)
	}
	after := b.carryOut(t, i)
	if after.Created != 3 || after.Skipped != 1 || after.Rejected != 1 {
		t.Fatalf("%+v", after)
	}
	undone, err := b.store.UndoDecision(t.Context(), b.operator(), decided.Decision)
	if err != nil || undone.Rows != 3 || undone.Tasks != 2 || undone.Back != 3 {
		t.Fatalf("%+v %v", undone, err)
	}
	now := b.await(t, i)
	b.wantCounts(t, now, 1, 4)
	if got := b.letters(t, i); got != letters {
		t.Errorf("dead letters are\n%s\nwant\n%s", got, letters)
	}
	if got := b.directoryText(t); got != directory {
		t.Errorf("the directory is %s, want %s", got, directory)
	}
	if fmt.Sprint(now.ByReason) != fmt.Sprint(i.ByReason) {
		t.Errorf("reasons are %v, want %v", now.ByReason, i.ByReason)
	}
	b.refusedUndo(t, i, decided.Decision, "Bert has undone it already")
	if got := b.queryText(t, `SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE actor_name = 'Bert'`); got !=
		"undo_decision" {
		t.Errorf("the audit has %s", got)
	}
	// It can be decided once more, and undone again.
	again, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, importer.Correction{ContactID: b.contact},
		false, anna, nil)
	if err != nil || again.Rows != 3 {
		t.Fatalf("%+v %v", again, err)
	}
	b.carryOut(t, i)
	if _, err := b.store.UndoDecision(t.Context(), b.operator(), again.Decision); err != nil {
		t.Fatal(err)
	}
	if got := b.letters(t, i); got != letters {
		t.Errorf("dead letters are\n%s\nwant\n%s", got, letters)
	}
}

// An undo that would lose a later change is refused.
func TestUndoDecisionRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeInWith(t, "title,contact_name,external_id\nCall,Nobody Atall,a\nWrite,Nobody Atall,a\nAsk,Nobody Else,\n",
		importer.Options{OnDuplicate: importer.DuplicateReject})
	b.wantCounts(t, i, 0, 3)
	name := func(n string) importer.Correction {
		return importer.Correction{Fields: map[string]string{"contact_name": n}}
	}
	which := store.Selector{Field: "contact_name", Name: "Nobody Atall"}
	first, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, name("Hans Müller"), false, anna, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.wantCounts(t, b.carryOut(t, i), 1, 2) // row 2 is a duplicate now
	second, err := b.store.Correct(t.Context(), b.workspace, i.ID, 2, name("Nobody Third"), anna, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.carryOut(t, i)
	b.refusedUndo(t, i, first.Decision, "row 2 has a later decision")
	if _, err := b.store.UndoDecision(t.Context(), b.operator(), second.Decision); err != nil {
		t.Fatal(err)
	}
	// Another row of the import updates the task.
	b.exec(t, `UPDATE tasks SET updated_at = now() WHERE import_id = $1`, i.ID)
	b.refusedUndo(t, i, first.Decision, "1 of the 1 tasks that its rows became were changed since")
	b.exec(t, `UPDATE tasks SET updated_at = NULL WHERE import_id = $1`, i.ID)
	dismissed, err := b.store.Dismiss(t.Context(), b.workspace, i.ID, store.Dismissal{Selector: store.Selector{
		Rows: []int{2}}}, anna, nil)
	if err != nil || dismissed.Dismissed != 1 {
		t.Fatalf("%+v %v", dismissed, err)
	}
	b.refusedUndo(t, i, first.Decision, "row 2 was dismissed since")
	if undone, err := b.store.UndoDecision(t.Context(), b.operator(), dismissed.Decision); err != nil || undone.Rows != 1 {
		t.Fatalf("%+v %v", undone, err)
	}
	b.refusedUndo(t, i, dismissed.Decision, "undone it already")
	if _, err := b.store.UndoDecision(t.Context(), b.operator(), uuid.New()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown decision: %v", err)
	}
	stranger := b.operator()
	stranger.WorkspaceID = uuid.New()
	if _, err := b.store.UndoDecision(t.Context(), stranger, first.Decision); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a decision of another workspace: %v", err)
	}
	powerless := b.operator()
	powerless.Permissions = nil
	var denied *store.PermissionError
	if _, err := b.store.UndoDecision(t.Context(), powerless, first.Decision); !errors.As(err, &denied) {
		t.Errorf("without a permission: %v", err)
	}
	// A decision whose chunk waits is cancelled with it.
	waiting, err := b.store.Correct(t.Context(), b.workspace, i.ID, 3, name("Hans Müller"), anna, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.UndoDecision(t.Context(), b.operator(), waiting.Decision); err != nil {
		t.Fatal(err)
	}
	b.wantCounts(t, b.carryOut(t, i), 1, 2)
	if undone, err := b.store.UndoDecision(t.Context(), b.operator(), first.Decision); err != nil || undone.Rows != 2 {
		t.Fatalf("%+v %v", undone, err)
	}
	b.wantCounts(t, b.await(t, i), 0, 3)
}

// A decision over several imports is undone in all of them, by the id of any part.
func TestUndoDecisionOverImports(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var imports []store.Import
	var before string
	for n := range 3 {
		i := b.takeIn(t, fmt.Sprintf("title,contact_name\nCall %d,Newman Unknown\nWrite %d,Newman Unknown\n", n, n))
		imports = append(imports, i)
		before += b.letters(t, i)
	}
	which := store.Selector{Field: "contact_name", Name: "Newman Unknown"}
	by, part := anna, uuid.Nil
	m := importer.Correction{NewContact: &importer.Contact{FullName: "Newman Unknown"}}
	for _, i := range imports {
		decided, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, m, false, by, nil)
		if err != nil {
			t.Fatal(err)
		}
		by, part = by.In(decided.Decision), decided.Decision
		m = importer.Correction{ContactID: decided.Contact}
		b.wantCounts(t, b.carryOut(t, i), 2, 0)
	}
	undone, err := b.store.UndoDecision(t.Context(), b.operator(), part)
	if err != nil || undone.Rows != 6 || undone.Tasks != 6 || len(undone.Imports) != 3 || undone.Decision != by.PartOf {
		t.Fatalf("%+v %v", undone, err)
	}
	after := ""
	for _, i := range imports {
		b.wantCounts(t, b.await(t, i), 0, 2)
		after += b.letters(t, i)
	}
	if after != before {
		t.Errorf("dead letters are\n%s\nwant\n%s", after, before)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM contacts WHERE full_name = 'Newman Unknown'`); n != 0 {
		t.Errorf("%d contacts are left", n)
	}
}

// A worker that is about to finish the rows and an undo exclude each other: either the undo takes
// the tasks back, or the worker's claim has ended.
func TestUndoDecisionWhileAtWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\nCall,Nobody Atall\n")
	letters := b.letters(t, i)
	decided, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1,
		importer.Correction{Fields: map[string]string{"contact_name": "Hans Müller"}}, anna, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := b.worker()
	undo := func() {
		if _, err := b.store.UndoDecision(context.Background(), b.operator(), decided.Decision); err != nil {
			t.Error(err)
		}
	}
	w.beforeCommit = func(*store.Claim) { undo() }
	due, err := b.store.DueOf(t.Context(), b.workspace, store.DefaultDispatch)
	if err != nil || len(due) != 1 {
		t.Fatalf("%v %v", due, err)
	}
	if err := w.Process(t.Context(), due[0]); err != nil {
		t.Fatal(err)
	}
	b.wantCounts(t, b.await(t, i), 0, 1)
	if got := b.letters(t, i); got != letters {
		t.Errorf("dead letters are %s, want %s", got, letters)
	}
}
