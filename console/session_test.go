package console_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskport/console"
	"taskport/internal/web"
	"taskport/store"
)

func TestSignIn(t *testing.T) {
	s := setup(t)
	form := s.get("/console/signin").has(http.StatusOK, `name="key"`)
	s.send(form, "/console/signin", "key", "wbk_"+strings.Repeat("A", 40)).has(http.StatusUnauthorized,
		"Unknown key")
	s.send(form, "/console/signin", "key", s.colleague("Mute").key).has(http.StatusForbidden, "activities:read")
	// The requested page follows, and no page of another site.
	aliases := s.get("/console/aliases?q=x").has(http.StatusOK, "API key", "/console/aliases?q=x")
	s.send(aliases, "/console/signin", "key", s.key, "next", "/console/aliases?q=x").has(http.StatusOK,
		"<h1>Aliases</h1>", "acme")
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example/", "/console//elsewhere.example",
		"/console/\\elsewhere", "/v1/tasks"} {
		other := s.colleague("Bo", store.ReadActivities)
		if p := other.send(other.get("/console/signin"), "/console/signin", "key", other.key, "next",
			next); p.path != "/console/imports" {
			t.Errorf("%s leads to %s", next, p.path)
		}
	}
	s.send(s.get("/console/imports"), "/console/signout").has(http.StatusOK, `name="key"`)
	s.get("/console/imports").has(http.StatusOK, `name="key"`)
}

func TestSessionEndsWithItsKey(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.get("/console/queues").has(http.StatusOK, "<h1>Queues</h1>")
	if err := s.store.RevokeKey(context.Background(), s.workspace, s.keyID, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.get("/console/queues").has(http.StatusOK, `name="key"`)
}

func TestSessionEndsByItself(t *testing.T) {
	var ahead atomic.Int64
	s := setup(t, func(c *console.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	s.signIn()
	for range 4 { // requests renew the session
		ahead.Add(int64(7 * time.Hour))
		s.get("/console/queues").has(http.StatusOK, "<h1>Queues</h1>")
	}
	ahead.Add(int64(13 * time.Hour))
	s.get("/console/queues").has(http.StatusOK, `name="key"`)
}

// A session is valid in every process with the same database; a changed one is refused.
func TestSessionHoldsInEveryProcess(t *testing.T) {
	s := setup(t)
	s.signIn()
	here, err := url.Parse(s.server.URL + "/console/")
	if err != nil {
		t.Fatal(err)
	}
	cookie := s.client.Jar.Cookies(here)[0]
	second := *s.operator
	second.client = &http.Client{Jar: jarWith(t, here, cookie.Name, cookie.Value)}
	second.get("/console/queues").has(http.StatusOK, "<h1>Queues</h1>")
	for i := range cookie.Value {
		changed := []byte(cookie.Value)
		changed[i] = 'A' + (changed[i]-'A'+1)%26
		if i == len(cookie.Value)-1 {
			changed[i] = '!' // the last letter has unused bits
		}
		second.client = &http.Client{Jar: jarWith(t, here, cookie.Name, string(changed))}
		if p := second.get("/console/queues"); !strings.Contains(p.body, `name="key"`) {
			t.Fatalf("a session that was changed at %d is taken", i)
		}
	}
}

func jarWith(t *testing.T, at *url.URL, name, value string) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/console/"}})
	return jar
}

// counter allows left requests.
type counter struct{ left atomic.Int64 }

func (c *counter) Full() web.Limit { return web.Limit{} }

func (c *counter) Allow(context.Context, string) (web.Limit, error) {
	if c.left.Add(-1) < 0 {
		return web.Limit{RetryAfter: 9 * time.Second}, nil
	}
	return web.Limit{}, nil
}

func TestRateLimits(t *testing.T) {
	signIns, requests := &counter{}, &counter{}
	s := setup(t, func(c *console.Config) { c.SignIns, c.Requests = signIns, requests })
	signIns.left.Store(1)
	requests.left.Store(3)
	form, wrong := s.other.get("/console/signin"), "wbk_"+strings.Repeat("A", 40)
	s.other.send(form, "/console/signin", "key", wrong).has(http.StatusUnauthorized, "Unknown key")
	if p := s.other.send(form, "/console/signin", "key", wrong).has(http.StatusTooManyRequests,
		"Wait 9 seconds"); p.header.Get("Retry-After") != "9" {
		t.Errorf("Retry-After is %q", p.header.Get("Retry-After"))
	}
	s.signIn() // a good key is let in beside the bad attempts of its address
	s.get("/console/queues").has(http.StatusOK)
	s.get("/console/queues").has(http.StatusOK)
	s.get("/console/queues").has(http.StatusTooManyRequests, "Wait 9 seconds")
}

func TestCookiesAreClosed(t *testing.T) {
	s := setup(t)
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	form := s.get("/console/signin")
	for _, p := range []page{form, s.send(form, "/console/signin", "key", s.key)} {
		if len(p.header.Values("Set-Cookie")) == 0 {
			t.Fatalf("%s sets no cookie", p.path)
		}
		for _, c := range p.header.Values("Set-Cookie") {
			if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c,
				"Path=/console/") {
				t.Errorf("open cookie: %s", c)
			}
		}
	}
}
