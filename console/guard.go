package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/internal/web"
)

const (
	// pageTime is the longest time for a page. Then the database counts as unavailable.
	pageTime = 10 * time.Second
	// maxForm is the largest form without a file, in bytes: it holds a title and a description of the
	// largest size, encoded.
	maxForm = 8 << 20
)

// policy allows pages to load only the console's own files, and forbids inline scripts.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// request is a request to the console.
type request struct {
	*http.Request
	writer http.ResponseWriter
	in     *session // nil on open pages
	token  string   // for the forms of the page
}

// guard sets the headers of every answer, logs the request, and answers after a panic.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		rec, started := &web.Recorder{ResponseWriter: w}, time.Now()
		rec.Serve(next, r, func(what any, stack []byte) {
			s.Logger.ErrorContext(r.Context(), "panic", slog.Any("panic", what), slog.String("stack", string(stack)))
			if rec.Status == 0 {
				s.write(&request{Request: r, writer: rec}, nil, errors.New("panic"))
			}
		}, func() {
			s.Logger.InfoContext(r.Context(), "page", slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.String("address", web.Address(r)), slog.Int("status", rec.Status), slog.Duration("took", time.Since(started)))
		})
	})
}

// endpoint returns the handler of a route.
func (s *server) endpoint(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !rt.flags.stream {
			ctx, cancel := context.WithTimeout(r.Context(), pageTime)
			defer cancel()
			r = r.WithContext(ctx)
		}
		req := &request{Request: r, writer: w}
		a, err := s.admit(req, rt)
		s.write(req, a, err)
	}
}

// admit calls the handler if the session, the token of the form and the permission allow it.
func (s *server) admit(r *request, rt route) (*answer, error) {
	if r.Method == http.MethodPost && !rt.flags.upload {
		// fails without a real connection
		_ = http.NewResponseController(r.writer).SetReadDeadline(time.Now().Add(web.Idle))
		r.Body = http.MaxBytesReader(r.writer, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return nil, formError(err)
		}
	}
	if rt.flags.open {
		return rt.handle(r)
	}
	in, hash, err := s.readSession(r.Request)
	if errors.Is(err, errNoSession) {
		return redirect(signInPath(r.Request)), nil
	}
	if err != nil {
		return nil, err
	}
	r.in, r.token = in, in.token
	s.renew(r.writer, r.Request, in, hash)
	if err := s.limit(r, s.Requests, in.key.ID.String()); err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost && !rt.flags.upload && !r.carries(r.PostFormValue("csrf")) {
		return nil, errToken()
	}
	err = web.Permit(r.Context(), s.Store, in.key, rt.permission, func() (uuid.UUID, error) { return idOfPath(r) })
	if err != nil {
		return nil, err
	}
	return rt.handle(r)
}

// limit counts an action of a subject. While Redis is away it limits nothing.
func (s *server) limit(r *request, by web.Limiter, subject string) error {
	l, err := by.Allow(r.Context(), subject)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "rate limit not counted", slog.Any("error", err))
	} else if l.RetryAfter > 0 {
		return errTooMany(l.RetryAfter)
	}
	return nil
}

// carries reports whether a form's token is that of the session.
func (r *request) carries(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(r.in.token)) == 1
}

// formError returns the page error of a form that cannot be parsed.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	return refuse(http.StatusBadRequest, "The form cannot be read", "Nothing was done; go back and send it again.")
}

// signInPath returns the path of the sign-in form, which leads back to the requested page or to the
// page of the form that was sent.
func signInPath(r *http.Request) string {
	q := url.Values{}
	switch {
	case r.Method == http.MethodPost:
		q.Set("unsent", "1")
		if from := formPage(r); from != "" {
			q.Set("next", from)
		}
	case !strings.HasSuffix(r.URL.Path, "/events"):
		q.Set("next", r.URL.RequestURI())
	}
	return Prefix + "signin?" + q.Encode()
}

// formPage returns the page of the console from which a form was sent, or "" if unknown.
func formPage(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || strings.HasPrefix(from.Path, Prefix+"sign") {
		return ""
	}
	return localPath(from.RequestURI())
}
