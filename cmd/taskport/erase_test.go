package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
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
			first, size := utf8.DecodeRuneInString(word)
			return strings.Contains(line, word) || strings.Contains(line, hex.EncodeToString([]byte(word))) ||
				strings.Contains(line, hex.EncodeToString([]byte(string(unicode.ToUpper(first))+word[size:])))
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

// sql changes the database without the program.
func (p *program) sql(text string) {
	p.t.Helper()
	db, err := pgx.Connect(p.t.Context(), p.env["DATABASE_URL"])
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close(p.t.Context())
	if _, err := db.Exec(p.t.Context(), text); err != nil {
		p.t.Fatal(err)
	}
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
		"activities:read,activities:write,contacts:write,companies:write,users:write,webhooks:write")
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
	// An erasure that is interrupted is done by the next one, which has no more than the address.
	p.sql(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$`)
	p.sql(`CREATE TRIGGER fail BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION fail()`)
	if r := p.run(args...); r.code != exitFailed || !strings.Contains(r.err, "the disk is full") {
		t.Errorf("interrupted: %+v", r)
	}
	p.sql(`DROP TRIGGER fail ON tasks`)
	if dry = p.run(append(args, "--dry-run")...); !strings.Contains(dry.out, "contacts") {
		t.Errorf("after the interrupted one: %+v", dry)
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

// inRedis returns the keys and values in Redis that have one of the words.
func (p *program) inRedis(words ...string) (found []string) {
	p.t.Helper()
	o, err := redis.ParseURL(p.env["REDIS_URL"])
	if err != nil {
		p.t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close()
	n := 0
	for keys := c.Scan(p.t.Context(), 0, "*", 1000).Iterator(); keys.Next(p.t.Context()); n++ {
		key := keys.Val()
		read := map[string][]any{"string": {"GET", key}, "hash": {"HGETALL", key}, "list": {"LRANGE", key, 0, -1},
			"set": {"SMEMBERS", key}, "zset": {"ZRANGE", key, 0, -1}}[c.Type(p.t.Context(), key).Val()]
		if read == nil {
			continue
		}
		value, err := c.Do(p.t.Context(), read...).Result()
		text := strings.ToLower(fmt.Sprint(key, value))
		if err != nil || slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) }) {
			found = append(found, fmt.Sprint(text, err))
		}
	}
	if n == 0 {
		p.t.Error("Redis has no keys to search")
	}
	return found
}

// A name with accents is erased from each place where it may be, in each way in which the program
// writes it.
func TestEraseEveryPlace(t *testing.T) {
	t.Parallel()
	dump, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Skip("pg_dump is not installed")
	}
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.env["TASKPORT_API_KEY"] = p.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write,deals:write,events:write,users:write,webhooks:write")
	_, stopWorker := p.launch(false, "work")
	p.must("load", "contacts", p.file("contacts.csv", "external_id,first_name,last_name,email\n"+
		"c7,Šárka,Müllerová,s.mullerova@example.org\nc9,Hans,Müller,hans@example.org\n"))
	p.must("load", "users", p.file("users.csv", "external_id,name,email\nu7,Šárka Müllerová,S.Mullerova@example.org\n"+
		"u9,Hans Müller,hans@example.org\n"))
	p.must("load", "deals", p.file("deals.csv", "external_id,title,contact_name\n"+
		"d1,Renewal of Šárka Müllerová,Šárka Müllerová\nd2,Renewal,Sarka Mullerova\n"))
	p.must("load", "events", p.file("events.csv", "external_id,title\ne1,\"Lunch: Müllerová, Šárka\"\n"))
	// The cells of a rejected row have the first and the last name apart.
	if r := p.run("load", "contacts", p.file("more.csv", "external_id,first_name,last_name,email\n"+
		"c8,Šárka,Müllerová,not an address\n")); r.code != exitRejected {
		t.Fatalf("%+v", r)
	}
	tasks := p.file("Müllerová_Šárka.csv", "Title,contact_name,Assigned,First,Last,Note\n"+
		"Call,Hans Müller,Šárka Müllerová,Šárka,Müllerová,SARKA MULLEROVA\n"+
		"Call,Sarka Mullerova,,,,\n"+
		"Write \"\"it\"\" \\today,Hans Müller,,,,Muellerova Sarka\n"+
		"Ask,,Sarka Mullerova,,,\n")
	if r := p.run("import", "--map", "Title=title", "--map", "Assigned=assignee_name", tasks); r.code != exitRejected {
		t.Fatalf("%+v", r)
	}
	p.request("POST", "/v1/import/jobs/"+p.lastJob()+"/rejects/4", `{"fields": {"contact_name": "Šárka Müllerová"}}`)
	p.request("PUT", "/v1/import/mappings/Sarka%20Mullerova", `{"mapping": {"Šárka Müllerová": "description", "Title":
		"title"}, "values": {"assignee": {"Šárka Müllerová": "u7"}}}`)
	contact := p.lookUp("Šárka Müllerová")
	p.request("POST", "/v1/aliases", `{"name": "Frau Müllerová Šárka", "contact_id": "`+contact+`"}`)
	p.request("POST", "/v1/webhooks", `{"url": "https://example.org/", "events": ["task.created"]}`)
	for _, key := range []string{"s.mullerova@example.org", "S.Mullerova@example.org"} {
		p.request("POST", "/v1/tasks", `{"title": "Meet Šárka Müllerová", "contact_id": "`+contact+`",
			"custom_fields": {"Who": "Müllerová, Šárka", "Šárka Müllerová": "x", "First": "Šárka", "Last": "Müllerová"}}`,
			"Idempotency-Key", key)
	}
	stopWorker()
	p.request("POST", "/v1/tasks", `{"title": "Wait for Šárka Müllerová", "contact_email": "s.mullerova@example.org",
		"custom_fields": {"First": "Šárka", "Last": "Müllerová"}}`, "Prefer", "respond-async")

	person := []string{"mullerova@", "šárka", "sarka", "müllerová", "mullerova", "muellerova"}
	before := strings.Join(p.dumped(dump, person...), "\n")
	for _, table := range []string{"aliases", "audit", "contacts", "corrections", "dead_letters", "deals", "events",
		"idempotency_keys", "imports", "mappings", "singles", "tasks", "users"} {
		if !strings.Contains(before, "into public."+table+" ") {
			t.Errorf("%s does not name the person", table)
		}
	}
	if r := p.run("erase", "--workspace", "acme", "--contact", contact); r.code != exitDone {
		t.Fatalf("%+v", r)
	}
	for _, line := range p.dumped(dump, person...) {
		t.Errorf("left: %s", line)
	}
	for _, line := range p.inRedis(person...) {
		t.Errorf("left in Redis: %s", line)
	}
	if n := len(p.dumped(dump, "Hans Müller", "hans@example.org")); n < 4 {
		t.Errorf("%d places name another person, want at least 4", n)
	}
	// The task that waited ends.
	_, stopWorker = p.launch(false, "work")
	defer stopWorker()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		jobs := p.request("GET", "/v1/import/jobs?singles=true", "")
		if !strings.Contains(jobs, `"queued"`) && !strings.Contains(jobs, `"processing"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("a task waits: %s", jobs)
		}
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
