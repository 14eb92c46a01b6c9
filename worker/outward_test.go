package worker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOutward(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1:248:1893:25c8:1946": true, "172.32.0.1": true,
		"100.128.0.1": true,
		"127.0.0.1":   false, "127.8.8.8": false, "::1": false, "0.0.0.0": false, "::": false, "10.1.2.3": false,
		"172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "fc00::1": false,
		"100.64.0.1": false, "224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "::ffff:127.0.0.1": false,
		"::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "fec0::1": false, "0.1.2.3": false,
		"64:ff9b:1::7f00:1": false, "::ffff:0:127.0.0.1": false, "::ffff:0:10.0.0.1": false, "100::1": false,
		"3fff::1": false, "5f00::1": false, "4000::1": false, "2001:db8::1": false, "2001::1": false,
	} {
		if got := outward(netip.MustParseAddr(text), nil); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	allowed := prefixes("10.1.0.0/16")
	if !outward(netip.MustParseAddr("::ffff:10.1.2.3"), allowed) || outward(netip.MustParseAddr("10.2.0.1"), allowed) {
		t.Error("what is allowed is not what was said")
	}
}

// Whatever a name resolves to, it is the address that is connected to that counts; and nothing is
// sent after a redirect.
func TestOutwardClient(t *testing.T) {
	t.Parallel()
	reached := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(c *http.Client, url string) (int, error) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		if _, err := ask(newOutwardClient(nil), "http://"+host+":"+port); err == nil || (host == "127.0.0.1" ||
			host == "localhost") && !errors.Is(err, errInward) {
			t.Errorf("%s: %v", host, err)
		}
	}
	redirecting := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	status, err := ask(newOutwardClient(prefixes("127.0.0.0/8")), redirecting.URL)
	if err != nil || status != http.StatusTemporaryRedirect {
		t.Errorf("redirect: %d %v", status, err)
	}
	if reached != 0 {
		t.Errorf("the inside was reached %d times", reached)
	}
}

// A name that means a public address when it is looked at and this machine when it is connected to:
// every lookup is another answer.
func TestOutwardClientAndANameThatChanges(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request) {
		t.Error("the inside was reached")
	}))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	names := lyingNames(t, "93.184.216.34", "127.0.0.1")
	client := newOutwardClientWith(nil, names)
	if addresses, err := names.LookupHost(t.Context(), "changing.test"); err != nil || addresses[0] != "93.184.216.34" {
		t.Fatalf("the first answer is %v, %v", addresses, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://changing.test:"+port,
		strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := client.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Error("it was connected")
	} else if !errors.Is(err, errInward) {
		t.Error(err)
	}
}
