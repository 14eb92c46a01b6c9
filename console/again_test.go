package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// A dry run is a place to work: its mapping, values and dates are changed and it is run again, or
// imported, without another upload.
func TestDryRunIsRunAgain(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	staged := s.upload("tasks", "again.csv", "What,Who,State,Due\nCall,Hans Müller,halted,3/4/2026\nMeet,Maria Rossi,,\n")
	form := []string{"column_0", "title", "column_1", "contact_name", "column_2", "status", "column_3", "due_date"}
	dry := s.send(staged, staged.path, append(form, "do", "check", "means:status:halted", "open", "date_order", "dmy")...)
	i := s.ended(dry.path)
	if !i.Options.DryRun || i.Created != 2 {
		t.Fatalf("the dry run is %+v", i)
	}
	page := s.get(dry.path).has(http.StatusOK, "Change and run again", "Import as shown")
	again := s.send(page, dry.path+"/again")
	if !strings.HasPrefix(again.path, "/console/upload/") {
		t.Fatalf("it leads to %s", again.path)
	}
	again.has(http.StatusOK, "again.csv", "2 rows", "halted", `<option value="open" selected>`)
	for _, chosen := range []string{`<option value="title" selected>`, `<option value="contact_name" selected>`} {
		again.has(http.StatusOK, chosen)
	}
	at, _, _ := strings.Cut(again.path, "?")
	done := s.send(again, at, append(form, "do", "import", "means:status:halted", "completed", "date_order", "mdy")...)
	if i := s.ended(done.path); i.Options.DryRun || i.Created != 2 {
		t.Errorf("the import is %+v", i)
	}
	if got := query[string](s, `SELECT status || to_char(due_at, ' YYYY-MM-DD') FROM tasks WHERE title = 'Call'`); got !=
		"completed 2026-03-04" {
		t.Errorf("the task is %s", got)
	}
	// A real import has nothing to run again.
	s.send(page, done.path+"/again").has(http.StatusConflict, "is not kept")
}

// A file of another kind is recognised, and a button that cannot work is disabled.
func TestKindIsRecognised(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.upload("tasks", "people.csv", "First Name,Last Name,Email,Company\nAnn,Eng,ann@example.com,North\n").has(
		http.StatusOK, "These rows look like contacts", `value="import" disabled aria-describedby="why"`,
		`value="check" disabled aria-describedby="why"`)
	s.upload("contacts", "tasks.csv", "title,contact_name,due_date,status\nCall,Hans Müller,,\n").has(http.StatusOK,
		"These rows look like tasks")
	p := s.upload("tasks", "tasks.csv", "title,contact_name,due_date,status\nCall,Hans Müller,,\n").has(http.StatusOK)
	if strings.Contains(p.body, "look like") || strings.Contains(p.body, "disabled") {
		t.Errorf("a file of tasks is taken for another: %s", p.body)
	}
}
