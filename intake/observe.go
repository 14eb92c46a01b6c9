package intake

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// requestIDs are what a client may choose as X-Request-ID; anything else is replaced.
var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

type requestIDKey struct{}

// observe gives each request its id and one line in the log, and turns a panic into an answer.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if !requestIDs.MatchString(id) {
			id = uuid.NewString()
		}
		started := time.Now()
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-ID", id)
		s.setLimitHeaders(rec.Header(), s.Limiter.Full())
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		patience := http.NewResponseController(w)
		if r.ContentLength != 0 {
			_ = patience.SetReadDeadline(started.Add(bodyIdle)) // for who refuses a request without reading it; not supported outside a real connection
		}
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // the sentinel is compared as net/http does
				s.Logger.ErrorContext(r.Context(), "panic", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				s.panicAnswer(rec, r)
			}
			s.Logger.InfoContext(r.Context(), "request", slog.String("id", id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", time.Since(started)))
			if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel is compared as net/http does
				panic(p)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *server) panicAnswer(rec *recorder, r *http.Request) {
	if rec.status == 0 {
		s.write(&request{Request: r, writer: rec}, s.failure(r.Context(), newError("internal_error", "something went wrong on our side; the request id tells us where")))
	}
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
