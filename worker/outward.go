package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errInward means that an address belongs to this machine or its network, which a client's webhook
// must not reach.
var errInward = errors.New("the address is not a public one")

// Times of a delivery.
const (
	dialTimeout = 5 * time.Second
	tryTimeout  = 15 * time.Second // from resolving the name to the last header of the answer
	maxAnswer   = 64 << 10         // bytes of an answer's headers
)

// inward are the networks that are not public, beyond those that netip classifies (private,
// loopback, link-local, multicast, unspecified): shared, reserved, for documentation and
// benchmarks, and those of IPv6 that lead to an IPv4 address.
var inward = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

// public6 is the part of IPv6 that is allocated to public addresses. Outside it are the prefixes by
// which a translator reaches an IPv4 address.
var public6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// outward reports whether an address may be connected to: a public one, or one that the
// installation allows.
func outward(address netip.Addr, allowed []netip.Prefix) bool {
	address = address.Unmap().WithZone("")
	for _, p := range allowed {
		if p.Contains(address) {
			return true
		}
	}
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLinkLocalUnicast() || address.Is6() &&
		!public6.Contains(address) {
		return false
	}
	for _, p := range inward {
		if p.Contains(address) {
			return false
		}
	}
	return true
}

// newOutwardClient returns a client that connects only to public addresses and to allowed networks.
// It checks the address at the connect, after resolution, so that DNS rebinding does not help. It
// follows no redirect and uses no proxy, which would connect in its place.
func newOutwardClient(allowed []netip.Prefix) *http.Client { return newOutwardClientWith(allowed, nil) }

// newOutwardClientWith is newOutwardClient with a resolver, for tests.
func newOutwardClientWith(allowed []netip.Prefix, names *net.Resolver) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Resolver: names, ControlContext: func(_ context.Context, _,
		address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read address %s: %w", address, err)
		}
		if !outward(to.Addr(), allowed) {
			return errInward
		}
		return nil
	}}
	return &http.Client{
		Timeout: tryTimeout,
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTimeout,
			DisableKeepAlives: true, DisableCompression: true,
			ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxAnswer},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
