package intake

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"taskport/internal/web"
	"taskport/store"
)

// authTimeout bounds the first query of a request. A database that does not answer it is
// unavailable.
const authTimeout = 2 * time.Second

// authenticate looks up the key of a request. A failure counts against the limit of the client's
// address.
func (s *server) authenticate(r *request) error {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return s.refuse(r, "the API key is missing")
	}
	ctx, cancel := context.WithTimeout(r.Context(), authTimeout)
	defer cancel()
	key, err := s.Store.Authenticate(ctx, strings.TrimSpace(secret))
	if errors.Is(err, store.ErrNotFound) {
		return s.refuse(r, "the API key is unknown")
	}
	if err != nil {
		return err
	}
	if !key.Live(s.Now()) {
		return s.refuse(r, "the API key has expired or was revoked")
	}
	r.key = key
	known := seenIn(r.Context())
	known.workspace, known.key = key.WorkspaceID, key.ID
	return nil
}

func (s *server) refuse(r *request, why string) error {
	if err := s.limit(r, web.AddressSubject(r.Request)); err != nil {
		return err
	}
	return errKey(why)
}

// limit counts the request and returns an error above the limit. Without Redis every request
// passes: the limit protects, it does not authorize.
func (s *server) limit(r *request, subject string) error {
	l, err := s.Limiter.Allow(r.Context(), subject)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "rate limit not counted", slog.Any("error", err))
	}
	l.SetHeaders(r.writer.Header(), s.Now())
	if l.RetryAfter > 0 {
		return errRateLimited(l.RetryAfter)
	}
	return nil
}
