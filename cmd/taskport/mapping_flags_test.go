package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taskport/importer"
)

// A mapping file may be YAML or JSON, all its values are text, and flags override it.
func TestMapFile(t *testing.T) {
	t.Parallel()
	want := url.Values{"mapping": {`{"Notes":"","Subject":"title","Who":"contact_name"}`},
		"values":    {`{"priority":{"1":"high"},"status":{"no":"open","yes":"completed"}}`},
		"constants": {`{"task_type":"2026"}`},
		"compose":   {`{"description":["A","B"]}`}, "date_order": {"mdy"}, "timezone": {"UTC"}, "preset": {"none"},
		"on_company_mismatch": {"reject"}, "on_duplicate": {"skip"}, "on_several": {"reject"},
		"file_name": {"tasks.csv"}}
	for name, text := range map[string]string{
		"a.yaml": "# of the old system\npreset: none\nmapping:\n  Subject: title\n  Notes: ~\n  Who: " +
			"company_name\nvalues:\n  status: {yes: completed, no: open}\n  priority: {1: high}\nconstants: {task_type: " +
			"2026}\ncompose:\n  description: [A, B]\ndate_order: dmy\ntimezone: UTC\n",
		"a.json": `{"preset": "none", "mapping": {"Subject": "title", "Notes": "", "Who": "company_name"},
			"values": {"status": {"yes": "completed", "no": "open"}, "priority": {"1": "high"}},
			"constants": {"task_type": "2026"}, "compose": {"description": ["A", "B"]}, "date_order": "dmy", "timezone": "UTC"}`,
	} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		if r := p.run("import", p.file("tasks.csv", tasksFile), "--map-file", p.file(name, text), "--map",
			"Who=contact_name", "--date-order", "mdy"); r.code != exitDone {
			t.Fatalf("%s: %+v", name, r)
		}
		if got := a.posted(t).query; got != want.Encode() {
			t.Errorf("%s: options are\n%s, want\n%s", name, got, want.Encode())
		}
	}
}

// answering runs a command at a terminal where somebody types.
func (p *program) answering(typed string, args ...string) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, &environment{in: strings.NewReader(typed), inIsTerminal: true, out: &out,
		err: &errs, terminal: true, outIsTerminal: true, getenv: func(name string) string { return p.env[name] }})
	return result{code, out.String(), errs.String()}
}

const openQuestions = "title,contact_name,status,priority,due_date\nEins,Hans,Wartet,A,03/04/2026\n" +
	"Zwei,Hans,wartet,,05/06/2026\nDrei,Hans,It's on,B,2026-03-04\n"

// What a file leaves open is asked at a terminal before the file is sent, once for all rows; a
// wrong answer is asked for again, and none leaves the rows to the report.
func TestOpenQuestionsAreAsked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		args  []string
		want  map[string]string // options of the request
		says  []string
	}{
		{"day first\nd\nsoon\nIN\n1\nback\nh\n\nn\n", nil,
			map[string]string{"date_order": "dmy",
				"values": `{"priority":{"A":"high"},"status":{"It's on":"","Wartet":"in_progress"}}`},
			[]string{`in 03/04/2026 the day or the month may come first`,
				`1 of 5: "due_date": in 03/04/2026 the day`, `in which order`, `"day first" is not one of dmy, mdy, ymd`,
				`2 of 5: what does status "Wartet" mean (2 rows)?`,
				`  1 open  2 in_progress  3 completed  4 none`, `"soon" is not one of open`, `priority "B" mean (1 row)`,
				`--date-order dmy`, `--value 'status:Wartet=in_progress'`, `--value 'status:It'\''s on='`}},
		{"", nil, map[string]string{"date_order": "", "values": ""}, []string{"in which order are day, month and year?"}},
		{"\n\n\n\n\n", []string{"--value", "status:Wartet=open"}, map[string]string{"date_order": "",
			"values": `{"status":{"Wartet":"open"}}`}, []string{"in which order"}},
		{"mdy\n", []string{"--value", "status:Wartet=open", "--value", "status:It's on=open", "--value", "priority:a=low",
			"--value", "priority:b=low"}, map[string]string{"date_order": "mdy"}, nil},
	} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		r := p.answering(c.typed, append([]string{"import", p.file("tasks.csv", openQuestions)}, c.args...)...)
		if r.code != exitDone {
			t.Fatalf("%q: %+v", c.typed, r)
		}
		sent, err := url.ParseQuery(a.posted(t).query)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range c.want {
			if sent.Get(name) != value {
				t.Errorf("%q: %s is %s, want %s", c.typed, name, sent.Get(name), value)
			}
		}
		for _, s := range c.says {
			if !strings.Contains(r.err, s) {
				t.Errorf("%q: %s, want one that says %s", c.typed, r.err, s)
			}
		}
	}
}

const unknownOwner = `{"contact_id": null, "error": {"code": "unresolved_reference", "message": "m",
	"problem": "\"Karl\" is not a user of this workspace", "remedy": {"code": "assignee", "field": "assignee_id"}}}`

// The assignees whom the server does not know are asked about once each, until the answer is a
// user.
func TestUnknownAssigneesAreAsked(t *testing.T) {
	t.Parallel()
	file := "title,contact_name,Task Owner\nEins,Hans,Jane\nZwei,Hans,Karl\nDrei,Hans,KARL\nVier,Hans,Jane\n" +
		"Fünf,Hans,Karl\n"
	resolved := func(all ...string) http.HandlerFunc {
		return says(http.StatusOK, `{"data": [`+strings.Join(all, ", ")+`]}`)
	}
	known := `{"assigned_to_user_id": "u-1"}`
	for _, c := range []struct {
		typed, want string
		verdicts    []http.HandlerFunc
	}{
		{"nobody\nu-1\n", `{"assignee":{"Karl":"u-1"}}`, []http.HandlerFunc{resolved(known, unknownOwner, unknownOwner),
			resolved(unknownOwner), resolved(known)}},
		{"none\n", `{"assignee":{"Karl":""}}`, []http.HandlerFunc{resolved(known, unknownOwner, unknownOwner)}},
		{"\n", "", []http.HandlerFunc{resolved(known, unknownOwner, unknownOwner)}},
		{"", "", []http.HandlerFunc{resolved(known, known, known)}},
		{"", "", []http.HandlerFunc{says(http.StatusForbidden, `{"error": {"code": "insufficient_permissions"}}`)}},
	} {
		a := newAPI(t, jobJSON("completed", 0))
		a.uploads = c.verdicts
		p := a.client(t)
		r := p.answering(c.typed, "import", p.file("tasks.csv", file))
		if r.code != exitDone {
			t.Fatalf("%q: %+v", c.typed, r)
		}
		var posted request
		for _, q := range a.got() {
			if q.path == "/v1/import/tasks" {
				posted = q
			}
		}
		sent, err := url.ParseQuery(posted.query)
		if err != nil || sent.Get("values") != c.want {
			t.Errorf("%q: values are %s, want %s; %s", c.typed, sent.Get("values"), c.want, r.err)
		}
		if asked := strings.Count(r.err, `who is assignee "Karl" (3 rows)`); c.typed != "" &&
			asked != strings.Count(c.typed, "\n") {
			t.Errorf("%q: asked %d times: %s", c.typed, asked, r.err)
		}
	}
}

// Nobody is asked where nobody can answer, or wants to.
func TestNobodyIsAskedInAPipe(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"--quiet"}, {"--json"}} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		if r := p.answering("dmy\n", append([]string{"import", p.file("tasks.csv", openQuestions)},
			flags...)...); r.code != exitDone || strings.Contains(r.err, "in which order") {
			t.Errorf("%v: %+v", flags, r)
		}
	}
	a := newAPI(t, jobJSON("completed", 0))
	p := a.client(t)
	if r := p.run("import", p.file("tasks.csv", openQuestions)); r.code != exitDone || strings.Contains(r.err,
		"in which order") {
		t.Errorf("%+v", r)
	}
}

// check shows what each column holds and feeds, and lists in --json what it shows.
func TestCheckShowsTheColumns(t *testing.T) {
	t.Parallel()
	p := &program{t: t, dir: t.TempDir()}
	contacts := p.file("contacts.csv", "full_name\nHans\n")
	file := p.file("tasks.csv",
		"Betreff,Ansprechpartner,Status,Zuständig\nEins,Hans,Wartet,\nZwei,Hans,offen,\nDrei,Hans,,Max\n")
	r := p.run("check", file, "--contacts", contacts)
	for _, s := range []string{"column           feeds          filled  samples",
		"Betreff          title          100 %   Eins · Zwei · Drei",
		"Status           status         67 %    Wartet · offen", "Zuständig        assignee_name  33 %    Max",
		"because the workspace has no users",
		`"Wartet" (1 row)`} {
		if !strings.Contains(r.out, s) {
			t.Errorf("%s\nlacks %s", r.out, s)
		}
	}
	var answer struct{ Data job }
	if err := json.Unmarshal([]byte(p.run("check", file, "--contacts", contacts, "--json").out), &answer); err != nil {
		t.Fatal(err)
	}
	if c := answer.Data.File.Columns; len(c) != 4 || c[2].Feeds != "status" || c[2].Filled != 0.667 ||
		len(c[2].Problems) != 1 || answer.Data.File.Unknown["status"][0].Rows != 1 {
		t.Errorf("%+v", answer.Data.File)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{0: "0 %", 0.001: "<1 %", 0.5: "50 %", 0.999: ">99 %", 1: "100 %"} {
		if got := importer.Percent(share); got != want {
			t.Errorf("%v: %s, want %s", share, got, want)
		}
	}
}

// Mappings are saved, listed, shown, used and deleted.
func TestMappingCommands(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	p.must("load", "contacts", p.file("contacts.csv", "full_name\nHans Müller\n"), "--quiet")
	p.must("mapping", "save", "old system", "--map", "Was=title", "--map", "Wer=contact_name", "--value",
		"status:Wartet=open")
	if out := p.must("mapping", "list"); !strings.HasPrefix(out, "old system  tasks  ") {
		t.Errorf("list: %s", out)
	}
	shown := p.must("mapping", "show", "old system")
	file := p.file("tasks.csv", "Was,Wer,Status\nEins,Hans Müller,wartet\n")
	p.must("import", file, "--mapping-name", "old system", "--quiet")
	p.must("import", file, "--on-same-file", "all", "--map-file", p.file("shown.json", shown), "--quiet")
	p.must("mapping", "delete", "old system")
	if r := p.run("import", file, "--mapping-name", "old system", "--quiet"); r.code != exitFailed ||
		!strings.Contains(r.err, "no mapping of this name") {
		t.Errorf("%+v", r)
	}
	if r := p.run("mapping", "show", "old system"); r.code != exitFailed || !strings.Contains(r.err, "not_found") {
		t.Errorf("%+v", r)
	}
}
