package intake

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// conditional sets an ETag on an answer to GET, and returns 304 to a client that already has the
// body (RFC 9110, section 13). A client that polls a job receives a body only after a change.
func conditional(r *request, a *answer) *answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || a.status != http.StatusOK || a.stream != nil {
		return a
	}
	sum := sha256.Sum256(a.body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	a.with("ETag", tag).with("Cache-Control", "private, no-cache").with("Vary", "Accept, Authorization")
	if !named(r.Header.Values("If-None-Match"), tag) {
		return a
	}
	delete(a.header, "Content-Type")
	return &answer{status: http.StatusNotModified, header: a.header}
}

// named reports whether the list of entity tags contains tag. Weak tags count as strong ones,
// which is enough for a read.
func named(values []string, tag string) bool {
	for _, v := range strings.Split(strings.Join(values, ","), ",") {
		v = strings.TrimPrefix(strings.TrimSpace(v), "W/")
		if v == tag || v == "*" {
			return true
		}
	}
	return false
}
