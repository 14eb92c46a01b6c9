package intake

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
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

// requestIDs matches valid values of X-Request-ID; others are replaced.
var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// secrets matches API keys and secrets of webhooks, also parts of one: a client may send one in a
// place that is logged.
var secrets = regexp.MustCompile(`(wbk|whsec)_[^/\s]+`)

type seenKey struct{}

// seen holds what is learnt of a request while it is handled, for the log.
type seen struct {
	id        string
	workspace uuid.UUID
	key       uuid.UUID
	code      string // of an error
}

// seenIn returns the seen of a request, or an empty one outside a request.
func seenIn(ctx context.Context) *seen {
	if v, ok := ctx.Value(seenKey{}).(*seen); ok {
		return v
	}
	return &seen{}
}

// traceOf returns the id and trace of the request, for the workers of its import.
func traceOf(ctx context.Context) store.RequestTrace {
	o := store.RequestTrace{RequestID: seenIn(ctx).id}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	o.TraceParent = carrier["traceparent"]
	return o
}

// observe adds an id, a log line, metrics and a span to each request, and turns a panic into an
// answer.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		known := &seen{id: r.Header.Get("X-Request-ID")}
		if !requestIDs.MatchString(known.id) || secrets.MatchString(known.id) {
			known.id = uuid.NewString()
		}
		rec := &web.Recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-ID", known.id)
		s.Limiter.Full().SetHeaders(rec.Header(), s.Now())
		ctx := propagation.TraceContext{}.Extract(context.WithValue(r.Context(), seenKey{}, known),
			propagation.HeaderCarrier(r.Header))
		ctx, span := s.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		if r.ContentLength != 0 {
			// For handlers that refuse a request without reading it. Not supported outside a real
			// connection.
			_ = http.NewResponseController(w).SetReadDeadline(started.Add(web.Idle))
		}
		s.metrics.running.Inc()
		rec.Serve(next, r, func(what any, stack []byte) {
			s.Logger.ErrorContext(ctx, "panic", slog.String("id", known.id), slog.Any("panic", what), slog.String("stack",
				string(stack)))
			s.panicAnswer(rec, r)
		}, func() {
			s.metrics.running.Dec()
			s.answered(r, rec, known, span, time.Since(started))
		})
	})
}

// answered logs a request and counts it.
func (s *server) answered(r *http.Request, rec *web.Recorder, known *seen, span trace.Span, took time.Duration) {
	route := r.Pattern
	s.metrics.answered(r.Method, route, rec.Status, took)
	span.SetAttributes(attribute.String("taskport.request", known.id))
	endSpan(span, r.Method, route, rec.Status, known.code)
	s.Logger.InfoContext(r.Context(), "request", slog.String("id", known.id), slog.String("method", r.Method),
		slog.String("route", route), slog.String("path", secrets.ReplaceAllString(r.URL.Path, "${1}_…")),
		slog.String("address", web.Address(r)),
		slog.Int("status", rec.Status), slog.String("code", known.code), slog.Int64("bytes", rec.Bytes),
		slog.Duration("took", took),
		slog.String("workspace", orDash(known.workspace)), slog.String("key", orDash(known.key)), slog.Bool("replayed",
			rec.Header().Get("Idempotency-Replayed") != ""))
}

func endSpan(span trace.Span, method, route string, status int, code string) {
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, code)
	}
	span.End()
}

// Beside returns a handler that counts and traces the requests of next, such as the console's,
// like those of the API. The routes of next must be those of an http.ServeMux.
func (a *API) Beside(next http.Handler) http.Handler {
	s := a.server
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, rec := time.Now(), &web.Recorder{ResponseWriter: w}
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := s.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		s.metrics.running.Inc()
		defer func() {
			s.metrics.running.Dec()
			route := r.Pattern[strings.IndexByte(r.Pattern, ' ')+1:] // its method is a label of its own
			s.metrics.answered(r.Method, route, rec.Status, time.Since(started))
			endSpan(span, r.Method, route, rec.Status, "")
		}()
		next.ServeHTTP(rec, r)
	})
}

// orDash returns an id as text, or a dash for none.
func orDash(id uuid.UUID) string {
	if id == uuid.Nil {
		return "-"
	}
	return id.String()
}

func (s *server) panicAnswer(rec *web.Recorder, r *http.Request) {
	if rec.Status == 0 {
		s.write(&request{Request: r, writer: rec}, s.failure(r.Context(), newError("internal_error",
			"something went wrong on our side; the request id tells us where")))
	}
}
