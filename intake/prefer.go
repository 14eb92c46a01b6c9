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
	// smallImport is the number of rows up to which a client without preferences waits for the
	// result.
	smallImport = 500
)

// preferences are the client's preferences in Prefer (RFC 7240).
type preferences struct {
	async   bool
	wait    *time.Duration
	applied []string
}

// readPrefer parses the known preferences. The first of several with one name counts; parameters
// behind a semicolon are ignored.
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

// readWait parses a number of seconds and bounds it by maxWait.
func readWait(value string) (time.Duration, error) {
	seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
	if err != nil && !errors.Is(err, strconv.ErrRange) || seconds < 0 {
		return 0, newError("validation_error", "Prefer: wait takes a number of seconds, for instance wait=10").of("Prefer")
	}
	return time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second, nil
}

// patience returns how long to wait for an import of so many rows. With respond-async and wait
// together, the answer is asynchronous after wait (RFC 7240, section 4.3).
func (p preferences) patience(rows int64) time.Duration {
	switch {
	case p.wait != nil:
		return *p.wait
	case p.async || rows > smallImport:
		return 0
	}
	return defaultWait
}
