package intake_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"taskport/store"
)

// streaming is a stream of rows whose body is written while its answer is read.
type streaming struct {
	a      *api
	to     *io.PipeWriter
	answer *bufio.Scanner
	status int
}

// stream begins a stream with its first rows.
func (a *api) stream(query, rows string) *streaming {
	a.t.Helper()
	from, to := io.Pipe()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.server.URL+"/v1/import/tasks?atomic=false"+
		query, from)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/x-ndjson")
	s := &streaming{a: a, to: to}
	go func() { _, _ = io.WriteString(to, rows) }()
	resp, err := new(http.Transport).RoundTrip(req) // that of the test reads whole answers
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = to.Close(); _ = resp.Body.Close() })
	s.answer, s.status = bufio.NewScanner(resp.Body), resp.StatusCode
	if s.status != http.StatusAccepted || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		text, _ := io.ReadAll(resp.Body)
		a.t.Fatalf("got %d %s", s.status, text)
	}
	return s
}

func (s *streaming) send(rows string) {
	s.a.t.Helper()
	if _, err := io.WriteString(s.to, rows); err != nil {
		s.a.t.Fatal(err)
	}
}

// ack is a line of the answer.
type ack struct {
	Data *struct {
		Job      string `json:"job_id"`
		Accepted int    `json:"accepted_rows"`
		Complete bool   `json:"complete"`
	}
	Error *struct{ Code, Message string }
}

// next returns the next line of the answer.
func (s *streaming) next() ack {
	s.a.t.Helper()
	var l ack
	if !s.answer.Scan() || json.Unmarshal(s.answer.Bytes(), &l) != nil {
		s.a.t.Fatalf("got %q (%v), want a line", s.answer.Text(), s.answer.Err())
	}
	return l
}

// accepted reads acknowledgements until so many rows are accepted, and returns the job.
func (s *streaming) accepted(rows int) string {
	s.a.t.Helper()
	for {
		if l := s.next(); l.Data == nil || l.Data.Accepted > rows || l.Data.Complete {
			s.a.t.Fatalf("got %s, want %d rows accepted", s.answer.Text(), rows)
		} else if l.Data.Accepted == rows {
			return l.Data.Job
		}
	}
}

// calls are rows with these numbers.
func calls(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, `{"title":"Call %d","contact_name":"Hans Müller","external_id":"c-%d"}`+"\n", n, n)
	}
	return b.String()
}

// Rows of a stream become tasks before its body ends; each row ends in one place, and the import
// with the body.
func TestStreamIsWorkedOnWhileItIsSent(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	s := a.stream("", calls(1, 3))
	job := s.accepted(3)
	path := "/v1/import/jobs/" + job
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r := a.do("GET", path, "")
		if r.get("data.created_count") == 3.0 {
			if r.get("data.status") != "processing" || r.get("data.receiving") != true {
				t.Errorf("got %s, want the job open", r.raw)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the first rows are not worked on: %s", r.raw)
		}
	}
	s.send("\n" + calls(4, 1203) + `{"title":"Lost","contact_name":"Nobody Atall"}` + "\n" +
		`{"title":"Call","contact":"Hans Müller"}` + "\nno object\n" + calls(1, 1) + "{}\r\n")
	s.send(`{"title":"Last","contact_name":"Hans Müller"}`) // without an end of the line
	_ = s.to.Close()
	l := s.next()
	for !l.Data.Complete {
		l = s.next()
	}
	if l.Data.Accepted != 1208 || l.Data.Job != job || s.answer.Scan() {
		t.Errorf("got %+v, then %q; want 1208 rows of %s", l.Data, s.answer.Text(), job)
	}
	r := a.await(job)
	r.wantCounts(1204, 0, 1, 3)
	if r.get("data.receiving") != nil || r.get("data.ended_early") != nil {
		t.Errorf("got %s, want a body that has ended", r.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1`, job); n != 1204 {
		t.Errorf("got %d tasks, want 1204", n)
	}
	rejects := a.do("GET", path+"/rejects", "").raw
	for _, want := range []string{`"row_number":1204`, `"row_number":1205`, `"row_number":1206`, `"line":1206`,
		`unresolved_reference`, `malformed_row`, `the key \"contact\"`} {
		if !strings.Contains(rejects, want) {
			t.Errorf("the dead letters lack %s: %s", want, rejects)
		}
	}
}

// What was acknowledged stays accepted when the connection breaks, and nothing else does: neither
// complete rows nor a part of one. The job says that its body ended early.
func TestBrokenStreamKeepsItsRows(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	s := a.stream("&on_duplicate=update", calls(1, 2))
	job := s.accepted(2)
	s.send(calls(3, 3) + `{"title":"Half`)
	_ = s.to.CloseWithError(io.ErrUnexpectedEOF)
	r := a.await(job)
	r.wantCounts(2, 0, 0, 0)
	if r.get("data.ended_early") != true || r.get("data.total_count") != 2.0 {
		t.Errorf("got %s, want the job to say that its body ended early", r.raw)
	}
	// Sending them again is safe.
	s = a.stream("&on_duplicate=update", calls(1, 3))
	_ = s.to.Close()
	a.await(s.accepted(3)).wantCounts(1, 2, 0, 0)
}

// A process that dies leaves its stream open, until a sweeper ends it.
func TestStreamOfADeadProcessEnds(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	s := a.stream("", calls(1, 2))
	job := s.accepted(2)
	a.query(`WITH lapsed AS (UPDATE imports SET open_until = now() - interval '1 second' WHERE id = $1 RETURNING 1)
		SELECT count(*) FROM lapsed`, job)
	r := a.await(job)
	r.wantCounts(2, 0, 0, 0)
	if r.get("data.ended_early") != true {
		t.Errorf("got %s, want the job to say that its body ended early", r.raw)
	}
	s.send(calls(3, 3)) // its process was only slow
	if l := s.next(); l.Error == nil || l.Error.Code != "conflict" {
		t.Errorf("got %+v, want a conflict", l)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1`, job); n != 2 {
		t.Errorf("got %d tasks, want 2", n)
	}
}

// A cancelled stream takes no further rows.
func TestCancelledStreamEnds(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	s := a.stream("", calls(1, 2))
	job := s.accepted(2)
	if r := a.do("POST", "/v1/import/jobs/"+job+"/cancel", ""); r.get("data.status") != "cancelled" {
		t.Fatalf("got %s", r.raw)
	}
	s.send(calls(3, 3))
	if l := s.next(); l.Error == nil || l.Error.Code != "conflict" {
		t.Errorf("got %+v, want a conflict", l)
	}
	if r := a.do("GET", "/v1/import/jobs/"+job, ""); r.get("data.status") != string(store.Cancelled) ||
		r.get("data.total_count") != 2.0 {
		t.Errorf("got %s, want two rows", r.raw)
	}
}

func TestStreamIsRefused(t *testing.T) {
	a := setup(t)
	const ndjson = "application/x-ndjson"
	for _, c := range []struct{ path, body, of, says string }{
		{"/v1/import/tasks?atomic=false&mapping_name=x", calls(1, 1), "mapping_name", "whole file"},
		{"/v1/import/tasks?atomic=perhaps", calls(1, 1), "atomic", "true or false"},
		{"/v1/import/contacts?atomic=false", `{"full_name":"Hans"}`, "atomic", "for tasks"},
		{"/v1/import/tasks?atomic=false", "\n{}\n", "", "no rows"},
		{"/v1/import/tasks?atomic=false", "{\"title\":\"\xff\"}\n", "", "line 1"},
	} {
		a.do("POST", c.path, c.body, "Content-Type", ndjson).wantError(http.StatusBadRequest, "validation_error", c.of,
			c.says)
	}
	a.do("POST", "/v1/import/tasks?atomic=false", "title\nx\n", "Content-Type", "text/csv").
		wantError(http.StatusBadRequest, "validation_error", "atomic", "x-ndjson")
	a.do("POST", "/v1/import/tasks?atomic=false", calls(1, 1), "Content-Type", ndjson, "Idempotency-Key", "k").
		wantError(http.StatusBadRequest, "validation_error", "Idempotency-Key", "external_id")
	if n := a.query(`SELECT count(*) FROM imports`); n != 0 {
		t.Errorf("got %d imports, want none", n)
	}
}
