package worker

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// thousandRejected has 1,000 rows that are all rejected: 600 for a name that two contacts have, in
// two spellings, 300 for a name that nobody has, 60 of another spelling of a company, and 40
// orphans.
func thousandRejected() string {
	var s strings.Builder
	s.WriteString("title,contact_name,company_name\n")
	for n := range 1000 {
		switch {
		case n < 600:
			fmt.Fprintf(&s, "Task %d,%s,\n", n, []string{"Jan Zwilling", `"ZWILLING, Jan"`}[n%2])
		case n < 900:
			fmt.Fprintf(&s, "Task %d,Nobody Atall,\n", n)
		case n < 960:
			fmt.Fprintf(&s, "Task %d,,Unheard Of Ltd\n", n)
		default:
			fmt.Fprintf(&s, "Task %d,,\n", n)
		}
	}
	return s.String()
}

// 1,000 rejected rows are four decisions: each group is corrected as a whole, and in the end none
// is left. Each row is in once.
func TestCorrectionInGroups(t *testing.T) {
	t.Parallel()
	b := setup(t)
	twin := b.contactNamed(t, "Jan Zwilling", "Acme GmbH")
	b.contactNamed(t, "Jan Zwilling", "Beta AG")
	i := b.takeIn(t, thousandRejected())
	b.wantCounts(t, i, 0, 1000)
	long := importer.Correction{Fields: map[string]string{"description": strings.Repeat("x", 64<<10)}}
	var fault *importer.Fault
	if _, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Reason: importer.Orphan}, long,
		false, anna, nil); !errors.As(err, &fault) || fault.Field != "fields" {
		t.Errorf("values too long for many rows: %v", err)
	}
	groups, _, err := b.store.DeadLetterGroupPage(t.Context(), b.workspace, i.ID, store.Page{Number: 1, Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	if behind, total, err := b.store.DeadLetterGroupPage(t.Context(), b.workspace, i.ID, store.Page{Number: 9,
		Size: 10}); err != nil || len(behind) != 0 || total != len(groups) {
		t.Errorf("behind the last group there are %d, %d in all: %v", len(behind), total, err)
	}
	want := []store.DeadLetterGroup{
		{Reason: importer.AmbiguousReference, Field: "contact_name", Name: "Jan Zwilling", Count: 600, FirstRow: 1},
		{Reason: importer.UnresolvedReference, Field: "contact_name", Name: "Nobody Atall", Count: 300, FirstRow: 601},
		{Reason: importer.UnresolvedReference, Field: "company_name", Name: "Unheard Of Ltd", Count: 60, FirstRow: 901},
		{Reason: importer.Orphan, Count: 40, FirstRow: 961},
	}
	if fmt.Sprint(groups) != fmt.Sprint(want) {
		t.Fatalf("groups are %v, want %v", groups, want)
	}
	left := 1000
	for n, m := range []importer.Correction{{ContactID: twin},
		{Fields: map[string]string{"contact_name": "Hans Müller"}}, {Fields: map[string]string{"company_name": "Acme"}},
		{ContactID: b.contact}} {
		decided, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, groups[n].Selector(), m, false, anna, nil)
		if err != nil || decided.Rows != want[n].Count {
			t.Fatalf("group %d: %+v %v", n, decided, err)
		}
		left -= want[n].Count
		after := b.carryOut(t, i)
		b.wantCounts(t, after, 1000-left, left)
		if got, err := b.store.Corrected(t.Context(), b.workspace, i.ID, decided.Decision); err != nil ||
			got != (store.Corrected{Rows: want[n].Count, Created: want[n].Count}) {
			t.Errorf("of group %d became %+v %v", n, got, err)
		}
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1 AND contact_id = $2 AND row_number <= 600`,
		i.ID, twin); n != 600 {
		t.Errorf("%d of 600 rows are those of the chosen contact", n)
	}
	if n := b.queryInt(t, `SELECT count(DISTINCT row_number) FROM tasks WHERE import_id = $1`, i.ID); n != 1000 {
		t.Errorf("%d of 1000 rows are in", n)
	}
}

// What is remembered is an alias: the next import links the name by itself, until the alias is
// removed. All of it is in the audit.
func TestCorrectionAllRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := "title,contact_name\nCall,der Chef\nWrite,Der Chef\n"
	i := b.takeIn(t, file)
	which := store.Selector{Field: "contact_name", Name: "der chef"}
	for _, m := range []importer.Correction{{Fields: map[string]string{"contact_name": "Hans Müller"}},
		{CompanyID: b.contact}} {
		var fault *importer.Fault
		if _, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, m, true, anna, nil); !errors.As(err,
			&fault) || fault.Field != "remember" {
			t.Errorf("nothing to remember in %+v: %v", m, err)
		}
	}
	decided, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, importer.Correction{ContactID: b.contact},
		true, anna, nil)
	if err != nil || decided.Rows != 2 {
		t.Fatalf("%+v %v", decided, err)
	}
	b.wantCounts(t, b.carryOut(t, i), 2, 0)
	b.wantCounts(t, b.takeIn(t, file), 2, 0)
	aliases, err := b.store.Aliases(t.Context(), b.workspace, "chef", "", 10)
	if err != nil || len(aliases) != 1 || aliases[0].Name != "der chef" || aliases[0].RecordID != b.contact ||
		aliases[0].RecordName != "Hans Müller" {
		t.Fatalf("%+v %v", aliases, err)
	}
	if more, err := b.store.Aliases(t.Context(), b.workspace, "", aliases[0].After, 10); err != nil || len(more) != 0 {
		t.Errorf("behind the last alias: %+v %v", more, err)
	}
	if err := b.store.RemoveAlias(t.Context(), b.workspace, aliases[0].ID, bert); err != nil {
		t.Fatal(err)
	}
	if err := b.store.RemoveAlias(t.Context(), b.workspace, aliases[0].ID, bert); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an alias that is gone: %v", err)
	}
	b.wantCounts(t, b.takeIn(t, file), 0, 2)
	b.wantAudit(t, "Bert remove_alias der chef", "Anna keep_alias der chef",
		"Anna correct_all contact_id of 2 rows, remembered")
}

// wantAudit makes sure of the latest entries of the audit, read one page of one entry after
// another.
func (b *bundle) wantAudit(t *testing.T, want ...string) {
	t.Helper()
	var before uuid.UUID
	for _, w := range want {
		page, err := b.store.Audit(t.Context(), b.workspace, before, 1)
		if err != nil || len(page) != 1 {
			t.Fatalf("%+v %v, want %s", page, err, w)
		}
		e := page[0]
		got := fmt.Sprint(e.By.Name, " ", e.Action, " ", e.Detail.Name)
		if e.Action == store.ActionCorrectAll {
			got = fmt.Sprintf("%s %s contact_id of %d rows, remembered", e.By.Name, e.Action, e.Detail.Rows)
			if e.Detail.Fields["contact_id"] != b.contact.String() || !e.Detail.Remember || e.Detail.Selector.Name == "" {
				t.Errorf("entry is %+v", e)
			}
		}
		if got != w || e.By.ID == uuid.Nil || time.Since(e.CreatedAt) > time.Hour {
			t.Errorf("entry is %+v, want %s", e, w)
		}
		before = e.ID
	}
}

// Two decide about the same group at once: one wins, the other hears who did. A decision about
// other rows at the same time is none of their business, and a row that somebody has decided about
// is left out of a group's decision.
func TestCorrectionAllByTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, strangersFile(50))
	erika := b.contactNamed(t, "Erika Mustermann", "")
	if _, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: b.contact}, bert,
		nil); err != nil {
		t.Fatal(err)
	}
	which := store.Selector{Field: "contact_name", Name: "Erika Muster"}
	var group sync.WaitGroup
	results, decided := make([]error, 4), make([]store.Correcting, 4)
	for n := range results {
		group.Go(func() {
			decided[n], results[n] = b.store.CorrectAll(t.Context(), b.workspace, i.ID, which,
				importer.Correction{ContactID: erika}, n%2 == 0, store.Actor{Name: fmt.Sprint("operator ", n)}, nil)
		})
	}
	group.Go(func() {
		if d, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Reason: importer.Orphan},
			importer.Correction{ContactID: b.contact}, false, bert, nil); err != nil || d.Rows != 5 {
			t.Errorf("the orphans: %+v %v", d, err)
		}
	})
	group.Wait()
	won := 0
	for n, err := range results {
		var refused *store.StateError
		switch {
		case err == nil:
			won++
			if decided[n].Rows != 44 {
				t.Errorf("operator %d has decided about %d rows, want 44", n, decided[n].Rows)
			}
		case !errors.As(err, &refused) || !strings.Contains(err.Error(), " decided about these rows at "):
			t.Errorf("operator %d is told %v", n, err)
		}
	}
	if won != 1 {
		t.Errorf("%d operators have decided about the same rows", won)
	}
	b.wantCounts(t, b.carryOut(t, i), 50, 0)
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1 AND contact_id = $2`, i.ID, erika); n != 44 {
		t.Errorf("%d rows are Erika's, want 44", n)
	}
	_, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, which, importer.Correction{ContactID: b.contact},
		false, anna, nil)
	var refused *store.StateError
	if !errors.As(err, &refused) {
		t.Errorf("a decision about rows that are in: %v", err)
	}
	if _, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Name: "Somebody Else"},
		importer.Correction{ContactID: b.contact}, false, anna, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a decision about nothing: %v", err)
	}
}

// While a retry takes rows up again nobody decides about them: what it finds and what is decided
// could differ.
func TestCorrectionDuringARetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
	_, one := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: b.contact}, anna, nil)
	_, all := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Name: "Erika Muster"},
		importer.Correction{ContactID: b.contact}, false, anna, nil)
	for _, err := range []error{one, all} {
		var refused *store.StateError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "a retry is processing these rows") {
			t.Errorf("%v", err)
		}
	}
	b.everyRowOnce(t, b.carryOut(t, i), 40)
}

// A retry includes the rows with a decision: a row that was rejected for another reason since
// keeps its new values.
func TestRetryKeepsDecisions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\n,Erika Muster\nTask,x,y\n")
	b.wantCounts(t, b.correct(t, i, 1, importer.Correction{Fields: map[string]string{"title": "Call"}}), 0, 2)
	b.wantCounts(t, b.correct(t, i, 2, importer.Correction{Fields: map[string]string{"contact_name": "Erika Muster"}}),
		0, 2)
	b.wantCounts(t, b.correct(t, i, 2, importer.Correction{Fields: map[string]string{"title": "Write"}}), 0, 2)
	b.learn(t)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, anna, nil); err != nil {
		t.Fatal(err)
	}
	b.wantCounts(t, b.carryOut(t, i), 2, 0)
	if got := b.queryText(t, `SELECT string_agg(title, ' ' ORDER BY row_number) FROM tasks WHERE import_id = $1`,
		i.ID); got != "Call Write" {
		t.Errorf("titles are %s", got)
	}
}

// A decision is about rows of its own workspace, and of no other; neither are its records, aliases
// and entries of the audit.
func TestCorrectionOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.takeIn(t, "title,contact_name\nCall,Nobody Atall\n")
	other, err := b.store.CreateWorkspace(t.Context(), "other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := *b
	elsewhere.workspace = other.ID
	stranger := elsewhere.contactNamed(t, "Nobody Atall", "")
	if _, err := b.store.Correct(t.Context(), other.ID, i.ID, 1, importer.Correction{ContactID: stranger}, bert,
		nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a row of another workspace: %v", err)
	}
	if _, err := b.store.CorrectAll(t.Context(), other.ID, i.ID, store.Selector{Name: "Nobody Atall"},
		importer.Correction{ContactID: stranger}, false, bert, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("rows of another workspace: %v", err)
	}
	var fault *importer.Fault
	if _, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: stranger}, anna,
		nil); !errors.As(err, &fault) || fault.Reason != importer.UnknownReference {
		t.Errorf("a record of another workspace: %v", err)
	}
	if _, err := b.store.KeepAlias(t.Context(), b.workspace, importer.Contacts, "x", stranger, anna,
		nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an alias of a record of another workspace: %v", err)
	}
	if _, err := b.store.KeepAlias(t.Context(), other.ID, importer.Contacts, "x", stranger, bert, nil); err != nil {
		t.Fatal(err)
	}
	foreign, err := b.store.Aliases(t.Context(), other.ID, "", "", 10)
	if err != nil || len(foreign) != 1 {
		t.Fatalf("%+v %v", foreign, err)
	}
	if err := b.store.RemoveAlias(t.Context(), b.workspace, foreign[0].ID, anna); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an alias of another workspace: %v", err)
	}
	groups, _, err := b.store.DeadLetterGroupPage(t.Context(), other.ID, i.ID, store.Page{Number: 1, Size: 10})
	dead, deadErr := b.store.DeadLettersAfter(t.Context(), other.ID, i.ID, store.DeadLetterFilter{}, 0, 10)
	found, foundErr := b.store.SearchDirectory(t.Context(), b.workspace, importer.Contacts, "nobody", 10)
	mine, mineErr := b.store.Audit(t.Context(), b.workspace, uuid.Nil, 10)
	if err := errors.Join(err, deadErr, foundErr, mineErr); err != nil || len(groups)+len(dead)+len(found)+len(mine) != 0 {
		t.Errorf("of another workspace: %v %v %v %v %v", groups, dead, found, mine, err)
	}
}

// A decision about more rows than fit in a chunk is carried out by several chunks with different
// rows.
func TestCorrectionManyInChunks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const rows = 11_000
	i := b.takeIn(t, strangersFile(rows))
	d, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Field: "contact_name",
		Name: "Erika Muster"}, importer.Correction{ContactID: b.contact}, false, anna, nil)
	if err != nil || d.Rows != rows/10*9 {
		t.Fatalf("%+v %v", d, err)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM chunks WHERE import_id = $1 AND decision_id = $2
		AND correction_count <= 5000`, i.ID, d.Decision); n != 2 {
		t.Errorf("%d chunks for %d rows", n, d.Rows)
	}
	b.everyRowOnce(t, b.carryOut(t, i), rows)
}
