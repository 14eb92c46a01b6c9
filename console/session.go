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
	// sessionTTL is how long a session lives without being used; it is renewed once half of that is
	// over.
	sessionTTL = 12 * time.Hour
	// sessionTime bounds the first question that a page asks the database: one that does not answer
	// it is away.
	sessionTime = 2 * time.Second
	nonceSize   = 16
	// A session is: workspace, key, nonce, the Unix second at which it was begun or renewed.
	sessionSize = 16 + 16 + nonceSize + 8
)

// session is who is signed in. It stands in a cookie, signed with the hash of the API key: every
// process that shares the database can check it, and the key is asked for again with each request,
// so that a revoked one ends its sessions.
type session struct {
	key   store.Key
	name  string // of the workspace
	nonce [nonceSize]byte
	begun time.Time
	token string // that forms carry
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

// signed is what the cookie of a session says, which its mac has yet to prove.
type signed struct {
	workspace, key uuid.UUID
	nonce          [nonceSize]byte
	begun          time.Time
	body, mac      []byte
}

// decodeSession reads what encodeSession writes; ok is false for what it cannot have written.
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

// holds reports whether the key with this hash has signed it, not too long ago.
func (c signed) holds(hash []byte, now time.Time) bool {
	return hmac.Equal(c.mac, sign(hash, "session", c.body)) && now.Sub(c.begun) <= sessionTTL &&
		c.begun.Sub(now) <= time.Minute
}

// readSession finds out who is signed in; errNoSession when the cookie is missing, forged or too
// old, or its key no longer lives.
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

// renew begins the time of a session replaced, once half of it is over.
func (s *server) renew(w http.ResponseWriter, r *http.Request, in *session, hash []byte) {
	if now := s.Now(); now.Sub(in.begun) > sessionTTL/2 {
		setCookie(w, r, sessionCookie, encodeSession(in.key, hash, in.nonce, now), sessionTTL)
	}
}

// setCookie sets a cookie that scripts cannot read and that other sites' requests do not carry.
// Over TLS, also where a proxy ends it, it never travels in plain.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, lives time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the connection is
		Name: name, Value: value, Path: Prefix, MaxAge: int(lives / time.Second), HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
		Secure:   r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")})
}

// dropCookie makes the browser forget a cookie.
func dropCookie(w http.ResponseWriter, r *http.Request, name string) {
	setCookie(w, r, name, "", -time.Second)
}

func newNonce() (nonce [nonceSize]byte) {
	_, _ = rand.Read(nonce[:]) // never fails (crypto/rand)
	return nonce
}
