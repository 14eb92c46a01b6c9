package console_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// export is a file with columns that are not recognised.
const export = "Alpha,Person,When\nCall,Hans Müller,2026-03-10\nVisit,Maria Rossi,tomorrow\nAsk,Nobody Known,\n"

func TestUploadIsShownBeforeItIsBegun(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	p := s.upload("tasks", "export.csv", export).has(http.StatusOK, "export.csv", "Visit", "no column feeds title",
		"The mapping is not complete yet")
	if n := query[int](s, `SELECT count(*) FROM tasks`); n != 0 {
		t.Fatalf("%d tasks before anything was begun", n)
	}
	s.send(p, p.path, "do", "import").has(http.StatusBadRequest, "no column feeds title")
	mapping := []string{"column_0", "title", "column_1", "contact_name", "column_2", "due_date"}
	shown := s.send(p, p.path, append([]string{"do", "preview"}, mapping...)...).has(http.StatusOK,
		"due_date must be ISO 8601", "1 value of the first rows will not parse")
	if strings.Count(shown.body, `<td class="bad"`) != 1 {
		t.Error("the page does not mark exactly the bad value")
	}
	check := s.send(shown, p.path, append([]string{"do", "check"}, mapping...)...).has(http.StatusOK, "dry run")
	i := s.ended(check.path)
	if !i.Options.DryRun || i.Created != 1 || i.Rejected != 2 || query[int](s, `SELECT count(*) FROM tasks`) != 0 {
		t.Errorf("the dry run: %+v", i)
	}
	p = s.upload("tasks", "export.csv", export)
	begun := s.send(p, p.path, append([]string{"do", "import"}, mapping...)...)
	if i := s.ended(begun.path); i.Created != 1 || i.Rejected != 2 || i.Status != store.Completed {
		t.Errorf("the import: %+v", i)
	}
	// Beginning it again redirects to the import.
	s.send(shown, p.path, "do", "import").has(http.StatusOK, "begun already")
	if n := query[int](s, `SELECT count(*) FROM tasks`); n != 1 {
		t.Errorf("got %d tasks, want 1", n)
	}
}

// The preview asks for the meaning of unknown values of enum fields: those of the whole file, or of
// the first rows for a column that was chosen by hand.
func TestUploadAsksWhatWordsMean(t *testing.T) {
	const words = "title,contact_name,Zustand,priority\nCall,Hans Müller,Warten auf <Rückruf>,Urgent\nVisit,Hans " +
		"Müller,open,meh\nAsk,Hans Müller,WARTEN AUF <rückruf>,low\n"
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	p := s.upload("tasks", "words.csv", words).has(http.StatusOK, "Unknown values", `name="means:priority:meh"`)
	for _, text := range []string{"means:priority:Urgent", "means:status", "has unknown values"} {
		if strings.Contains(p.body, text) {
			t.Errorf("the page has %s", text)
		}
	}
	mapped := []string{"column_2", "status"}
	p = s.send(p, p.path, append(mapped, "do", "preview")...).has(http.StatusOK,
		`name="means:status:WARTEN AUF &lt;rückruf&gt;"`, "2 rows", "will not parse")
	const status, priority = "means:status:WARTEN AUF <rückruf>", "means:priority:meh"
	s.send(p, p.path, append(mapped, "do", "import", status, "later")...).has(http.StatusBadRequest, "cannot become")
	p = s.send(p, p.path, append(mapped, "do", "preview", status, "in_progress")...).has(http.StatusOK,
		`<option value="in_progress" selected>`, "1 value of the first rows will not parse")
	i := s.ended(s.send(p, p.path, append(mapped, "do", "import", status, "in_progress", priority, "none")...).path)
	if i.Created != 3 || len(i.Layout.Unknown) != 0 || slices.ContainsFunc(i.Layout.Notes,
		func(n file.Note) bool { return n.Remedy.Code == importer.RemedyValues }) {
		t.Errorf("the import gave %+v", i)
	}
	if got := query[string](s, `SELECT string_agg(status || ' ' || coalesce(priority, '-'), ', ' ORDER BY row_number)
		FROM tasks`); got != "in_progress high, open -, in_progress low" {
		t.Errorf("the tasks are %s", got)
	}
}

func TestStagedFilesAreBoundedAndForgotten(t *testing.T) {
	s := setup(t)
	s.signIn()
	for n := range 20 {
		s.upload("tasks", fmt.Sprintf("file-%d.csv", n), mixed).has(http.StatusOK, fmt.Sprintf("file-%d.csv", n))
	}
	s.upload("tasks", "one-more.csv", mixed).has(http.StatusConflict, "20 uploads wait to be begun already")
	list := s.get("/console/upload").has(http.StatusOK, "file-0.csv", "file-19.csv")
	staged := s.get("/console/upload/" + query[string](s, `SELECT id::text FROM imports WHERE file_name = 'file-3.csv'`))
	s.send(staged, staged.path, "do", "discard").has(http.StatusOK, "file-3.csv was discarded")
	s.get(staged.path).has(http.StatusNotFound)
	s.upload("tasks", "one-more.csv", mixed).has(http.StatusOK, "one-more.csv")
	_ = list
	// The sweeper deletes imports that were not begun for a day.
	query[int](s, `WITH old AS (UPDATE imports SET created_at = now() - interval '25 hours' WHERE status = 'staged'
		AND file_name <> 'one-more.csv' RETURNING 1) SELECT count(*) FROM old`)
	for end := time.Now().Add(patience); query[int](s, `SELECT count(*) FROM imports
		WHERE status = 'staged'`) > 1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("old uploads stay")
		}
	}
	if n := query[int](s, `SELECT count(*) FROM chunks`); n != 1 {
		t.Errorf("%d chunks are left, of one file", n)
	}
}

// The preview of a wide file shows some columns; the import reads all.
func TestUploadOfManyColumns(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	header, row := "title,note,note", "Wide,a,b"
	for n := range 300 {
		header, row = header+fmt.Sprintf(",c%d", n), row+",x"
	}
	p := s.upload("tasks", "wide.csv", header+",contact_name\n"+row+",Hans Müller\n").has(http.StatusOK,
		"104 further columns are not shown")
	if n := strings.Count(p.body, `name="column_`); n != 200 {
		t.Errorf("%d columns are shown", n)
	}
	if i := s.ended(s.send(p, p.path, "do", "import", "column_0", "title").path); i.Created != 1 {
		t.Errorf("the import: %+v", i)
	}
}

// A file that was imported before can be previewed; beginning it needs a confirmation.
func TestUploadOfTheSameFileIsAskedAbout(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	first := s.imported("tasks", "first.csv", mixed)
	p := s.upload("tasks", "again.csv", mixed).has(http.StatusOK)
	s.ended(s.send(p, p.path, "do", "check").has(http.StatusOK, "dry run").path)
	before := query[int](s, `SELECT count(*) FROM tasks`)
	p = s.upload("tasks", "again.csv", mixed).has(http.StatusOK)
	asked := s.send(p, p.path, "do", "import").has(http.StatusConflict, "were imported before", first,
		"first.csv")
	if n := query[int](s, `SELECT count(*) FROM tasks`); n != before || before == 0 {
		t.Errorf("%d tasks, %d before", n, before)
	}
	if i := s.ended(s.send(asked, asked.path, "do", "import", "on_same_file", "all").path); i.Created != int64(before) {
		t.Errorf("%+v", i)
	}
}

// A dry run is committed once, with the outcomes shown.
func TestDryRunIsCommitted(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	p := s.upload("tasks", "tasks.csv", mixed).has(http.StatusOK)
	shown := s.send(p, p.path, "do", "check").has(http.StatusOK, "dry run")
	i := s.ended(shown.path)
	if i.Created == 0 || query[int](s, `SELECT count(*) FROM tasks`) != 0 {
		t.Fatalf("the dry run: %+v", i)
	}
	shown = s.get(shown.path).has(http.StatusOK, "Import as shown")
	s.send(shown, shown.path+"/commit").has(http.StatusOK)
	if after := s.ended(shown.path); after.Created != i.Created || after.Rejected != i.Rejected || query[int64](s,
		`SELECT count(*) FROM tasks`) != i.Created {
		t.Errorf("%+v, shown %+v", after, i)
	}
	s.send(shown, shown.path+"/commit").has(http.StatusConflict, "carried out already")
	s.get("/console/audit").has(http.StatusOK, "committed a dry run")
}

// An import that is not begun is invisible outside the console: not listed, read, swept or retried.
func TestStagedFileIsNotAnImport(t *testing.T) {
	s := setup(t)
	s.signIn()
	id := idIn(s.upload("tasks", "later.csv", mixed).path)
	parsed, _ := importer.ParseID(id)
	if _, err := s.store.Import(context.Background(), s.workspace, parsed); err == nil {
		t.Error("it can be read as an import")
	}
	all, err := s.store.Imports(context.Background(), s.workspace, store.ImportFilter{},
		store.Page{Number: 1, Size: 10, Total: true})
	if err != nil || all.Total != 0 || len(all.Rows) != 0 {
		t.Errorf("it is listed: %d, %v", all.Total, err)
	}
	if b, err := s.store.Backlog(context.Background()); err != nil || b.Chunks != 0 || b.Rows != 0 {
		t.Errorf("it counts as waiting: %+v, %v", b, err)
	}
	s.get("/console/imports/" + id).has(http.StatusNotFound)
	s.send(s.get("/console/upload"), "/console/imports/"+id+"/cancel").has(http.StatusNotFound)
	s.send(s.get("/console/upload"), "/console/imports/"+id+"/retry").has(http.StatusNotFound)
}

func TestUploadsThatCannotBe(t *testing.T) {
	s := setup(t)
	s.signIn()
	for name, c := range map[string]struct {
		kind, content, says string
		options             []string
		status              int
	}{
		"empty":       {"tasks", "", "empty", nil, http.StatusBadRequest},
		"no rows":     {"tasks", "title,contact_name\n", "no data rows", nil, http.StatusBadRequest},
		"a picture":   {"tasks", "\x89PNG\r\n", "a picture", nil, http.StatusBadRequest},
		"a kind":      {"people", mixed, "Choose what the rows are", nil, http.StatusBadRequest},
		"an encoding": {"tasks", mixed, "encoding", []string{"encoding", "klingon"}, http.StatusBadRequest},
		"lines":       {"tasks", mixed, "number from 0 to 1000", []string{"skip_lines", "many"}, http.StatusBadRequest},
	} {
		s.upload(c.kind, name+".csv", c.content, c.options...).has(c.status, c.says)
	}
	if n := query[int](s, `SELECT count(*) FROM imports`); n != 0 {
		t.Errorf("%d imports are left of files that cannot be read", n)
	}
	s.upload("tasks", "semicolon.csv", "a|b;c\nx|y;z\n", "delimiter", ";").has(http.StatusOK, "a|b", "delimiter semicolon")
	limited := s.colleague("Tasks only", store.ReadActivities, store.WriteActivities).signIn()
	limited.upload("contacts", "contacts.csv", people).has(http.StatusForbidden, "contacts:write")
}

// The upload page asks once who is meant by an assignee who is not a user, of the columns as they
// are chosen; the answer is remembered.
func TestUploadAsksForUnknownAssignees(t *testing.T) {
	const tasks = "title,contact_name,Who\nCall,Hans Müller,Karl Nobody\nVisit,Hans Müller,Jane Whitcombe\n" +
		"Ask,Hans Müller,\"Nobody, Karl\"\n"
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	s.load("users", "assignee_id,name\nu-1,Jane Whitcombe\nu-2,Omar Haddad\n")
	p := s.upload("tasks", "owners.csv", tasks)
	mapped := []string{"column_2", "assignee_name"}
	p = s.send(p, p.path, append(mapped, "do", "preview")...).has(http.StatusOK, `name="means:assignee:`,
		"2 rows", "name of a user")
	const karl = "means:assignee:Karl Nobody"
	s.send(p, p.path, append(mapped, "do", "import", karl, "u-999")...).has(http.StatusBadRequest,
		"is not a user of this workspace")
	i := s.ended(s.send(p, p.path, append(mapped, "do", "import", karl, "Omar Haddad")...).path)
	if i.Created != 3 || len(i.Layout.Unknown) != 0 {
		t.Errorf("the import gave %+v", i)
	}
	if got := query[string](s, `SELECT string_agg(assignee_id, ', ' ORDER BY row_number) FROM tasks`); got !=
		"u-2, u-1, u-2" {
		t.Errorf("assigned to %s", got)
	}
	p = s.upload("tasks", "owners again.csv", strings.ReplaceAll(tasks, "Who", "assignee_name"))
	if strings.Contains(p.body, "means:assignee") {
		t.Error("the page asks again")
	}
}

// A file whose rows were mostly imported before can be imported with its new rows alone; the page
// of the import lists the skipped ones.
func TestUploadOfNewRowsAlone(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	const tasks = "title,contact_name\nCall,Hans Müller\nWrite,Hans Müller\n"
	p := s.upload("tasks", "one.csv", tasks).has(http.StatusOK)
	s.ended(s.send(p, p.path, "do", "import").path)
	p = s.upload("tasks", "two.csv", "Subject;Contact\nWrite;Hans Müller\nVisit;Hans Müller\nCall;Hans Müller\n")
	p = s.send(p, p.path, "do", "import").has(http.StatusConflict, "2 rows of 3 were imported before", "one.csv",
		"1 row is new")
	page := s.send(p, p.path, "do", "import", "on_same_file", "new")
	if i := s.ended(page.path); i.Created != 1 || i.Skipped != 2 {
		t.Errorf("%d created, %d skipped, want 1 and 2", i.Created, i.Skipped)
	}
	s.get(page.path).has(http.StatusOK, "2 rows skipped", "row 1: repeats what exists already, from row 2 of import")
	if r := s.get(page.path + "/rejects.csv?skipped=true"); strings.Count(r.body, "skipped: repeats") != 2 {
		t.Errorf("the report: %s", r.body)
	}
}

// A mapping that was confirmed is proposed for the next file with the header, and said, until it is
// forgotten.
func TestConfirmedMappingIsRemembered(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	const tasks = "What,Whom,When,Extra\n%s,Hans Müller,03/04/2026,kept\n"
	mapped := []string{"column_0", "title", "column_1", "contact_name", "column_2", "due_date", "column_3", "",
		"date_order", "dmy"}
	p := s.upload("tasks", "one.csv", fmt.Sprintf(tasks, "One")).has(http.StatusOK)
	s.ended(s.send(p, p.path, append(mapped, "do", "import")...).path)
	p = s.upload("tasks", "two.csv", fmt.Sprintf(tasks, "Two")).has(http.StatusOK,
		"mapped as was confirmed for this header", "Forget this mapping")
	i := s.ended(s.send(p, p.path, "do", "import").path)
	n := query[int](s, `SELECT count(*) FROM tasks WHERE due_at = '2026-04-03' AND custom_fields IS NULL`)
	if i.Created != 1 || n != 2 {
		t.Errorf("%d created; %d tasks are due on 3 April and keep nothing, want 2", i.Created, n)
	}
	s.get("/console/imports/"+i.ID.String()).has(http.StatusOK, "mapped as was confirmed")
	p = s.upload("tasks", "three.csv", fmt.Sprintf(tasks, "Three"))
	s.send(p, p.path, "do", "forget").has(http.StatusOK, "The mapping is forgotten")
	if p = s.upload("tasks", "four.csv", fmt.Sprintf(tasks, "Four")); strings.Contains(p.body, "mapped as was confirmed") {
		t.Error("it is still remembered")
	}
}

// A mapping that is saved under a name can be used for an upload, and says what the rows are.
func TestUploadWithASavedMapping(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	if p := s.get("/console/upload"); strings.Contains(p.body, `name="mapping"`) {
		t.Error("mappings are offered where there are none")
	}
	if _, _, err := s.store.SaveMapping(t.Context(), store.Mapping{WorkspaceID: s.workspace, Name: "Field notes",
		Kind: importer.Tasks, Mapping: importer.Mapping{ByColumn: map[string]string{"Was?": "title", "Wer?": "contact_name"},
			Values: map[string]map[string]string{"status": {"schwebend": "in_progress"}}}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.get("/console/upload").has(http.StatusOK, `<option value="Field notes">Field notes (tasks)`)
	p := s.upload("contacts", "notes.csv", "Was?,Wer?,status\nCall,Hans Müller,schwebend\n", "mapping", "Field notes").has(
		http.StatusOK, "Mapped as Field notes, which is saved.", `<option value="title" selected>`,
		`<option value="contact_name" selected>`, "1 row of tasks")
	begun := s.send(p, p.path, "do", "import").has(http.StatusOK)
	s.ended(begun.path)
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title = 'Call' AND status = 'in_progress'`); n != 1 {
		t.Error("the saved mapping is not used")
	}
	s.upload("tasks", "notes.csv", "Was?\nCall\n", "mapping", "None such").has(http.StatusBadRequest, "No such mapping")
}

// A file that was read with the wrong encoding or sheet is read again without another upload, also
// after a dry run; once the import has begun it is not kept.
func TestUploadIsReadAgain(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	const tasks = "title;contact_name\nPr\xfcfung;Hans M\xfcller\nAudit;Maria Rossi\n" // windows-1252
	p := s.upload("tasks", "old.csv", tasks, "encoding", "iso-8859-5").has(http.StatusOK, "iso-8859-5",
		"The file is read wrong?", "Prќfung")
	read := p.path + "/read"
	s.send(p, read, "encoding", "klingon").has(http.StatusBadRequest, "Unknown encoding")
	p = s.send(p, read, "encoding", "windows-1252").has(http.StatusOK, "The file was read again.", "Prüfung",
		"2 rows of tasks")
	if n := query[int](s, `SELECT count(*) FROM imports WHERE status = 'staged'`); n != 1 {
		t.Errorf("%d uploads wait, want one in place of the other", n)
	}
	s.send(p, read, "encoding", "utf-8").has(http.StatusNotFound)
	check := s.send(p, p.path, "do", "check").has(http.StatusOK, "dry run")
	if i := s.ended(check.path); i.Created != 2 {
		t.Fatalf("the dry run would create %d tasks", i.Created)
	}
	again := s.send(s.get(check.path), check.path+"/again").has(http.StatusOK, "The file is read wrong?")
	path, _, _ := strings.Cut(again.path, "?")
	again = s.send(again, path+"/read", "no_header", "1").has(http.StatusOK, "3 rows of tasks")
	s.send(again, again.path, "do", "discard").has(http.StatusOK)
	done := s.send(s.get(check.path), check.path+"/commit")
	if i := s.ended(done.path); i.Created != 2 {
		t.Errorf("%d tasks are created", i.Created)
	}
	if n := query[int](s, `SELECT count(*) FROM staged_files`); n != 0 {
		t.Errorf("%d files are kept after the import has begun", n)
	}
}
