package console_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/console"
	"taskport/store"
)

// fill returns the method and path of a route, for an import with a dead letter.
func fill(pattern, importID, stagedID string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	id := importID
	if strings.Contains(path, "/upload/") {
		id = stagedID
	}
	return method, strings.NewReplacer("{id}", id, "{row}", "6", "{$}", "").Replace(path)
}

// inhabit creates contacts, an import with dead letters, and an import that is not begun.
func (o *operator) inhabit() (importPath, staged string) {
	o.t.Helper()
	o.signIn()
	o.load("contacts", people)
	importPath = o.imported("tasks", "tasks.csv", mixed)
	return importPath, o.upload("tasks", "later.csv", mixed).path
}

func TestEveryPageIsGuarded(t *testing.T) {
	s := setup(t)
	importPath, staged := s.inhabit()
	stranger := *s.other
	stranger.signIn()
	outside := s.colleague("Nobody", store.ReadActivities)
	for _, pattern := range console.Routes() {
		method, path := fill(pattern, idIn(importPath), idIn(staged))
		p := outside.do(method, path, "application/x-www-form-urlencoded", nil)
		if !strings.HasSuffix(path, "signin") && !strings.Contains(p.body, `name="key"`) {
			t.Errorf("%s shows something without a session: %d %.300s", pattern, p.status, p.body)
		}
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; style-src 'self'; " +
			"script-src 'self';", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
			if got := p.header.Get(name); !strings.HasPrefix(got, want) || strings.Contains(got, "unsafe") {
				t.Errorf("%s: %s is %q", pattern, name, got)
			}
		}
		if strings.Contains(pattern, "{id}") {
			own := s.csrf(t, &stranger)
			if p := stranger.do(method, path, "application/x-www-form-urlencoded",
				strings.NewReader(own)); p.status != http.StatusNotFound {
				t.Errorf("%s shows another workspace's: %d %.300s", pattern, p.status, p.body)
			}
		}
	}
}

// csrf returns a form with the operator's token and the fields of a decision.
func (s *site) csrf(t *testing.T, o *operator) string {
	t.Helper()
	return url.Values{"csrf": {o.get("/console/upload").token()}, "version": {"1"}, "field_title": {"x"},
		"do": {"import"}}.Encode()
}

// Every action is refused without a token, and with the token of another session.
func TestEveryActionNeedsItsToken(t *testing.T) {
	s := setup(t)
	importPath, staged := s.inhabit()
	foreign := s.colleague("Bo", store.Permissions()...).signIn().get("/console/upload").token()
	before := s.fingerprint()
	actions := 0
	for _, pattern := range console.Routes() {
		method, path := fill(pattern, idIn(importPath), idIn(staged))
		if method != http.MethodPost {
			continue
		}
		actions++
		for _, token := range []string{"", "x", foreign} {
			form := url.Values{"version": {"1"}, "field_title": {"x"}, "do": {"import"}, "key": {s.key},
				"id": {idIn(importPath)}}
			if token != "" {
				form.Set("csrf", token)
			}
			var p page
			if path == "/console/upload" {
				body, contentType := uploadBody(t, token)
				p = s.do(method, path, contentType, body)
			} else {
				p = s.do(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
			}
			if p.status != http.StatusForbidden || !strings.Contains(p.body, "nothing was done") {
				t.Errorf("%s with the token %q: %d %.300s", pattern, token, p.status, p.body)
			}
		}
	}
	if actions < 8 {
		t.Errorf("only %d actions", actions)
	}
	if after := s.fingerprint(); after != before {
		t.Error("something has changed")
	}
}

func uploadBody(t *testing.T, token string) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("csrf", token)
	part, err := w.CreateFormFile("file", "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, mixed)
	_ = w.Close()
	return &body, w.FormDataContentType()
}

// fingerprint returns a summary of the data that actions can change.
func (s *site) fingerprint() string {
	s.t.Helper()
	return query[string](s, `SELECT concat((SELECT md5(string_agg(id::text || status, ',' ORDER BY id))
		FROM imports), (SELECT count(*) FROM tasks), (SELECT count(*) FROM dead_letters),
		(SELECT count(*) FROM audit), (SELECT count(*) FROM aliases), (SELECT count(*) FROM contacts))`)
}

// A key that may only read sees all pages and changes nothing.
func TestReadersDecideNothing(t *testing.T) {
	s := setup(t)
	importPath, staged := s.inhabit()
	reader := s.colleague("Reader", store.ReadActivities).signIn()
	before := s.fingerprint()
	token := reader.get("/console/imports").token()
	for _, pattern := range console.Routes() {
		method, path := fill(pattern, idIn(importPath), idIn(staged))
		if method != http.MethodPost || strings.HasSuffix(path, "/signin") || strings.HasSuffix(path, "/signout") ||
			path == "/console/upload" {
			continue
		}
		form := url.Values{"csrf": {token}, "version": {"1"}, "field_title": {"x"}, "do": {"import"}}
		reader.do(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())).has(
			http.StatusForbidden, "activities:write")
	}
	body, contentType := uploadBody(t, token)
	reader.do(http.MethodPost, "/console/upload", contentType, body).has(http.StatusForbidden, "activities:write")
	dead := reader.get(rowPath(importPath, 6)).has(http.StatusOK, "Zebulon Quark")
	if strings.Contains(dead.body, `name="do"`) || s.fingerprint() != before {
		t.Error("a key that may only read is offered a decision, or has made one")
	}
}

// A stalled database is reported promptly as unavailable.
func TestStalledDatabase(t *testing.T) {
	s := setup(t)
	s.signIn()
	c, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), `BEGIN; LOCK TABLE api_keys`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	p := s.get("/console/imports").has(http.StatusServiceUnavailable, "The database does not answer for the moment")
	if took := time.Since(began); took > 4*time.Second || p.header.Get("Retry-After") == "" {
		t.Errorf("answered after %v, with Retry-After %q", took, p.header.Get("Retry-After"))
	}
	if _, err := c.Exec(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	s.get("/console/imports").has(http.StatusOK, "<h1>Imports</h1>")
}
