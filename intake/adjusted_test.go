package intake_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Values that an import changes are counted, by field and way, with the first rows in a note; the
// originals stay in custom_fields.
func TestAdjustedValues(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const file = "id,title,contact_name,Created Date,external_id\n" +
		"1,old,Anna Nowak,2019-01-02,10001.0\n" +
		"2,ahead,Anna Nowak,2027-01-01,10002.0\n" +
		"3,unread,Anna Nowak,yesterday,nan\n" +
		"4,open,Anna Nowak,03/04/2026,#REF!\n" +
		"5,kept,Anna Nowak,2026-01-02,None\n" +
		"6,rejected,Nobody,2019-01-02,10006.0\n"
	job := a.importTasks(file, "?on_duplicate=reject")
	r := a.do("GET", job, "")
	r.wantCounts(5, 0, 0, 1)
	want := `{"created_date":{"ambiguous":1,"in_future":1,"too_old":1,"unreadable":1},` +
		`"external_id":{"cleaned":2,"not_an_id":3}}`
	if got := strings.TrimSpace(jsonOf(t, r.get("data.adjusted"))); got != want {
		t.Errorf("adjusted: got %s, want %s", got, want)
	}
	notes := fmt.Sprint(r.get("data.file.notes"))
	for _, note := range []string{"created_date is more than 5 years old in 1 row (1)",
		"external_id is not an id in 3 rows (3, 4, 5)", "external_id ended in .0 in 2 rows (1, 2)"} {
		if !strings.Contains(notes, note) {
			t.Errorf("notes %s\nlack %s", notes, note)
		}
	}
	a.wantCustomFields(map[string]string{
		"old":    `{"Created Date":"2019-01-02","external_id":"10001.0","id":"1"}`,
		"ahead":  `{"Created Date":"2027-01-01","external_id":"10002.0","id":"2"}`,
		"unread": `{"Created Date":"yesterday","external_id":"nan","id":"3"}`,
		"open":   `{"Created Date":"03/04/2026","external_id":"#REF!","id":"4"}`,
		"kept":   `{"external_id":"None","id":"5"}`,
	})
	again := a.importTasks("title,contact_name,external_id\nold,Anna Nowak,10001\n", "")
	a.do("GET", again, "").wantCounts(0, 0, 1, 0)
	none := a.importTasks("title,contact_name,created_date\nNone,Anna Nowak,2019-01-02\n", "?keep_columns=none")
	if got := a.do("GET", none, "").get("data.adjusted.created_date.too_old"); got != 1.0 {
		t.Errorf("without kept columns %v are too old, want 1", got)
	}
	if got := a.customFields()["None"]; got != "{}" {
		t.Errorf("without kept columns: %s", got)
	}
	dry := a.importTasks("title,contact_name,created_date\nDry,Anna Nowak,2019-01-02\n", "?dry_run=true")
	if got := a.do("GET", dry, "").get("data.adjusted.created_date.too_old"); got != 1.0 {
		t.Errorf("in a dry run %v are too old, want 1", got)
	}
	a.await(fmt.Sprint(a.do("POST", dry+"/commit", "").get("data.job_id")))
	if got := a.do("GET", dry, "").get("data.adjusted.created_date.too_old"); got != 1.0 {
		t.Errorf("after the commit %v are too old, want 1", got)
	}
}

// One id that half of the rows share, though they differ, is not an id; one of true repetitions is.
func TestIDThatMostRowsShare(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var shared, repeated strings.Builder
	for i := range 6 {
		fmt.Fprintf(&shared, "T%d,Anna Nowak,0\nU%d,Anna Nowak,u%d\n", i, i, i)
		fmt.Fprintf(&repeated, "T,Anna Nowak,x\n")
	}
	const header = "title,contact_name,external_id\n"
	r := a.do("GET", a.importTasks(header+shared.String(), ""), "")
	r.wantCounts(12, 0, 0, 0)
	if got := r.get("data.adjusted.external_id.not_an_id"); got != 6.0 {
		t.Errorf("%v ids are none, want 6", got)
	}
	a.do("GET", a.importTasks(header+repeated.String(), ""), "").wantCounts(1, 0, 5, 0)
	// Versions are not numbers to which a program has added .0.
	a.do("GET", a.importTasks(header+"A,Anna Nowak,1.0\nB,Anna Nowak,1.1\nC,Anna Nowak,1\n", ""),
		"").wantCounts(3, 0, 0, 0)
}

// What a preset takes from a contact with several values is counted too.
func TestAdjustedContacts(t *testing.T) {
	a := setup(t)
	r := a.csv("/v1/import/contacts?mapping="+url.QueryEscape(`{}`), "Record ID,First Name,Last Name,Email,Associated "+
		"Company,Lead Status\n1.0,Anna,Nowak,a@example.com;b@example.com,Acme;Brandt,New\nNaN,Hans,Muster,,,New\n")
	want := `{"company_name":{"several_left_out":1},"email":{"first_only":1},` +
		`"external_id":{"cleaned":1,"not_an_id":1}}`
	if got := strings.TrimSpace(jsonOf(t, r.get("data.adjusted"))); got != want {
		t.Errorf("adjusted: got %s, want %s: %s", got, want, r.raw)
	}
}
