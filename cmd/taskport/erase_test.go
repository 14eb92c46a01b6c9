package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// request sends JSON to the API with the program's key, and returns the answer's body.
func (p *program) request(method, path, body string, header ...string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.env["TASKPORT_SERVER"]+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.env["TASKPORT_API_KEY"])
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		p.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
	}
	return string(text)
}

// dumped returns the parts of a dump of the database that have one of the words, in plain or as
// bytes in hexadecimal.
func (p *program) dumped(dump string, words ...string) []string {
	p.t.Helper()
	out, err := exec.CommandContext(p.t.Context(), dump, "--inserts", p.env["DATABASE_URL"]).Output()
	if err != nil {
		p.t.Skipf("the database cannot be dumped: %v", err)
	}
	var found []string
	for line := range strings.Lines(strings.ToLower(string(out))) {
		if slices.ContainsFunc(words, func(word string) bool {
			word = strings.ToLower(word)
			return strings.Contains(line, word) || strings.Contains(line, hex.EncodeToString([]byte(word))) ||
				strings.Contains(line, hex.EncodeToString([]byte(strings.ToUpper(word[:1])+word[1:])))
		}) {
			found = append(found, line)
		}
	}
	return found
}

// lastJob returns the id of the newest import.
func (p *program) lastJob() string {
	p.t.Helper()
	return between(p.t, p.request("GET", "/v1/import/jobs?per_page=1", ""), `"job_id":"`, `"`)
}

// lookUp returns the id of the contact of that name.
func (p *program) lookUp(name string) string {
	p.t.Helper()
	db, err := pgx.Connect(p.t.Context(), p.env["DATABASE_URL"])
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close(context.Background())
	var id string
	err = db.QueryRow(p.t.Context(), `SELECT id::text FROM contacts WHERE full_name = $1`, name).Scan(&id)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func TestErase(t *testing.T) {
	t.Parallel()
	dump, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Skip("pg_dump is not installed")
	}
	p := installed(t, func(p *program) string {
		return p.start(true, "up", "--listen", "127.0.0.1:0", "--webhook-allow", "127.0.0.1/32")
	})
	p.env["TASKPORT_API_KEY"] = p.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write,companies:write,webhooks:write")
	p.request("POST", "/v1/webhooks", `{"url": "http://127.0.0.1:1/", "events": ["task.created"]}`)
	p.must("load", "contacts", p.file("contacts.csv", "external_id,first_name,last_name,email,company_name\n"+
		"c7,Dorothea,Quellenberg,d.quellenberg@example.org,Brandt GmbH\nc8,Dorothe,Quellenberger,,Brandt GmbH\n"+
		"c9,Hans,Müller,hans@example.org,Brandt GmbH\n"))
	tasks := p.file("tasks.csv", "Title,contact_name,contact_email,Notes\n"+
		"Call Dorothea  Quellenberg today,Dorothea Quellenberg,,linked\n"+
		"Write,,D.Quellenberg@example.org,QUELLENBERG Dorothea\n"+
		"Orphan,,,ask d.quellenberg@example.org; not xd.quellenberg@example.org.uk\n"+
		"Long,,,the address to which this has to be sent is d.quellenberg@example.org\n"+
		"Near,Dorothea Quellenburg,,\n"+
		",Dorothea Quellenberg,,no title\n"+
		"Other,Hans Müller,,Hans stays\n")
	if r := p.run("import", "--map", "Title=title", "--map", "Notes=description", tasks); r.code != exitRejected {
		t.Fatalf("%+v", r)
	}
	job := p.lastJob()
	p.request("POST", "/v1/import/jobs/"+job+"/rejects/3", `{"fields": {"title": "Dorothea Quellenberg wrote"}}`)
	contact := p.lookUp("Dorothea Quellenberg")
	p.request("POST", "/v1/aliases", `{"name": "Doro Quellenberg", "contact_id": "`+contact+`"}`)
	p.request("POST", "/v1/tasks", `{"title": "Meet Dorothea Quellenberg", "contact_id": "`+contact+`"}`,
		"Idempotency-Key", "once")
	person := []string{"d.quellenberg@example.org", "Dorothea Quellenberg", "Quellenberg, Dorothea", "dorothea",
		"doro quellenberg"}
	before := p.dumped(dump, person...)
	if len(before) < 8 {
		t.Fatalf("only %d places before", len(before))
	}

	args := []string{"erase", "--workspace", "acme", "--email", "D.Quellenberg@Example.org"}
	dry := p.run(append(args, "--dry-run")...)
	for _, table := range []string{"contacts", "aliases", "tasks", "dead_letters", "corrections", "audit",
		"idempotency_keys", "imports"} {
		if !strings.Contains(dry.out, table) {
			t.Errorf("the list lacks %s: %s", table, dry.out)
		}
	}
	if dry.code != exitDone || !strings.Contains(dry.err, "nothing was erased") ||
		len(p.dumped(dump, person...)) != len(before) {
		t.Errorf("the dry run: %+v", dry)
	}
	if r := p.run(args...); r.code != exitDone || r.out != dry.out {
		t.Errorf("%+v, shown was %s", r, dry.out)
	}
	for _, line := range p.dumped(dump, person...) {
		// The address and the name of somebody else.
		other := strings.NewReplacer(hex.EncodeToString([]byte("xd.quellenberg")), "", "xd.quellenberg", "",
			"dorothea quellenburg", "", hex.EncodeToString([]byte("Dorothea Quellenburg")), "").Replace(line)
		if line == other || strings.Contains(other, "dorothea") || strings.Contains(other, "quellenberg") ||
			strings.Contains(other, hex.EncodeToString([]byte("Quellenberg"))) {
			t.Errorf("left: %s", line)
		}
	}
	for word, least := range map[string]int{"Quellenberger": 1, "Hans Müller": 1, "hans@example.org": 1,
		"xd.quellenberg": 1} {
		if n := len(p.dumped(dump, word)); n < least {
			t.Errorf("%d places of %s, want at least %d", n, word, least)
		}
	}
	if r := p.run(args...); r.code != exitFailed || !strings.Contains(r.err, "no person") {
		t.Errorf("once more: %+v", r)
	}
	// The tasks stay, linked to a contact without a name, to whom nothing is linked any more.
	var list struct {
		Data []struct {
			Title string `json:"title"`
		} `json:"data"`
	}
	err = json.Unmarshal([]byte(p.request("GET", "/v1/tasks?contact_id="+contact, "")), &list)
	if err != nil || len(list.Data) != 4 {
		t.Errorf("%+v, %v", list, err)
	}
	again := p.run("import", "--on-same-file", "all", tasks, "--map", "Title=title", "--map", "Notes=description")
	if again.code != exitRejected {
		t.Errorf("%+v", again)
	}
}

func TestEraseNeedsOnePerson(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, args := range [][]string{{}, {"--email", "a@b.example", "--contact", "x"}, {"--contact", "x"}} {
		if r := p.run(append([]string{"erase", "--workspace", "acme"}, args...)...); r.code != exitUsage ||
			!strings.Contains(r.err, "--contact") {
			t.Errorf("%v: %+v", args, r)
		}
	}
}
