package intake

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// conditional names an answer to GET by its body, and spares a client that has it already the body
// (RFC 9110, section 13). A client that looks after a job again and again then receives a body only
// when the job has moved.
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

// named reports whether the list of entity tags has this one; weak tags are compared as strong
// ones, which is enough for a read.
func named(values []string, tag string) bool {
	for _, v := range strings.Split(strings.Join(values, ","), ",") {
		v = strings.TrimPrefix(strings.TrimSpace(v), "W/")
		if v == tag || v == "*" {
			return true
		}
	}
	return false
}
