package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

const maxIdempotencyKey = 255

// keptHeaders are the headers that are kept and repeated with an answer.
var keptHeaders = []string{"Content-Type", "Location", "Preference-Applied"}

// idempotent runs a handler at most once for an Idempotency-Key. A repeated request gets the first
// answer.
func (s *server) idempotent(r *request, run handler) (*answer, error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		return run(r)
	}
	if err := checkIdempotencyKeys(keys); err != nil {
		return nil, err
	}
	key := keys[0]
	digest := s.digestBody(r)
	r.idem = &store.Idempotency{WorkspaceID: r.key.WorkspaceID, Key: key, Owner: uuid.New(), Fingerprint: digest.sum}
	kept, err := s.Store.BeginIdempotent(r.Context(), r.idem)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		return s.replay(r, kept, digest)
	}
	return s.runFirst(r, run)
}

// checkIdempotencyKeys returns an error for a key that cannot be kept. An empty key is an error
// too: its sender expects protection from repetition.
func checkIdempotencyKeys(keys []string) error {
	if key := keys[0]; len(keys) > 1 || key == "" || len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		return newError("validation_error",
			"Idempotency-Key must be given once, as 1 to %d bytes of UTF-8 text, or left out",
			maxIdempotencyKey).of("Idempotency-Key")
	}
	return nil
}

func (s *server) runFirst(r *request, run handler) (*answer, error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go s.holdKey(ctx, r.idem)
	a, err := run(r)
	away := errors.Is(err, store.ErrUnavailable) || errors.Is(context.Cause(ctx), store.ErrUnavailable)
	cancel()
	switch {
	case away: // the client must not wait for the database
		go s.forget(ctx, r.idem)
		return a, err
	case err != nil || a.status >= http.StatusMultipleChoices:
		s.forget(ctx, r.idem)
		return a, err
	}
	final, stop := context.WithTimeout(context.WithoutCancel(ctx), web.FinalTimeout)
	defer stop()
	return a, s.keep(final, r, a)
}

// forget frees the key of a failed request. If that fails, the key is free once its lease ends.
func (s *server) forget(ctx context.Context, i *store.Idempotency) {
	final, stop := context.WithTimeout(context.WithoutCancel(ctx), web.FinalTimeout)
	defer stop()
	if err := s.Store.ForgetIdempotent(final, i); err != nil {
		s.Logger.WarnContext(ctx, "Idempotency-Key not freed", slog.Any("error", err))
	}
}

// keep stores the answer before it is sent. If that fails after something was created, the answer
// is still sent: the key is tied to the created resource, and a repetition is answered from it.
func (s *server) keep(ctx context.Context, r *request, a *answer) error {
	header := map[string]string{}
	for _, name := range keptHeaders {
		if v, ok := a.header[name]; ok {
			header[name] = v
		}
	}
	err := s.Store.KeepAnswer(ctx, r.idem, store.KeptAnswer{Fingerprint: r.idem.Fingerprint(), Status: a.status,
		Header: header, Body: a.body})
	if err != nil && r.idem.Made {
		s.Logger.WarnContext(ctx, "answer not kept", slog.Any("error", err))
		return nil
	}
	return err
}

// holdKey extends the lease of the key while the request runs.
func (s *server) holdKey(ctx context.Context, i *store.Idempotency) {
	ticker := time.NewTicker(store.IdempotencyLease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.Store.RenewIdempotent(ctx, i); err != nil && ctx.Err() == nil {
				s.Logger.WarnContext(ctx, "lease of the Idempotency-Key not extended", slog.Any("error", err))
			}
		}
	}
}

// replay returns the kept answer if the request is the same, otherwise an error.
func (s *server) replay(r *request, kept *store.KeptAnswer, d *bodyDigest) (*answer, error) {
	if !bytes.Equal(d.sum(), kept.Fingerprint) {
		return nil, bodyError(r, newError("idempotency_key_reused",
			"this Idempotency-Key was used for another request; use a new key for a new request").of("Idempotency-Key"))
	}
	a := &answer{status: kept.Status, header: kept.Header, body: kept.Body}
	if kept.Status == 0 {
		var err error
		if a, err = s.answerFromResource(r, kept); err != nil {
			return nil, err
		}
		if err := s.keep(r.Context(), r, a); err != nil {
			return nil, err
		}
	}
	return a.with("Idempotency-Replayed", "true"), nil
}

// answerFromResource rebuilds the answer of a request whose process crashed after it had created
// something.
func (s *server) answerFromResource(r *request, kept *store.KeptAnswer) (*answer, error) {
	if id, ok := kept.Task(); ok {
		return s.taskAgain(r, id, created)
	}
	if id, ok := kept.KnownTask(); ok {
		return s.taskAgain(r, id, known)
	}
	if id, ok := kept.Webhook(); ok {
		w, err := s.Store.Webhook(r.Context(), r.key.WorkspaceID, id)
		if err != nil {
			return nil, absent(err, "webhook")
		}
		if r.PathValue("id") == "" {
			return webhookCreated(w), nil
		}
		return data(http.StatusOK, showSecret(w)), nil
	}
	if id, ok := kept.Alias(); ok {
		a, err := s.Store.Alias(r.Context(), r.key.WorkspaceID, id)
		if err != nil {
			return nil, absent(err, "alias")
		}
		return aliasKept(a), nil
	}
	id, ok := kept.Import()
	if !ok {
		return nil, errors.New("the kept answer names an unknown resource")
	}
	i, err := s.Store.Import(r.Context(), r.key.WorkspaceID, id)
	if err != nil {
		return nil, err
	}
	status := http.StatusAccepted
	if i.Status.Final() && !i.Single {
		status = http.StatusOK
	}
	return s.jobAnswer(r.Context(), i, status)
}

func (s *server) taskAgain(r *request, id uuid.UUID, show func(importer.Task) *answer) (*answer, error) {
	t, err := s.Store.Task(r.Context(), r.key.WorkspaceID, id)
	if err != nil {
		return nil, absent(err, "task")
	}
	return show(t), nil
}

// bodyDigest hashes the body while the handler reads it, so that requests are compared without
// keeping their bodies.
type bodyDigest struct {
	hash hash.Hash
	body io.Reader
	done []byte
}

func (s *server) digestBody(r *request) *bodyDigest {
	d := &bodyDigest{hash: sha256.New()}
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type")} {
		d.hash.Write([]byte(part + "\n"))
	}
	d.body = io.TeeReader(s.body(r, s.MaxUpload), d.hash)
	r.Body = io.NopCloser(d.body)
	return d
}

// sum reads the rest of the body and returns the digest of the whole; nil if the body is
// incomplete.
func (d *bodyDigest) sum() []byte {
	if d.done == nil {
		if _, err := io.Copy(io.Discard, d.body); err != nil {
			return nil
		}
		d.done = d.hash.Sum(nil)
	}
	return d.done
}
