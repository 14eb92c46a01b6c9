package console

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

const (
	sessionCookie = "taskport_session"
	// sessionTTL is the life of an unused session. A request in its second half renews it.
	sessionTTL = 12 * time.Hour
	// sessionTime is the longest time for the first query of a page. Then the database counts as
	// unavailable.
	sessionTime = 2 * time.Second
	nonceSize   = 16
	// Bytes: workspace, key, nonce, and the Unix second of its begin or last renewal.
	sessionSize = 16 + 16 + nonceSize + 8
)

// session is a signed-in key. A cookie holds it, signed with the hash of the API key, so that every
// process with the same database can check it. Each request reads the key again, so that revoking
// it ends its sessions.
type session struct {
	key   store.Key
	name  string // of the workspace
	nonce [nonceSize]byte
	begun time.Time
	token string // for forms
}

var errNoSession = errors.New("nobody is signed in")

// encodeSession returns the value of the cookie.
func encodeSession(k store.Key, hash []byte, nonce [nonceSize]byte, now time.Time) string {
	raw := make([]byte, 0, sessionSize+sha256.Size)
	raw = append(raw, k.WorkspaceID[:]...)
	raw = append(raw, k.ID[:]...)
	raw = append(raw, nonce[:]...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(now.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(raw, sign(hash, "session", raw)...))
}

// sign signs text for one purpose.
func sign(hash []byte, purpose string, text []byte) []byte {
	mac := hmac.New(sha256.New, hash)
	mac.Write([]byte("taskport console " + purpose + "\x00"))
	mac.Write(text)
	return mac.Sum(nil)
}

// signed is the content of a session cookie, before its mac is checked.
type signed struct {
	workspace, key uuid.UUID
	nonce          [nonceSize]byte
	begun          time.Time
	body, mac      []byte
}

// decodeSession parses the value of a session cookie. It does not check the mac.
func decodeSession(value string) (c signed, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil || len(raw) != sessionSize+sha256.Size {
		return c, false
	}
	c.body, c.mac = raw[:sessionSize], raw[sessionSize:]
	copy(c.workspace[:], c.body[:16])
	copy(c.key[:], c.body[16:32])
	copy(c.nonce[:], c.body[32:32+nonceSize])
	c.begun = time.Unix(int64(binary.BigEndian.Uint64(c.body[sessionSize-8:])), 0)
	return c, true
}

// holds reports whether the key with this hash signed it within sessionTTL.
func (c signed) holds(hash []byte, now time.Time) bool {
	return hmac.Equal(c.mac, sign(hash, "session", c.body)) && now.Sub(c.begun) <= sessionTTL &&
		c.begun.Sub(now) <= time.Minute
}

// readSession returns the session of a request and the hash of its key. The error is errNoSession
// if the cookie is missing, forged or too old, or its key expired or was revoked.
func (s *server) readSession(r *http.Request) (*session, []byte, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, nil, errNoSession
	}
	c, ok := decodeSession(cookie.Value)
	if !ok {
		return nil, nil, errNoSession
	}
	ctx, cancel := context.WithTimeout(r.Context(), sessionTime)
	defer cancel()
	key, hash, err := s.Store.KeyWithHash(ctx, c.workspace, c.key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, errNoSession
	}
	if err != nil {
		return nil, nil, err
	}
	if now := s.Now(); !c.holds(hash, now) || !key.Live(now) {
		return nil, nil, errNoSession
	}
	in := &session{key: key, begun: c.begun, nonce: c.nonce}
	in.token = base64.RawURLEncoding.EncodeToString(sign(hash, "form", in.nonce[:]))
	in.name, err = s.counts.workspaceName(ctx, s.Store, c.workspace)
	return in, hash, err
}

// renew extends a session in the second half of its life.
func (s *server) renew(w http.ResponseWriter, r *http.Request, in *session, hash []byte) {
	if now := s.Now(); now.Sub(in.begun) > sessionTTL/2 {
		setCookie(w, r, sessionCookie, encodeSession(in.key, hash, in.nonce, now), sessionTTL)
	}
}

// setCookie sets a cookie that scripts cannot read and that requests of other sites do not carry.
// It is Secure if the connection is TLS, here or at a proxy.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, lives time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the connection is
		Name: name, Value: value, Path: Prefix, MaxAge: int(lives / time.Second), HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
		Secure:   r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")})
}

// dropCookie deletes a cookie.
func dropCookie(w http.ResponseWriter, r *http.Request, name string) {
	setCookie(w, r, name, "", -time.Second)
}

func newNonce() (nonce [nonceSize]byte) {
	_, _ = rand.Read(nonce[:]) // never fails (crypto/rand)
	return nonce
}
