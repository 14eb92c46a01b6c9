package intake

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Waiting for the result of an import.
const (
	defaultWait = 30 * time.Second
	maxWait     = 60 * time.Second
	// smallImport is the number of rows up to which a client that asked for nothing waits for the result.
	smallImport = 500
)

// preferences are what a client asks for in Prefer (RFC 7240).
type preferences struct {
	async   bool
	wait    *time.Duration
	applied []string
}

func readPrefer(h http.Header) (preferences, error) {
	var p preferences
	for _, part := range strings.Split(strings.Join(h.Values("Prefer"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "respond-async":
			p.async = true
			p.applied = append(p.applied, "respond-async")
		case "wait":
			seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
			if err != nil || seconds < 0 {
				return p, newError("validation_error", "Prefer: wait takes a number of seconds, for instance wait=10").of("Prefer")
			}
			wait := time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second
			p.wait = &wait
			p.applied = append(p.applied, "wait="+strconv.Itoa(int(wait/time.Second)))
		}
	}
	return p, nil
}

// patience is how long to wait for an import of so many rows. With respond-async and wait together, wait is the longest that
// the client would like to wait before it is answered asynchronously (RFC 7240, section 4.3).
func (p preferences) patience(rows int64) time.Duration {
	switch {
	case p.wait != nil:
		return *p.wait
	case p.async || rows > smallImport:
		return 0
	}
	return defaultWait
}
