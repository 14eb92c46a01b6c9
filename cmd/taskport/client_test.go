package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestUploadIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]http.HandlerFunc{
		"unavailable": fails(http.StatusServiceUnavailable, "unavailable", "", "Retry-After", "0"),
		"limited":     fails(http.StatusTooManyRequests, "rate_limited", "", "Retry-After", "0"),
		"in progress": fails(http.StatusConflict, "request_in_progress", "", "Retry-After", "0"),
		"cut off":     func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t, jobJSON("completed", 0))
			a.uploads = []http.HandlerFunc{first}
			p := a.client(t)
			if r := p.run("import", p.file("tasks.csv", tasksFile)); r.code != exitDone || !strings.Contains(r.err,
				"trying again") {
				t.Fatalf("%+v", r)
			}
			got := a.got()
			if len(got) < 2 || got[0].method != http.MethodPost || got[1].method != http.MethodPost {
				t.Fatalf("%+v", got)
			}
			if got[0].body != tasksFile || got[1].body != tasksFile {
				t.Errorf("the file went up as %q and %q", got[0].body, got[1].body)
			}
			if key := got[0].header.Get("Idempotency-Key"); len(key) < 16 || key != got[1].header.Get("Idempotency-Key") {
				t.Errorf("Idempotency-Key %q, then %q", key, got[1].header.Get("Idempotency-Key"))
			}
		})
	}
}

func TestEachInvocationHasItsOwnKey(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 0))
	p := a.client(t)
	file := p.file("tasks.csv", tasksFile)
	p.must("import", file)
	p.must("import", file)
	keys := map[string]bool{}
	for _, r := range a.got() {
		if r.method == http.MethodPost {
			keys[r.header.Get("Idempotency-Key")] = true
		}
	}
	if len(keys) != 2 || keys[""] {
		t.Errorf("keys are %v", keys)
	}
}

// roundTripper lets a test be the network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answered returns what a handler says.
func answered(h http.HandlerFunc, r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

func TestRetryHasABound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after string
		bound time.Duration
		tries int
		took  time.Duration
	}{
		{"0", 250 * time.Millisecond, 3, 200 * time.Millisecond}, // not as often as the network allows
		{"7", time.Minute, 9, 56 * time.Second},
		{"", 2500 * time.Millisecond, 3, 2 * time.Second},
		{"7", 5 * time.Second, 1, 0},
		{"1", 0, 1, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			api := &client{server: "http://example.test", retry: c.bound,
				http: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					tries++
					return answered(fails(http.StatusServiceUnavailable, "unavailable", "", "Retry-After", c.after), r)
				})}}
			begin := time.Now()
			_, err := api.get(t.Context(), "/v1/import/jobs", nil)
			if err == nil || err.Error() != "say it otherwise (unavailable)" {
				t.Errorf("%+v: %v", c, err)
			}
			if took := time.Since(begin); tries != c.tries || took != c.took {
				t.Errorf("%+v: %d tries in %v", c, tries, took)
			}
		})
	}
}

func TestBoundBeginsWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		api := &client{server: "http://example.test", retry: time.Minute,
			http: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if tries++; tries == 1 {
					<-time.After(time.Hour) // a long upload
					return nil, io.ErrUnexpectedEOF
				}
				return answered(says(http.StatusOK, "{}"), r)
			})}}
		if _, err := api.get(t.Context(), "/v1/import/jobs", nil); err != nil || tries != 2 {
			t.Errorf("%d tries: %v", tries, err)
		}
	})
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	gone := newAPI(t)
	server := gone.URL
	gone.Close()
	p := &program{t: t, env: map[string]string{"TASKPORT_SERVER": server, "TASKPORT_API_KEY": "wbk_test"}}
	r := p.run("jobs", "--retry-for", "0s")
	if r.code != exitFailed || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "ask "+server+": ") ||
		!strings.Contains(r.err, "`taskport up`") {
		t.Errorf("%+v", r)
	}
}

func TestErrorsOfTheAPIAreShownWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer http.HandlerFunc
		want   string
	}{
		{fails(http.StatusUnauthorized, "invalid_key", ""), "taskport: say it otherwise (invalid_key)\n"},
		{fails(http.StatusBadRequest, "validation_error", `,"field":"mapping"`),
			"taskport: say it otherwise (validation_error, field mapping)\n"},
		{fails(http.StatusBadRequest, "ambiguous_reference",
			`,"field":"contact_name","candidates":[{"id":"c1","name":"Hans Müller","company":"Brandt GmbH","score":1},`+
				`{"id":"c2","name":"Hans Muller","score":0.9612}]`),
			"taskport: say it otherwise (ambiguous_reference, field contact_name)\n" +
				"  c1 Hans Müller, Brandt GmbH (1.000)\n  c2 Hans Muller (0.961)\n"},
		{fails(http.StatusBadRequest, "validation_error", `,"line":7`),
			"taskport: say it otherwise (validation_error, line 7)\n"},
		{says(http.StatusBadGateway, "<html>\n<h1>Bad gateway</h1>"+strings.Repeat(".", 10_000)),
			"taskport: the answer does not come from taskport (502 Bad Gateway); check --server\n"},
		{says(http.StatusOK, "<html>"), "taskport: the answer is not a job; check --server: "},
		{says(http.StatusOK, "{}"), "taskport: the answer is not a job; check --server\n"},
	} {
		a := newAPI(t, jobJSON("completed", 0))
		a.uploads = []http.HandlerFunc{c.answer}
		p := a.client(t)
		r := p.run("import", "--quiet", p.file("tasks.csv", tasksFile))
		if r.code != exitFailed || r.out != "" || !strings.HasPrefix(r.err, c.want) {
			t.Errorf("exit %d, output %q, got\n%swant\n%s", r.code, r.out, r.err, c.want)
		}
		if n := len(a.got()); n != 1 {
			t.Errorf("%d requests for %s", n, c.want)
		}
	}
}

// toldProgress remembers what it was told.
type toldProgress []string

func (p *toldProgress) upload(sent, size int64) {
	*p = append(*p, fmt.Sprintf("upload %d/%d", sent, size))
}
func (p *toldProgress) rows(done, total int) { *p = append(*p, fmt.Sprintf("rows %d/%d", done, total)) }
func (p *toldProgress) done()                { *p = append(*p, "done") }

func TestWhatIsReadAfterTheAnswerIsNotShown(t *testing.T) {
	t.Parallel()
	var body io.Reader
	api := &client{server: "http://example.test",
		http: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			body = r.Body // net/http may go on reading for a while
			if _, err := body.Read(make([]byte, 2)); err != nil {
				t.Error(err)
			}
			return answered(fails(http.StatusUnauthorized, "invalid_key", ""), r)
		})}}
	var told toldProgress
	open := func() (io.ReadCloser, int64, error) { return io.NopCloser(strings.NewReader("title\n")), 6, nil }
	if _, err := (&uploadFlags{}).send(t.Context(), api, "tasks", "tasks.csv", open, &told); err == nil ||
		err.Error() != "say it otherwise (invalid_key)" {
		t.Errorf("%v", err)
	}
	if _, err := io.ReadAll(body); err != nil {
		t.Error(err)
	}
	if want := (toldProgress{"upload 2/6", "done"}); !slices.Equal(told, want) {
		t.Errorf("shown were %v, want %v", told, want)
	}
}
