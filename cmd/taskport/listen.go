package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"
)

// Limits of a connection. A body may take longer: intake extends its deadline while bytes arrive.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	stopTimeout   = 20 * time.Second
	stopPoll      = 10 * time.Millisecond
)

// listener is a running HTTP server.
type listener struct {
	url     string
	server  *http.Server
	running atomic.Int64 // requests under way
}

// listen starts a server on addr; port 0 lets the system choose. It accepts at most that many
// connections at a time; 0 for no limit. An error that ends it, other than stop, goes to failed.
func listen(ctx context.Context, addr string, most int, secure *tls.Config, h http.Handler, logger *slog.Logger,
	failed chan<- error) (*listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	if most > 0 {
		ln = netutil.LimitListener(ln, most)
	}
	l := &listener{url: "http://" + ln.Addr().String()}
	l.server = &http.Server{
		Handler: l.counted(h), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	if secure != nil {
		l.url = "https://" + ln.Addr().String()
		secure.NextProtos = []string{"h2", "http/1.1"}
		l.server.TLSConfig = secure
		ln = tls.NewListener(ln, secure)
	}
	go func() {
		if err := l.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve %s: %w", l.url, err)
		}
	}()
	return l, nil
}

// counted counts the requests that are under way.
func (l *listener) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.running.Add(1)
		defer l.running.Add(-1)
		h.ServeHTTP(w, r)
	})
}

// stop lets running requests finish for at most stopTimeout, and then cuts them off. The address
// stays open while requests run, so that a new client gets a 503 instead of no answer.
func (l *listener) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for l.running.Load() > 0 && ctx.Err() == nil {
		time.Sleep(stopPoll)
	}
	if err := l.server.Shutdown(ctx); err != nil {
		return errors.Join(err, l.server.Close())
	}
	return nil
}

// admin returns the handler of the admin listener: liveness, readiness, metrics and profiles.
func admin(in *installation, metrics prometheus.Gatherer, stopping <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		readiness(w, in.checks(r.Context()), stopping)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	mux.HandleFunc("GET /debug/pprof/", local(pprof.Index))
	mux.HandleFunc("GET /debug/pprof/profile", local(pprof.Profile))
	return mux
}

// local answers requests of this host only: a profile shows what is in memory, and costs time.
func local(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() || r.Header.Get("X-Forwarded-For") != "" {
			http.Error(w, "profiles are for this host only: ask a loopback address from there", http.StatusForbidden)
			return
		}
		h(w, r)
	}
}

// readiness writes the state of each service; the status is 503 unless all are ready. A process
// that is being stopped is not ready.
func readiness(w http.ResponseWriter, checks []part, stopping <-chan struct{}) {
	status, text := http.StatusOK, ""
	select {
	case <-stopping:
		status, text = http.StatusServiceUnavailable, "process: stopping\n"
	default:
	}
	for _, c := range checks {
		if c.err != nil {
			status = http.StatusServiceUnavailable
			text += c.name + ": " + c.err.Error() + "\n"
			continue
		}
		text += c.name + ": ok\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
