package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	inJob   = "/v1/import/jobs/" + jobID + "/rejects/"
	contact = "0198c5a1-7b3e-7000-8000-000000000001"
)

// correctedJSON is a job with the outcome of a correction.
func correctedJSON(outcome string) string {
	return strings.Replace(jobJSON("completed", 2), `"errors"`, `"mended":`+outcome+`,"errors"`, 1)
}

func TestDecisionsAreSentAndShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args               []string
		path, body, answer string
		code               int
		out                string
	}{
		{[]string{"correct", jobID, "--row", "17", "--set", "due_date=2026-03-01", "--set", "status="}, inJob + "17",
			`{"fields":{"due_date":"2026-03-01","status":""}}`,
			correctedJSON(`{"row_count":1,"created_count":1,"row_number":17,"outcome":"created","id":"t1"}`), exitDone,
			"row 17: created t1\n"},
		{[]string{"correct", jobID, "--row", "17", "--contact-id", contact}, inJob + "17",
			`{"contact_id":"` + contact + `"}`,
			correctedJSON(`{"row_count":1,"rejected_count":1,"row_number":17,"outcome":"rejected",
				"reject":{"row_number":17,"reason":"orphan","message":"needs\u001b a parent"}}`), exitRejected,
			"row 17: rejected again: orphan: needs  a parent\n"},
		{[]string{"correct", jobID, "--row", "1,2", "--row", "3", "--company-id", contact}, inJob + "resolve",
			`{"rows":[1,2,3],"company_id":"` + contact + `"}`,
			correctedJSON(`{"row_count":3,"created_count":2,"skipped_count":1}`), exitDone,
			"3 rows corrected: 2 created, 0 updated, 1 skipped, 0 rejected again\n"},
		{[]string{"correct", jobID, "--name", "the boss", "--field", "contact_name", "--company", "", "--remember",
			"--contact-id", contact}, inJob + "resolve", `{"name":"the boss","field":"contact_name","company":"",
			"remember":true,"contact_id":"` + contact + `"}`, correctedJSON(`{"row_count":9,"pending_count":9}`), exitDone,
			"9 rows corrected: 0 created, 0 updated, 0 skipped, 0 rejected again\n"},
		{[]string{"correct", "--all", "--reason", "orphan", "--set", "company_name=Acme"}, "/v1/rejects/resolve",
			`{"reason":"orphan","fields":{"company_name":"Acme"}}`,
			`{"data":{"row_count":1200,"jobs":[{"job_id":"j1","row_count":1200}]}}`, exitDone, "JOB  ROWS\nj1   1,200\n"},
		{[]string{"dismiss", jobID, "--row", "17", "-m", "a total"}, inJob + "resolve",
			`{"rows":[17],"dismiss":true,"dismiss_reason":"a total"}`,
			strings.Replace(jobJSON("completed", 2), `"errors"`, `"dismissed_count":1,"errors"`, 1), exitDone,
			"2 rows rejected: 1 dismissed, 1 open\n"},
		{[]string{"dismiss", jobID, "--row", "17", "--restore"}, inJob + "resolve", `{"rows":[17],"dismiss":false}`,
			jobJSON("completed", 1), exitDone, "1 row rejected: 0 dismissed, 1 open\n"},
		{[]string{"dismiss", "--all", "--reason", "orphan", "--message", "nobody needs them"}, "/v1/rejects/resolve",
			`{"reason":"orphan","dismiss":true,"dismiss_reason":"nobody needs them"}`,
			`{"data":{"row_count":2,"jobs":[{"job_id":"j1","row_count":2}]}}`, exitDone, "JOB  ROWS\nj1   2\n"},
	} {
		a := newAPI(t)
		a.uploads = []http.HandlerFunc{says(http.StatusOK, c.answer), says(http.StatusOK, c.answer)}
		p := a.client(t)
		if r := p.run(c.args...); r.code != c.code || r.out != c.out {
			t.Errorf("%v: %+v, want %s", c.args, r, c.out)
		}
		var got, want any
		sent := a.posted(t)
		if err := json.Unmarshal([]byte(c.body), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(sent.body), &got); err != nil || !reflect.DeepEqual(got, want) ||
			sent.path != c.path || sent.header.Get("Idempotency-Key") == "" {
			t.Errorf("%v: sent %s to %s, %v, want %s to %s", c.args, sent.body, sent.path, err, c.body, c.path)
		}
		if r := p.run(append(c.args, "--json")...); r.code != exitDone || r.out != c.answer {
			t.Errorf("%v --json: %+v", c.args, r)
		}
	}
}

// A decision without a selection, or without a content, is wrong use and reaches nobody.
func TestDecisionsNeedRowsAndContent(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	p := a.client(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"correct", jobID, "--set", "a=b"}, "choose the rows with --row, --reason or --name"},
		{[]string{"correct", jobID, "--field", "contact_name", "--set", "a=b"}, "choose the rows"},
		{[]string{"correct", jobID, "--row", "1"}, "say what is right"},
		{[]string{"correct", jobID, "--row", "1", "--set", "a"}, "--set takes field=VALUE"},
		{[]string{"correct", jobID, "--row", "1", "--reason", "orphan", "--set", "a=b"}, "not both"},
		{[]string{"correct", jobID, "--reason", "bad luck", "--set", "a=b"}, "--reason must be one of"},
		{[]string{"correct", jobID, "--row", "1", "--contact-id", contact, "--remember"}, "--remember ties a name"},
		{[]string{"correct", "--all", "--row", "1", "--set", "a=b"}, "--row is a row of one job"},
		{[]string{"correct", "--row", "1", "--set", "a=b"}, "name one job"},
		{[]string{"dismiss", jobID, "--row", "1"}, "say with --message why"},
		{[]string{"dismiss", jobID, "-m", "all"}, "choose the rows"},
	} {
		if r := p.run(c.args...); r.code != exitUsage || r.out != "" || !strings.Contains(r.err, c.want) {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	if got := a.got(); len(got) != 0 {
		t.Errorf("the server got %v", got)
	}
}

func TestRejectsOfAllImports(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	answer := `{"data":[{"job_id":"j1","file_name":"a.csv","row_number":17,"reason":"orphan","field":"",
		"message":"needs a parent"}],"meta":{"total":102}}`
	a.lists = says(http.StatusOK, answer)
	p := a.client(t)
	want := "JOB  FILE   ROW  REASON  FIELD  MESSAGE\nj1   a.csv  17   orphan         needs a parent\n"
	if r := p.run("rejects", "--all", "--reason", "orphan", "--company", ""); r.code != exitDone || r.out != want ||
		!strings.HasPrefix(r.err, "101 more; --page 2") || strings.Contains(r.err, "csv") {
		t.Errorf("%+v", r)
	}
	if got := a.got()[0]; got.path != "/v1/rejects" || got.query != "company=&page=1&per_page=100&reason=orphan" {
		t.Errorf("asked %s?%s", got.path, got.query)
	}
	if r := p.run("rejects", "--all", "--json"); r.code != exitDone || r.out != answer {
		t.Errorf("%+v", r)
	}
	p.must("rejects", jobID, "--dismissed", "--search", "x", "--name", "n", "--field", "f", "--format", "csv")
	if got := a.got()[2]; got.path != "/v1/import/jobs/"+jobID+"/rejects" ||
		got.query != "dismissed=true&field=f&format=csv&name=n&search=x" {
		t.Errorf("asked %s?%s", got.path, got.query)
	}
	for _, args := range [][]string{{"--format", "csv"}, {"--format", "xlsx"}, {"--dismissed"}, {jobID}} {
		if r := p.run(append([]string{"rejects", "--all"}, args...)...); r.code != exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestFoldLast(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"A", "MESSAGE"}, {"1", "a text that is longer than thirty characters"}}
	want := [][]string{{"A", "MESSAGE"}, {"1", "a text that is longer than"}, {"", "thirty characters"}}
	if got := foldLast(rows, 33); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	for _, width := range []int{0, 20, 200} {
		if got := foldLast(rows, width); !reflect.DeepEqual(got, rows) {
			t.Errorf("at %d: got %q", width, got)
		}
	}
}

// retry --all reaches the imports that have rows to retry, passes over one that is refused, and
// tells both.
func TestRetryAll(t *testing.T) {
	t.Parallel()
	list := `{"data":[
		{"job_id":"j1","kind":"tasks","status":"completed","rejected_count":3,"file_name":"refused.csv"},
		{"job_id":"` + jobID + `","kind":"tasks","status":"completed","rejected_count":3,"dismissed_count":1},
		{"job_id":"j3","kind":"tasks","status":"completed","rejected_count":3,"dismissed_count":3},
		{"job_id":"j4","kind":"tasks","status":"completed","rejected_count":3,"dry_run":true},
		{"job_id":"j5","kind":"tasks","status":"cancelled","rejected_count":3},
		{"job_id":"j6","kind":"tasks","status":"completed","created_count":3}],"meta":{}}`
	for _, c := range []struct {
		refuses bool
		left    int
		code    int
	}{{true, 0, exitFailed}, {false, 1, exitRejected}, {false, 0, exitDone}} {
		a := newAPI(t, jobJSON("completed", c.left))
		a.lists = says(http.StatusOK, list)
		first := says(http.StatusOK, strings.Replace(jobJSON("completed", 0), jobID, "j1", 1))
		if c.refuses {
			first = fails(http.StatusConflict, "conflict", "")
		}
		a.uploads = []http.HandlerFunc{first}
		p := a.client(t)
		r := p.run("retry", "--all", "--quiet")
		if r.code != c.code || strings.Contains(r.err, "job j1, refused.csv is passed over") != c.refuses ||
			!strings.Contains(r.out, jobID) || strings.Contains(r.out, "\nj1 ") == c.refuses {
			t.Errorf("%+v: %+v", c, r)
		}
		paths := map[string]int{}
		for _, got := range a.got() {
			if got.method == http.MethodPost {
				paths[got.path]++
			}
		}
		if want := map[string]int{"/v1/import/jobs/j1/retry": 1, "/v1/import/jobs/" + jobID + "/retry": 1}; !maps.Equal(
			paths, want) {
			t.Errorf("asked %v", paths)
		}
		var answer struct{ Data []job }
		if r := p.run("retry", "--all", "--quiet", "--json"); json.Unmarshal([]byte(r.out), &answer) != nil ||
			len(answer.Data) != 2 {
			t.Errorf("as JSON: %+v", r)
		}
	}
	a := newAPI(t)
	if r := a.client(t).run("retry", "--all"); r.code != exitDone || r.out != "" || !strings.Contains(r.err,
		"no import has parked or rejected rows") {
		t.Errorf("nothing to do: %+v", r)
	}
}
