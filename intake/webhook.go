package intake

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

const (
	maxWebhookBody = 16 << 10
	maxWebhookURL  = 2000
	// bothSecrets is how long the old secret continues to sign beside the new one.
	bothSecrets = 24 * time.Hour
	// secretPrefix marks the secrets of Standard Webhooks.
	secretPrefix = "whsec_"
)

// webhookJSON is a webhook in the API. The secret is only shown when it is created.
type webhookJSON struct {
	ID        uuid.UUID         `json:"id"`
	URL       string            `json:"url"`
	Events    []store.EventType `json:"events"`
	Secret    string            `json:"secret,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
}

func showWebhook(w store.Webhook) webhookJSON {
	return webhookJSON{ID: w.ID, URL: w.URL, Events: w.Events, CreatedAt: w.CreatedAt}
}

func showSecret(w store.Webhook) webhookJSON {
	shown := showWebhook(w)
	shown.Secret = secretPrefix + base64.StdEncoding.EncodeToString(w.Secret)
	return shown
}

func webhookPath(id uuid.UUID) string { return "/v1/webhooks/" + id.String() }

// createWebhook answers POST /v1/webhooks.
func (s *server) createWebhook(r *request) (*answer, error) {
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	wanted, err := s.readWebhook(r)
	if err != nil {
		return nil, err
	}
	w, err := s.Store.CreateWebhook(r.Context(), wanted, r.idem, s.now())
	if errors.Is(err, store.ErrTooMany) {
		return nil, newError("conflict", "a workspace has at most %d webhooks; delete one that is not needed any more",
			store.MaxWebhooks)
	}
	if err != nil {
		return nil, err
	}
	return webhookCreated(w), nil
}

func webhookCreated(w store.Webhook) *answer {
	return data(http.StatusCreated, showSecret(w)).with("Location", webhookPath(w.ID))
}

func (s *server) readWebhook(r *request) (store.Webhook, error) {
	w := store.Webhook{WorkspaceID: r.key.WorkspaceID}
	var in struct {
		URL    string            `json:"url"`
		Events []store.EventType `json:"events"`
	}
	if err := s.readObject(r, maxWebhookBody, &in, "url and events"); err != nil {
		return w, err
	}
	if err := s.checkReceiver(in.URL); err != nil {
		return w, err
	}
	for _, e := range in.Events {
		if !slices.Contains(store.EventTypes(), e) {
			return w, errEvents()
		}
	}
	if len(in.Events) == 0 {
		return w, errEvents()
	}
	slices.Sort(in.Events)
	w.URL, w.Events = in.URL, slices.Compact(in.Events)
	return w, nil
}

func errEvents() *apiError {
	return newError("validation_error",
		"events must be a list of at least one of import.completed, import.failed and task.created").of("events")
}

// checkReceiver returns an error for an address that can never be a receiver. Each connection
// checks where the address leads.
func (s *server) checkReceiver(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(address) > maxWebhookURL:
		return newError("validation_error",
			"url must be an address like https://example.com/hook, without user, password or fragment, of at most %d bytes",
			maxWebhookURL).of("url")
	case !isPort(u.Port()):
		return newError("validation_error", "the port of url must be between 1 and 65535, not %s", u.Port()).of("url")
	case u.Scheme == "https" || u.Scheme == "http" && s.PlainWebhooks:
		return nil
	}
	return newError("validation_error", "url must begin with https://").of("url")
}

// isPort reports whether text is a valid port or empty, for the port of the scheme.
func isPort(text string) bool {
	const bits = 16
	n, err := strconv.ParseUint(text, 10, bits)
	return text == "" || err == nil && n > 0
}

// listWebhooks answers GET /v1/webhooks.
func (s *server) listWebhooks(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	hooks, err := s.Store.Webhooks(r.Context(), r.key.WorkspaceID, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, hooks, showWebhook), nil
}

// readOneWebhook answers GET /v1/webhooks/{id}.
func (s *server) readOneWebhook(r *request) (*answer, error) {
	w, err := s.webhookOfPath(r)
	if err != nil {
		return nil, err
	}
	return data(http.StatusOK, showWebhook(w)), nil
}

func (s *server) webhookOfPath(r *request) (store.Webhook, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return store.Webhook{}, errNotFound("webhook")
	}
	w, err := s.Store.Webhook(r.Context(), r.key.WorkspaceID, id)
	return w, absent(err, "webhook")
}

// absent returns errNotFound(what) for store.ErrNotFound, and other errors unchanged.
func absent(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return errNotFound(what)
	}
	return err
}

// deleteWebhook answers DELETE /v1/webhooks/{id}.
func (s *server) deleteWebhook(r *request) (*answer, error) {
	w, err := s.webhookOfPath(r)
	if err == nil {
		err = absent(s.Store.DeleteWebhook(r.Context(), w.WorkspaceID, w.ID), "webhook")
	}
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent, header: map[string]string{}}, nil
}

// rotateWebhook answers POST /v1/webhooks/{id}/rotate with the new secret.
func (s *server) rotateWebhook(r *request) (*answer, error) {
	w, err := s.webhookOfPath(r)
	if err == nil {
		err = s.nothing(r)
	}
	if err == nil {
		w, err = s.Store.RotateWebhook(r.Context(), w.WorkspaceID, w.ID, r.idem, bothSecrets)
		err = absent(err, "webhook")
	}
	if err != nil {
		return nil, err
	}
	return data(http.StatusOK, showSecret(w)), nil
}
