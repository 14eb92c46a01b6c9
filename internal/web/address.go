package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// Proxies are the networks whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// Handler returns a handler that passes the address of the client to next, as RemoteAddr. A request
// of a trusted proxy comes from the last address in X-Forwarded-For that is not a trusted proxy
// itself: what a client writes there comes before it. A proxy that is not trusted is logged once.
func (p Proxies) Handler(next http.Handler, logger *slog.Logger) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forwarded := r.Header.Values("X-Forwarded-For")
		if len(forwarded) > 0 {
			if from := parseAddress(r.RemoteAddr); p.trusts(from) {
				r.RemoteAddr = p.client(from, forwarded).String()
			} else if len(p) == 0 && (from.IsPrivate() || from.IsLoopback()) {
				once.Do(func() {
					logger.Warn("a proxy forwards requests, and all its clients count as one address; name it with "+
						"--trusted-proxies", slog.String("address", from.String()))
				})
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// client returns the client of a request that a trusted proxy has forwarded. What cannot be read
// ends the search: the address is then that of the last proxy.
func (p Proxies) client(from netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(from); i-- {
		hop := parseAddress(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break
		}
		from = hop
	}
	return from
}

// parseAddress parses an address with or without a port.
func parseAddress(text string) netip.Addr {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, _ := netip.ParseAddr(strings.Trim(text, "[]")) // invalid on error
	return a.Unmap().WithZone("")
}

// Address returns the address of the client, for the log.
func Address(r *http.Request) string {
	if a := parseAddress(r.RemoteAddr); a.IsValid() {
		return a.String()
	}
	return "-"
}

// ipv6Client is how many bits of an IPv6 address name one client: a host chooses the others.
const ipv6Client = 64

// AddressSubject returns the subject by which a client without a key is counted.
func AddressSubject(r *http.Request) string {
	a := parseAddress(r.RemoteAddr)
	if a.Is6() {
		network, _ := a.Prefix(ipv6Client) // never fails for 64 bits of IPv6
		return "address " + network.String()
	}
	return "address " + a.String()
}
