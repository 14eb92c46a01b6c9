package console

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"taskport/internal/web"
	"taskport/store"
)

// The sign-in form has a token and a cookie of its own, so that another site cannot sign a browser
// in.
const (
	doorCookie = "taskport_door"
	doorTTL    = time.Hour
)

// signInPage is the page with the form.
type signInPage struct {
	Token string
	Next  string
	Wrong string
	// Unsent is true after a form was sent without a session; it was not processed.
	Unsent bool
}

func (s *server) showSignIn(r *request) (*answer, error) {
	return s.signInForm(r, http.StatusOK, ""), nil
}

// signInForm returns the form, with a token that its cookie has to match.
func (s *server) signInForm(r *request, status int, wrong string) *answer {
	door := newNonce()
	text := base64.RawURLEncoding.EncodeToString(door[:])
	if c, err := r.Cookie(doorCookie); err == nil && len(c.Value) == len(text) {
		text = c.Value // keeps the form of another tab valid
	}
	setCookie(r.writer, r.Request, doorCookie, text, doorTTL)
	return &answer{status: status, view: "signin.html", title: "Sign in", data: signInPage{Token: text,
		Next: localPath(r.FormValue("next")), Wrong: wrong, Unsent: r.FormValue("unsent") != ""}}
}

// signIn begins a session.
func (s *server) signIn(r *request) (*answer, error) {
	c, err := r.Cookie(doorCookie)
	if err != nil || c.Value == "" || subtle.ConstantTimeCompare([]byte(c.Value), []byte(r.PostFormValue("csrf"))) != 1 {
		return nil, errToken()
	}
	secret := strings.TrimSpace(r.PostFormValue("key"))
	caller, err := s.Store.Authenticate(r.Context(), secret)
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return nil, err
	}
	switch {
	case unknown:
		return s.refuseKey(r, http.StatusUnauthorized, "Unknown key. A key begins with wbk_ and has 44 characters.")
	case !caller.Live(s.Now()):
		return s.refuseKey(r, http.StatusUnauthorized, "This key has expired or was revoked.")
	case !caller.May(store.ReadActivities):
		return s.refuseKey(r, http.StatusForbidden, "This key lacks the permission activities:read.")
	}
	if err := s.beginSession(r.Context(), r, caller.Key); err != nil {
		return nil, err
	}
	return redirect(orHome(localPath(r.PostFormValue("next")))), nil
}

// refuseKey returns the form again. Only refused keys are counted: a client that tries
// keys does not lock out the others behind the same proxy.
func (s *server) refuseKey(r *request, status int, wrong string) (*answer, error) {
	if err := s.limit(r, s.SignIns, "console "+web.AddressSubject(r.Request)); err != nil {
		return nil, err
	}
	return s.signInForm(r, status, wrong), nil
}

func (s *server) beginSession(ctx context.Context, r *request, k store.Key) error {
	key, hash, err := s.Store.KeyWithHash(ctx, k.WorkspaceID, k.ID)
	if err != nil {
		return err
	}
	dropCookie(r.writer, r.Request, doorCookie)
	setCookie(r.writer, r.Request, sessionCookie, encodeSession(key, hash, newNonce(), s.Now()), sessionTTL)
	return nil
}

func (s *server) signOut(r *request) (*answer, error) {
	dropCookie(r.writer, r.Request, sessionCookie)
	return redirect(Prefix + "signin"), nil
}

// localPath returns path if it is a path of the console, and "" otherwise.
func localPath(path string) string {
	if !strings.HasPrefix(path, Prefix) || strings.ContainsAny(path, "\\\r\n") || strings.Contains(path, "//") {
		return ""
	}
	return path
}

func orHome(path string) string {
	if path == "" {
		return Prefix + "imports"
	}
	return path
}
