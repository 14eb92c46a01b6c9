package intake

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"taskport/internal/web"
	"taskport/store"
)

// requestIDs are what a client may choose as X-Request-ID; anything else is replaced.
var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

type seenKey struct{}

// seen is what the log tells of a request beside what everybody sees of it.
type seen struct {
	id        string
	workspace uuid.UUID
	key       uuid.UUID
	code      string // of an error
}

// seenIn gives what is known of the request; outside of one, nothing.
func seenIn(ctx context.Context) *seen {
	if v, ok := ctx.Value(seenKey{}).(*seen); ok {
		return v
	}
	return &seen{}
}

// originOf names the request to whoever works on what it makes.
func originOf(ctx context.Context) store.Origin {
	o := store.Origin{RequestID: seenIn(ctx).id}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	o.TraceParent = carrier["traceparent"]
	return o
}

// observe gives each request its id, one line in the log, its counts and its span, and turns a panic into an answer.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		known := &seen{id: r.Header.Get("X-Request-ID")}
		if !requestIDs.MatchString(known.id) {
			known.id = uuid.NewString()
		}
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-ID", known.id)
		s.setLimitHeaders(rec.Header(), s.Limiter.Full())
		ctx := propagation.TraceContext{}.Extract(context.WithValue(r.Context(), seenKey{}, known), propagation.HeaderCarrier(r.Header))
		ctx, span := s.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		if r.ContentLength != 0 {
			// For who refuses a request without reading it; not supported outside a real connection.
			_ = http.NewResponseController(w).SetReadDeadline(started.Add(web.Idle))
		}
		s.metrics.running.Inc()
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // the sentinel is compared as net/http does
				s.Logger.ErrorContext(ctx, "panic", slog.String("id", known.id), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				s.panicAnswer(rec, r)
			}
			s.metrics.running.Dec()
			s.answered(r, rec, known, span, time.Since(started))
			if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel is compared as net/http does
				panic(p)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// answered writes the one line of a request, and counts it.
func (s *server) answered(r *http.Request, rec *recorder, known *seen, span trace.Span, took time.Duration) {
	route := r.Pattern
	s.metrics.answered(r.Method, route, rec.status, took)
	span.SetAttributes(attribute.String("taskport.request", known.id))
	endSpan(span, r.Method, route, rec.status, known.code)
	s.Logger.InfoContext(r.Context(), "request", slog.String("id", known.id), slog.String("method", r.Method), slog.String("route", route), slog.String("path", r.URL.Path),
		slog.Int("status", rec.status), slog.String("code", known.code), slog.Int64("bytes", rec.bytes), slog.Duration("took", took),
		slog.String("workspace", orDash(known.workspace)), slog.String("key", orDash(known.key)), slog.Bool("replayed", rec.Header().Get("Idempotency-Replayed") != ""))
}

func endSpan(span trace.Span, method, route string, status int, code string) {
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, code)
	}
	span.End()
}

// Beside counts and traces what another door of the process answers, as the API's own requests are. Its routes have to be those of an http.ServeMux.
func (a *API) Beside(next http.Handler) http.Handler {
	s := a.server
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, rec := time.Now(), &recorder{ResponseWriter: w}
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := s.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		s.metrics.running.Inc()
		defer func() {
			s.metrics.running.Dec()
			route := r.Pattern[strings.IndexByte(r.Pattern, ' ')+1:] // its method is a label of its own
			s.metrics.answered(r.Method, route, rec.status, time.Since(started))
			endSpan(span, r.Method, route, rec.status, "")
		}()
		next.ServeHTTP(rec, r)
	})
}

// orDash shows an id, where there is one.
func orDash(id uuid.UUID) string {
	if id == uuid.Nil {
		return "-"
	}
	return id.String()
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
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
