package intake

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Waiting for the result of an import.
const (
	defaultWait = 30 * time.Second
	maxWait     = 60 * time.Second
	// smallImport is the number of rows up to which a client that asked for nothing waits for the
	// result.
	smallImport = 500
)

// preferences are what a client asks for in Prefer (RFC 7240).
type preferences struct {
	async   bool
	wait    *time.Duration
	applied []string
}

// readPrefer reads the preferences that are known; of several of one name the first counts, and
// what stands behind a semicolon says nothing to us.
func readPrefer(h http.Header) (preferences, error) {
	var p preferences
	for _, part := range strings.Split(strings.Join(h.Values("Prefer"), ","), ",") {
		part, _, _ = strings.Cut(part, ";")
		name, value, _ := strings.Cut(part, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "respond-async":
			if !p.async {
				p.async = true
				p.applied = append(p.applied, "respond-async")
			}
		case "wait":
			if p.wait != nil {
				continue
			}
			wait, err := readWait(value)
			if err != nil {
				return p, err
			}
			p.wait = &wait
			p.applied = append(p.applied, "wait="+strconv.Itoa(int(wait/time.Second)))
		}
	}
	return p, nil
}

// readWait reads how many seconds to wait, of which there are at most maxWait however many are
// asked for.
func readWait(value string) (time.Duration, error) {
	seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
	if err != nil && !errors.Is(err, strconv.ErrRange) || seconds < 0 {
		return 0, newError("validation_error", "Prefer: wait takes a number of seconds, for instance wait=10").of("Prefer")
	}
	return time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second, nil
}

// patience is how long to wait for an import of so many rows. With respond-async and wait together,
// wait is the longest that the client would like to wait before it is answered asynchronously (RFC
// 7240, section 4.3).
func (p preferences) patience(rows int64) time.Duration {
	switch {
	case p.wait != nil:
		return *p.wait
	case p.async || rows > smallImport:
		return 0
	}
	return defaultWait
}
