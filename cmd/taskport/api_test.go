package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const jobID = "0198c0de-0000-7000-8000-000000000001"

// api is a small server that speaks as the real one does, so that tests can have it say what a real
// one seldom says.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
	uploads  []http.HandlerFunc // answers to the uploads in turn; later ones are accepted
	jobs     []string           // answers for the job in turn; the last one stays
	lists    http.HandlerFunc   // the list of jobs, and the dead letters
}

// request is what the server got.
type request struct {
	method, path, query, body string
	header                    http.Header
}

// newAPI starts a server whose import goes through the given states.
func newAPI(t *testing.T, jobs ...string) *api {
	t.Helper()
	a := &api{jobs: jobs}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a.mu.Lock()
	a.requests = append(a.requests, request{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header.Clone()})
	handle := a.lists
	switch {
	case r.Method == http.MethodPost && len(a.uploads) > 0:
		handle, a.uploads = a.uploads[0], a.uploads[1:]
	case r.Method == http.MethodPost:
		handle = says(http.StatusAccepted, jobJSON("queued", 0))
	case strings.HasSuffix(r.URL.Path, "/"+jobID):
		handle = says(http.StatusOK, a.jobs[0])
		a.jobs = a.jobs[min(1, len(a.jobs)-1):]
	}
	if handle == nil {
		handle = says(http.StatusOK, `{"data":[],"meta":{}}`)
	}
	a.mu.Unlock()
	handle(w, r)
}

// got returns the requests so far.
func (a *api) got() []request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]request(nil), a.requests...)
}

// says answers with a text; further arguments are names and values of header fields.
func says(status int, text string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// fails answers with an error of the API; more are further members of it.
func fails(status int, code, more string, header ...string) http.HandlerFunc {
	return says(status, fmt.Sprintf(`{"error":{"code":%q,"message":"say it otherwise"%s}}`, code, more), header...)
}

// jobJSON is an import of ten rows, in a state, with so many dead letters; each dead letter misses
// a parent.
func jobJSON(status string, rejected int) string {
	done := 10
	if status == "queued" {
		done = 0
	}
	var errs []string
	reasons := "{}"
	for row := 1; row <= rejected; row++ {
		errs = append(errs, fmt.Sprintf(
			`{"row_number":%d,"code":"validation_error","reason":"orphan","message":"needs a parent"}`, row))
		reasons = fmt.Sprintf(`{"orphan":%d}`, rejected)
	}
	return fmt.Sprintf(`{"data":{"job_id":%q,"kind":"tasks","status":%q,"dry_run":false,"file_name":"tasks.csv",`+
		`"total_count":10,"processed_count":%d,"created_count":%d,"updated_count":0,"skipped_count":0,`+
		`"rejected_count":%d,"rejected_by_reason":%s,"errors":[%s],"created_at":"2026-03-10T09:00:00Z"}}`+"\n",
		jobID, status, done, max(0, done-rejected), rejected, reasons, strings.Join(errs, ","))
}

// client returns a program that speaks to the server.
func (a *api) client(t *testing.T) *program {
	t.Helper()
	return &program{t: t, dir: t.TempDir(), env: map[string]string{"TASKPORT_SERVER": a.URL,
		"TASKPORT_API_KEY": "wbk_test"}}
}

// within runs a command under a context of the test's own; terminal says what standard error and
// output are.
func (p *program) within(ctx context.Context, terminal bool, args ...string) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	code := run(ctx, args, &environment{out: &out, err: &errs, terminal: terminal, outIsTerminal: terminal,
		getenv: func(name string) string { return p.env[name] }})
	return result{code, out.String(), errs.String()}
}
