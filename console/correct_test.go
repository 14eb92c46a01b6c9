package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taskport/store"
)

// open imports people and the mixed file, and returns the path of the import.
func (s *site) open() string {
	s.t.Helper()
	s.signIn()
	s.load("contacts", people)
	return s.imported("tasks", "tasks.csv", mixed)
}

// choice returns the id of the candidate with a company.
func (p page) choice(company string) string {
	p.t.Helper()
	for _, part := range strings.Split(p.body, `name="choose" value="`)[1:] {
		id, rest, _ := strings.Cut(part, `"`)
		button, _, _ := strings.Cut(rest, "</button>")
		if strings.Contains(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(button), company) {
			return id
		}
	}
	p.t.Fatalf("%s offers no candidate of %s: %s", p.path, company, p.body)
	return ""
}

func (s *site) contactOf(importPath string, row int) string {
	s.t.Helper()
	return query[string](s, `SELECT c.email FROM tasks t JOIN contacts c ON c.workspace_id = t.workspace_id
		AND c.id = t.contact_id WHERE t.import_id = $1 AND t.row_number = $2`, idIn(importPath), row)
}

// A stream that is not whole is named, so that its rows do not pass for all of the file.
func TestStreamsAreNamed(t *testing.T) {
	s := setup(t)
	path := s.open()
	for _, c := range []struct{ set, page, list string }{
		{"ended_early = true", "the stream ended early", "ended early"},
		{"ended_early = false, open_until = now() + interval '1 minute'", "receiving", "receiving"},
	} {
		query[int](s, `WITH i AS (UPDATE imports SET `+c.set+` WHERE id = $1 RETURNING 1) SELECT count(*) FROM i`, idIn(path))
		s.get(path).has(http.StatusOK, c.page)
		s.get("/console/imports").has(http.StatusOK, c.list)
	}
}

func TestImportPage(t *testing.T) {
	s := setup(t)
	path := s.open()
	p := s.get(path).has(http.StatusOK, "completed", "8 of 8 rows", "ambiguous name", "unknown name", "bad value",
		"no parent", "Zebulon Quark", "31/31/2026", `class="faulty"`)
	if n := strings.Count(p.body, `<li id="row-`); n != 5 {
		t.Errorf("%d dead letters are shown", n)
	}
	p = s.get(path+"?reason=invalid_value").has(http.StatusOK, "31/31/2026")
	if n := strings.Count(p.body, `<li id="row-`); n != 1 {
		t.Errorf("%d dead letters have bad values", n)
	}
	p = s.get(path+"?q=quark").has(http.StatusOK, "Zebulon")
	if n := strings.Count(p.body, `<li id="row-`); n != 1 {
		t.Errorf("%d dead letters are found", n)
	}
	s.get(path+"?q=nothing+like+that").has(http.StatusOK, "No rejected row matches")
	s.get("/console/imports?state=completed").has(http.StatusOK, "tasks.csv")
	s.get("/console/imports?state=failed").has(http.StatusOK, "No import is failed")
	s.get("/console/imports?state=nonsense").has(http.StatusNotFound)
}

// A candidate is chosen for all rows of the name and remembered: the rows are imported, the next
// import resolves the name, and the alias can be removed.
func TestChooseForAllAndRemember(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(rowPath(path, 4)).has(http.StatusOK, "Candidates for", "peter@north.example", "peter@south.example",
		"Apply to all 2 rows")
	next := s.send(dead, rowPath(path, 4), "version", version(dead), "choose", dead.choice("South AG"), "all",
		"1", "remember", "1").has(http.StatusOK, "2 rows decided: 2 created")
	if next.path != rowPath(path, 6) {
		t.Errorf("the decision leads to %s", next.path)
	}
	for _, row := range []int{4, 5} {
		if got := s.contactOf(path, row); got != "peter@south.example" {
			t.Errorf("row %d is linked to %s", row, got)
		}
	}
	s.ended(path)
	if again := s.ended(s.imported("tasks", "again.csv",
		"title,contact_name\nOnce more,\"Fischer, Peter\"\n")); again.Created != 1 {
		t.Errorf("the alias is not applied: %+v", again)
	}
	aliases := s.get("/console/aliases").has(http.StatusOK, "Peter Fischer", "South AG")
	s.get("/console/aliases?q=nobody").has(http.StatusOK, "No alias matches")
	s.get("/console/audit").has(http.StatusOK, "corrected rows", "kept an alias", "Ada", "Peter Fischer", "remembered")
	id := query[string](s, `SELECT id::text FROM aliases`)
	s.send(aliases, "/console/aliases/remove", "id", id).has(http.StatusOK, "The alias was removed", "None yet")
	if again := s.ended(s.imported("tasks", "third.csv",
		"title,contact_name\nOnce more,Peter Fischer\n")); again.Rejected != 1 {
		t.Errorf("the alias is still applied: %+v", again)
	}
}

func TestEditCreateSearchAndParent(t *testing.T) {
	s := setup(t)
	path := s.open()
	// An invalid value is refused and kept in the form; a valid one is imported.
	dead := s.get(rowPath(path, 7)).has(http.StatusOK, "due_date must be ISO 8601", `value="31/31/2026"`)
	wrong := s.send(dead, dead.path, "version", version(dead), "do", "save", "field_due_date", "soon",
		"field_title", "Remind").has(http.StatusBadRequest, "due_date must be ISO 8601", `value="soon"`)
	s.send(wrong, dead.path, "version", version(wrong), "do", "save", "field_due_date", "2026-04-01", "field_title",
		"Remind him").has(http.StatusOK, "1 row decided: 1 created")
	if got := query[string](s, `SELECT title || ' ' || due_at::date FROM tasks
		WHERE row_number = 7`); got != "Remind him 2026-04-01" {
		t.Errorf("row 7 became %s", got)
	}
	// An unknown name: the directory is searched, and the contact created.
	s.get(rowPath(path, 6)+"?find=maria").has(http.StatusOK, "Found", "maria@south.example")
	dead = s.get(rowPath(path, 6)).has(http.StatusOK, "Create the contact", `value="Zebulon Quark"`)
	s.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", "Zebulon Quark", "new_email",
		"no address", "new_company", "").has(http.StatusBadRequest, "email must be an address", `value="no address"`)
	s.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", "Zebulon Quark", "new_email",
		"zeb@quark.example", "new_company", "Quark Inc").has(http.StatusOK, "1 row decided: 1 created")
	if got := s.contactOf(path, 6); got != "zeb@quark.example" {
		t.Errorf("row 6 is linked to %s", got)
	}
	// A task without a parent gets one.
	dead = s.get(rowPath(path, 8)+"?find=hans").has(http.StatusOK, "hans@north.example")
	s.send(dead, rowPath(path, 8), "version", version(dead), "choose", dead.choice("North Ltd")).has(
		http.StatusOK, "1 row decided: 1 created")
	if got := s.contactOf(path, 8); got != "hans@north.example" {
		t.Errorf("row 8 is linked to %s", got)
	}
	if i := s.ended(path); i.Created != 6 || i.Rejected != 2 {
		t.Errorf("%+v", i)
	}
	s.get(rowPath(path, 8)).has(http.StatusNotFound, "is not a rejected row")
}

// If two operators decide about the same row, the second sees the decision of the first and the
// values that he typed.
func TestSecondSeesTheFirstsDecision(t *testing.T) {
	s := setup(t)
	path := s.open()
	bo := s.colleague("Bo", store.Permissions()...).signIn()
	mine, his := s.get(rowPath(path, 6)), bo.get(rowPath(path, 6))
	s.send(mine, mine.path, "version", version(mine), "do", "save", "field_contact_name",
		"Maria Rossi").has(http.StatusOK, "1 created")
	late := bo.send(his, his.path, "version", version(his), "do", "save", "field_contact_name", "Hans Müller")
	late.has(http.StatusConflict, "Ada decided about row 6", "Maria Rossi")
	if got := s.contactOf(path, 6); got != "maria@south.example" {
		t.Errorf("row 6 is linked to %s", got)
	}
	// The row of the first decision was rejected again and still exists.
	mine, his = s.get(rowPath(path, 7)), bo.get(rowPath(path, 7))
	s.send(mine, mine.path, "version", version(mine), "do", "save", "field_contact_name",
		"Nobody At All").has(http.StatusOK, "1 rejected again")
	late = bo.send(his, his.path, "version", version(his), "do", "save", "field_due_date", "2026-05-05")
	late.has(http.StatusConflict, "Ada decided about row 7", `value="2026-05-05"`, `value="Nobody At All"`)
}

// The decision of the second operator leaves no alias and no contact.
func TestSecondKeepsNothing(t *testing.T) {
	s := setup(t)
	path := s.open()
	bo := s.colleague("Bo", store.Permissions()...).signIn()
	mine, his := s.get(rowPath(path, 4)), bo.get(rowPath(path, 4))
	s.send(mine, mine.path, "version", version(mine), "do", "save", "field_due_date", "2026-05-05").has(http.StatusOK,
		"1 rejected again")
	for _, remember := range []string{"", "1"} {
		bo.send(his, his.path, "version", version(his), "choose", his.choice("South AG"), "remember",
			remember).has(http.StatusConflict, "Ada decided about row 4")
		bo.send(his, his.path, "version", version(his), "do", "create", "new_name", "Peter Fischer", "new_email", "",
			"new_company", "", "sure", "1", "remember", remember).has(http.StatusConflict, "Ada decided about row 4")
	}
	if n := query[int](s, `SELECT count(*) FROM contacts WHERE full_name = 'Peter Fischer' AND email IS NULL`); n != 0 {
		t.Errorf("%d contacts are left of decisions that were refused", n)
	}
	if n := query[int](s, `SELECT count(*) FROM aliases`); n != 0 {
		t.Errorf("%d aliases", n)
	}
	// A name that the directory has is asked about first. A decision that is not refused creates both.
	again := bo.get(rowPath(path, 4))
	bo.send(again, again.path, "version", version(again), "do", "create", "new_name", "FISCHER, Peter", "new_email",
		"pf@third.example", "new_company", "").has(http.StatusConflict, "is in the directory already",
		"Create another one of this name", `value="pf@third.example"`)
	bo.send(again, again.path, "version", version(again), "do", "create", "new_name", "Peter Fischer", "new_email",
		"pf@third.example", "new_company", "", "sure", "1", "remember", "1").has(http.StatusOK, "1 row decided: 1 created")
	if got := s.contactOf(path, 4); got != "pf@third.example" {
		t.Errorf("row 4 is linked to %s", got)
	}
	if n := query[int](s, `SELECT count(*) FROM aliases a JOIN contacts c ON c.id = a.record_id
		WHERE c.email = 'pf@third.example'`); n != 1 {
		t.Errorf("%d aliases", n)
	}
}

// A form that is sent twice decides once.
func TestDecisionIsTakenOnce(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(rowPath(path, 6))
	for range 2 {
		s.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", "Zebulon Quark", "new_email",
			"zeb@quark.example", "new_company", "")
	}
	if n := query[int](s, `SELECT count(*) FROM contacts WHERE email = 'zeb@quark.example'`); n != 1 {
		t.Errorf("%d contacts were made", n)
	}
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE row_number = 6`); n != 1 {
		t.Errorf("%d tasks were made", n)
	}
}

func TestGroupsAndSkip(t *testing.T) {
	s := setup(t)
	path := s.open()
	groups := s.get(path+"/groups").has(http.StatusOK, "Peter Fischer", "Zebulon Quark", "31/31/2026")
	first := firstEntry(groups)
	dead := s.get(first).has(http.StatusOK, "Apply to all 2 rows", "checked")
	if !strings.Contains(first, "by=group") || !strings.HasPrefix(first, rowPath(path, 4)) {
		t.Errorf("the largest group is %s", first)
	}
	second := s.get(rowPath(path, 4) + "/skip?by=group&at=0")
	if second.path == dead.path || !strings.Contains(second.path, "by=group&at=1") && !strings.Contains(second.path,
		"at=1&by=group") {
		t.Errorf("skipping leads to %s", second.path)
	}
	if last := s.get(rowPath(path, 8) + "/skip?by=group&at=9"); last.path != path+"/groups" {
		t.Errorf("skipping the last leads to %s", last.path)
	}
	if last := s.get(rowPath(path, 8) + "/skip"); !strings.HasPrefix(last.path, path) || last.status != http.StatusOK {
		t.Errorf("skipping the last leads to %s", last.path)
	}
}

func TestStepsAndDownloads(t *testing.T) {
	s := setup(t)
	path := s.open()
	report := s.get(path+"/rejects.csv").has(http.StatusOK,
		"title,contact_name,due_date,priority,description,contact_id,company_id,_row", "Zebulon Quark")
	if got := report.header.Get("Content-Disposition"); !strings.Contains(got, "tasks.rejects.csv") {
		t.Errorf("the report is called %s", got)
	}
	if book := s.get(path + "/rejects.xlsx"); book.status != http.StatusOK || !strings.HasPrefix(book.body, "PK") {
		t.Errorf("the workbook is %d %.40q", book.status, book.body)
	}
	if results := s.get(path + "/results.csv"); strings.Count(results.body, "\n") != 4 ||
		!strings.HasPrefix(results.body, "row_number,id\n1,") {
		t.Errorf("the results are %q", results.body)
	}
	s.load("contacts", "full_name,external_id\nZebulon Quark,z1\n")
	s.send(s.get(path), path+"/retry").has(http.StatusOK,
		"5 rows retried: 1 created, 4 rejected again.")
	if i := s.ended(path); i.Created != 4 || i.Rejected != 4 {
		t.Errorf("after the retry: %+v", i)
	}
	query[int](s, `WITH c AS (UPDATE tasks SET changed_at = now() WHERE row_number = 1 RETURNING 1) SELECT count(*)
		FROM c`)
	undo := s.get(path+"/undo").has(http.StatusOK, "<strong>3</strong> tasks", "<strong>1</strong> task was changed since")
	s.send(undo, path+"/undo").has(http.StatusOK, "3 tasks were taken back", "undone")
	if n := query[int](s, `SELECT count(*) FROM tasks`); n != 1 {
		t.Errorf("%d tasks are left", n)
	}
	s.send(undo, path+"/undo").has(http.StatusConflict, "undo is not possible")
	s.send(undo, path+"/cancel").has(http.StatusConflict, "cancel is not possible")
	dead := s.get(rowPath(path, 7)).has(http.StatusOK, "The import was undone")
	s.send(dead, dead.path, "version", "1", "do", "save", "field_due_date", "2026-04-01").has(http.StatusConflict,
		"correction is not possible")
}

// The parked chunks of a workspace are shown to it alone, with a button to retry.
func TestQueues(t *testing.T) {
	s := setup(t)
	path := s.open()
	s.get("/console/queues").has(http.StatusOK, "chunks", "webhooks", "None.", "Workers")
	query[int](s, `WITH c AS (UPDATE chunks SET state = 'parked', last_error = 'the <b>disk</b> was full'
		WHERE import_id = $1 RETURNING 1), i AS (UPDATE imports SET status = 'failed' WHERE id = $1 RETURNING 1)
		SELECT count(*) FROM c, i`, idIn(path))
	s.get("/console/queues").has(http.StatusOK, "the &lt;b&gt;disk&lt;/b&gt; was full", "Retry the import")
	if p := s.other.signIn().get("/console/queues"); strings.Contains(p.body, "disk") {
		t.Error("another workspace sees it")
	}
}

// Streams keep the pages up to date, and end with the import.
func TestStreams(t *testing.T) {
	s := setup(t)
	path := s.open()
	id, err := uuid.Parse(idIn(path))
	if err != nil {
		t.Fatal(err)
	}
	stream := s.get(path + "/events")
	if ct := stream.header.Get("Content-Type"); ct != "text/event-stream" {
		t.Errorf("the stream is %s", ct)
	}
	stream.has(http.StatusOK, `"id":"numbers"`, `"last":true`, "completed")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lines := s.follow(ctx, "/console/events")
	later := s.imported("tasks", "later.csv", "title,contact_name\nCall,Hans Müller\n")
	ended := false
	for line := range lines {
		if strings.Contains(line, "import-"+idIn(later)) && strings.Contains(line, "completed") {
			ended = true
		}
		if ended && strings.Contains(line, `"id":"tabs"`) {
			return // the counts by state follow
		}
	}
	t.Errorf("the end of an import that began after %s is not streamed", fmt.Sprint(id))
}
