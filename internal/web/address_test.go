package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	trusted := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		from      string
		forwarded []string
		want      string
	}{
		{"10.1.1.1:99", nil, "10.1.1.1"},
		{"10.1.1.1:99", []string{"203.0.113.7"}, "203.0.113.7"},
		{"10.1.1.1:99", []string{"6.6.6.6, 203.0.113.7"}, "203.0.113.7"}, // the client wrote the first
		{"10.1.1.1:99", []string{"6.6.6.6", "203.0.113.7, 10.2.2.2"}, "203.0.113.7"},
		{"10.1.1.1:99", []string{"203.0.113.7:4711,10.2.2.2"}, "203.0.113.7"},
		{"10.1.1.1:99", []string{"203.0.113.7, nonsense, 10.2.2.2"}, "10.2.2.2"},
		{"10.1.1.1:99", []string{"unknown"}, "10.1.1.1"},
		{"10.1.1.1:99", []string{"10.3.3.3"}, "10.3.3.3"},
		{"[fd00::1]:99", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{"[::ffff:10.1.1.1]:99", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{"203.0.113.9:99", []string{"6.6.6.6"}, "203.0.113.9"}, // not a proxy of ours
		{"[fe80::1%eth0]:99", nil, "fe80::1"},
		{"@", nil, "-"},
	} {
		got := ""
		h := trusted.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Address(r) }),
			slog.New(slog.DiscardHandler))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		r.Header["X-Forwarded-For"] = c.forwarded
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("from %s, forwarded for %q: %s, want %s", c.from, c.forwarded, got, c.want)
		}
	}
}

// A host has a whole network of IPv6, and counts as one client with all its addresses.
func TestSubjectOfAnAddress(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{"203.0.113.7:1": "address 203.0.113.7",
		"[2001:db8:1:2:a:b:c:d]:1": "address 2001:db8:1:2::/64", "[2001:db8:1:2::9]:1": "address 2001:db8:1:2::/64",
		"[2001:db8:1:3::9]:1": "address 2001:db8:1:3::/64"} {
		if got := AddressSubject(&http.Request{RemoteAddr: from}); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

func TestUntrustedProxyIsSaidOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := Proxies(nil).Handler(http.NotFoundHandler(), slog.New(slog.NewTextHandler(&log, nil)))
	for _, from := range []string{"203.0.113.7:1", "10.1.1.1:1", "10.1.1.1:2"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", "203.0.113.7")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	if strings.Count(log.String(), "--trusted-proxies") != 1 || !strings.Contains(log.String(), "address=10.1.1.1") {
		t.Errorf("the log says: %s", log.String())
	}
}
