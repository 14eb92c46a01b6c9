package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/store"
)

var anna, bert = store.Actor{ID: uuid.New(), Name: "Anna"}, store.Actor{ID: uuid.New(), Name: "Bert"}

// takeIn takes a file in, in one chunk, and returns the import once it has ended.
func (b *bundle) takeIn(t *testing.T, file string) store.Import {
	t.Helper()
	return b.takeInWith(t, file, importer.Options{})
}

func (b *bundle) takeInWith(t *testing.T, file string, o importer.Options) store.Import {
	t.Helper()
	i := b.stageWith(t, "tasks", file, 100_000, o)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	return b.await(t, i)
}

// correct decides about a row and carries it out.
func (b *bundle) correct(t *testing.T, i store.Import, row int, m importer.Correction) store.Import {
	t.Helper()
	decided, err := b.store.Correct(t.Context(), b.workspace, i.ID, row, m, anna, nil)
	if err != nil || decided.Rows != 1 || decided.Import.Status != store.Processing {
		t.Fatalf("%+v %v", decided, err)
	}
	return b.carryOut(t, i)
}

// carryOut lets a worker process the pending chunks of an import.
func (b *bundle) carryOut(t *testing.T, i store.Import) store.Import {
	t.Helper()
	due, err := b.store.DueOf(t.Context(), b.workspace, store.Dispatch{Window: 1000, RedeliverAfter: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range due {
		if err := b.worker().Process(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
	}
	return b.await(t, i)
}

// wantCounts makes sure that an import has ended completed, with so many rows in and so many
// rejected, and that the database has as many.
func (b *bundle) wantCounts(t *testing.T, i store.Import, created, rejected int) {
	t.Helper()
	if i.Status != store.Completed || int(i.Created) != created || int(i.Rejected) != rejected ||
		i.Processed() != i.Total {
		t.Errorf("import is %+v, want %d created and %d rejected", i, created, rejected)
	}
	var reasons int64
	for _, n := range i.ByReason {
		reasons += n
	}
	if reasons != i.Rejected {
		t.Errorf("reasons are %v of %d rejected", i.ByReason, i.Rejected)
	}
	b.wantPlaces(t, i, created, rejected)
}

// A row of each reason is corrected by what it lacks, and goes in; a field that the file has no
// column for can be given as well.
func TestCorrectionEachReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.contactNamed(t, "Erika Muster", "Acme GmbH")
	for _, c := range []struct {
		name, row string
		reason    importer.Reason
		correct   importer.Correction
		want      string
	}{
		{"orphan", "Call,,,", importer.Orphan, importer.Correction{ContactID: b.contact}, "Call, no date, Hans Müller"},
		{"no title", ",Hans Müller,,", importer.MissingTitle,
			importer.Correction{Fields: map[string]string{"title": "Call"}}, "Call, no date, Hans Müller"},
		{"bad date", "Call,Hans Müller,,soon", importer.InvalidValue,
			importer.Correction{Fields: map[string]string{"due_date": "2026-03-01"}}, "Call, 2026-03-01, Hans Müller"},
		{"bad date taken away", "Call,Hans Müller,,soon", importer.InvalidValue,
			importer.Correction{Fields: map[string]string{"due_date": ""}}, "Call, no date, Hans Müller"},
		{"nobody", "Call,Nobody Atall,,", importer.UnresolvedReference,
			importer.Correction{Fields: map[string]string{"contact_name": "Hans Müller"}}, "Call, no date, Hans Müller"},
		{"another company", "Call,Erika Muster,Beta AG,", importer.UnresolvedReference,
			importer.Correction{Fields: map[string]string{"company_name": ""}}, "Call, no date, Erika Muster"},
		{"a field without a column", "Call,,,", importer.Orphan, importer.Correction{ContactID: other,
			Fields: map[string]string{"description": "from the console"}}, "Call, no date, Erika Muster"},
		{"malformed", `Call,Hans,,x,y,z`, importer.MalformedRow, importer.Correction{ContactID: b.contact,
			Fields: map[string]string{"title": "Call"}}, "Call, no date, Hans Müller"},
	} {
		i := b.takeIn(t, "title,contact_name,company_name,due_date\n"+c.row+"\n")
		if i.ByReason[c.reason] != 1 {
			t.Errorf("%s: rejected for %v", c.name, i.ByReason)
			continue
		}
		b.wantCounts(t, b.correct(t, i, 1, c.correct), 1, 0)
		got := b.queryText(t, `SELECT t.title || ', ' || coalesce(to_char(t.due_at, 'YYYY-MM-DD'), 'no date') || ', ' ||
			c.full_name FROM tasks t JOIN contacts c ON c.id = t.contact_id WHERE t.import_id = $1`, i.ID)
		if got != c.want {
			t.Errorf("%s: task is %s, want %s", c.name, got, c.want)
		}
	}
	if got := b.queryText(t, `SELECT description FROM tasks WHERE description IS NOT NULL`); got != "from the console" {
		t.Errorf("description is %q", got)
	}
}

// contactNamed brings a contact into the directory.
func (b *bundle) contactNamed(t *testing.T, name, company string) uuid.UUID {
	t.Helper()
	i := b.stage(t, importer.Contacts, fmt.Sprintf("full_name,company_name\n%s,%s\n", name, company), 1)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	return b.queryID(t, `SELECT c.id FROM contacts c LEFT JOIN companies e ON e.workspace_id = c.workspace_id
		AND e.id = c.company_id
		WHERE c.workspace_id = $1 AND c.full_name = $2 AND coalesce(e.name, '') = $3`, b.workspace, name, company)
}

// Decisions about one row add up; a later one about the same field, or about the name whose record
// was chosen, takes the place of the earlier. The cells of the file stay as they are.
func TestCorrectionsAddUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name,due_date\n,Nobody Atall,soon\n")
	for n, m := range []importer.Correction{
		{Fields: map[string]string{"title": "Call"}},
		{Fields: map[string]string{"due_date": "2026-03-01"}},
		{Fields: map[string]string{"title": "Write"}},
		{ContactID: b.contact, Fields: map[string]string{"status": "completed", "company_name": "No Such Company"}},
		{Fields: map[string]string{"contact_name": "Still Nobody", "company_name": ""}},
	} {
		b.wantCounts(t, b.correct(t, i, 1, m), 0, 1)
		d, err := b.store.DeadLetter(t.Context(), b.workspace, i.ID, 1)
		if err != nil || d.Version != n+2 || d.Decision == nil || d.Decision.By != "Anna" || d.Decision.Pending {
			t.Errorf("after decision %d: %+v %v", n, d, err)
		}
		if got := fmt.Sprintf("%q", d.Cells); got != `["" "Nobody Atall" "soon"]` {
			t.Errorf("cells are %s", got)
		}
		if n == 4 {
			if got, want := fmt.Sprint(d.Corrections),
				`map[company_name: contact_name:Still Nobody due_date:2026-03-01 status:completed title:Write]`; got != want {
				t.Errorf("corrections are %s, want %s", got, want)
			}
			if d.Reason != importer.UnresolvedReference || d.Subject != "Still Nobody" {
				t.Errorf("rejected for %s of %s", d.Reason, d.Subject)
			}
		}
	}
	b.wantCounts(t, b.correct(t, i, 1, importer.Correction{ContactID: b.contact}), 1, 0)
}

// An invalid correction is refused with the name of the wrong field, and nothing is written.
func TestCorrectionRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\nCall,\n")
	stranger := uuid.New()
	for field, m := range map[string]importer.Correction{
		"fields":       {},
		"full_name":    {Fields: map[string]string{"full_name": "Hans"}},
		"due_date":     {Fields: map[string]string{"due_date": "soon"}},
		"title":        {Fields: map[string]string{"title": " "}},
		"contact_id":   {ContactID: stranger},
		"deal_id":      {Fields: map[string]string{"deal_id": stranger.String()}},
		"company_id":   {Fields: map[string]string{"company_id": "Acme"}},
		"description":  {Fields: map[string]string{"description": "a\x00b"}},
		"contact_name": {Fields: map[string]string{"contact_name": "Hans; Erika"}},
	} {
		_, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, m, anna, nil)
		var fault *importer.Fault
		if !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := b.store.Correct(t.Context(), b.workspace, i.ID, 2, importer.Correction{ContactID: b.contact}, anna,
		nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a row that is no dead letter: %v", err)
	}
	if n := b.queryInt(t, `SELECT (SELECT count(*) FROM corrections) + (SELECT count(*) FROM audit
		WHERE import_id IS NOT NULL) + (SELECT count(*) FROM chunks WHERE decision_id IS NOT NULL)`); n != 0 {
		t.Errorf("%d rows are left of refused decisions", n)
	}
	now, err := b.store.Import(t.Context(), b.workspace, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.wantCounts(t, now, 0, 1)
}

// Of those who decide about a row at once one wins; the others hear who it was, and what was
// decided. The row is in once.
func TestCorrectionByTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\nCall,\nWrite,\n")
	var group sync.WaitGroup
	results := make([]error, 8)
	for n := range results {
		group.Go(func() {
			by := store.Actor{Name: fmt.Sprint("operator ", n)}
			_, results[n] = b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: b.contact,
				Fields: map[string]string{"description": by.Name}}, by, nil)
		})
	}
	group.Wait()
	winner := -1
	for n, err := range results {
		if err == nil && winner < 0 {
			winner = n
		} else if err == nil {
			t.Errorf("operators %d and %d have both decided", winner, n)
		}
	}
	for n, err := range results {
		var refused *store.StateError
		if n != winner && (!errors.As(err, &refused) || !strings.Contains(err.Error(),
			fmt.Sprintf("operator %d decided about row 1 at ", winner))) {
			t.Errorf("operator %d is told %v", n, err)
		}
	}
	b.wantCounts(t, b.carryOut(t, i), 1, 1)
	if got := b.queryText(t, `SELECT description FROM tasks WHERE import_id = $1`, i.ID); got != fmt.Sprint("operator ",
		winner) {
		t.Errorf("the task is that of %s", got)
	}
	_, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: b.contact}, bert, nil)
	var refused *store.StateError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "contact_id = ") {
		t.Errorf("a decision about a row that is in: %v", err)
	}
}

// A decision about a version of a row that somebody has decided about since is refused; one about
// the row as it is now is not.
func TestCorrectionOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\nCall,\n")
	b.wantCounts(t, b.correct(t, i, 1, importer.Correction{Version: 1,
		Fields: map[string]string{"status": "completed"}}), 0, 1)
	_, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{Version: 1, ContactID: b.contact},
		bert, nil)
	var refused *store.StateError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "Anna decided about row 1 at ") ||
		!strings.Contains(err.Error(), `status = "completed"`) {
		t.Errorf("a decision about an earlier version: %v", err)
	}
	b.wantCounts(t, b.correct(t, i, 1, importer.Correction{Version: 2, ContactID: b.contact}), 1, 0)
}

func (b *bundle) queryText(t *testing.T, sql string, args ...any) string {
	t.Helper()
	var text string
	b.conn(t, func(c *pgx.Conn) error { return c.QueryRow(context.Background(), sql, args...).Scan(&text) })
	return text
}

// A contact that an operator creates is found by any part of its name or email. A second one with
// the same email is refused.
func TestCreateAndSearchContact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	contact, err := importer.NewContact(map[string]string{"full_name": "Erika 100% Muster",
		"email": "erika@example.com", "company_name": "Acme GmbH"})
	if err != nil {
		t.Fatal(err)
	}
	i := b.takeIn(t, "title,contact_name\nCall,Nobody Atall\nWrite,Somebody Else\n")
	if i = b.correct(t, i, 1, importer.Correction{NewContact: &contact}); i.Created != 1 {
		t.Fatalf("%+v", i)
	}
	var fault *importer.Fault
	if _, err := b.store.Correct(t.Context(), b.workspace, i.ID, 2, importer.Correction{NewContact: &contact}, bert,
		nil); !errors.As(err, &fault) || fault.Reason != importer.Duplicate {
		t.Errorf("a second of the same email: %v", err)
	}
	made := store.Record{ID: b.queryID(t, `SELECT contact_id FROM tasks WHERE workspace_id = $1`, b.workspace),
		Name: "Erika 100% Muster", Email: "erika@example.com", Company: "Acme GmbH"}
	for text, want := range map[string]int{"erika": 1, "MUSTER eri": 1, "example.com": 1, "100%": 1, "%": 1, "_": 0,
		"hans muster": 0, " ": 0, "ü": 1} {
		found, err := b.store.SearchDirectory(t.Context(), b.workspace, importer.Contacts, text, 10)
		if err != nil || len(found) != want || want > 0 && text != "ü" && found[0] != made {
			t.Errorf("%q finds %+v %v", text, found, err)
		}
	}
	if found, err := b.store.SearchDirectory(t.Context(), b.workspace, importer.Companies, "acme", 10); err != nil ||
		len(found) != 1 || found[0].Name != "Acme GmbH" {
		t.Errorf("companies: %+v %v", found, err)
	}
}
