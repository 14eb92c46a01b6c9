package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateAge is how long a certificate is used before its files are looked at again: one that
// is renewed in place needs no new start.
const certificateAge = time.Minute

// certificate is that of a pair of files, as they are.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	looked time.Time
	of     time.Time // when the file was written that is loaded
}

// newTLS returns the configuration for a certificate and its key, nil without them.
func newTLS(certFile, keyFile string, logger *slog.Logger) (*tls.Config, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil //nolint:nilnil // nothing to serve with is what was asked for
	}
	if certFile == "" || keyFile == "" {
		return nil, errors.New("--tls-cert and --tls-key belong together: give both, or neither")
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger}
	if err := c.load(time.Now()); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate,
		error) {
		return c.now()
	}}, nil
}

// now returns the certificate, anew if its file has changed. One that cannot be read leaves the
// earlier in use.
func (c *certificate) now() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) > certificateAge {
		if err := c.load(time.Now()); err != nil {
			c.logger.Error("the certificate cannot be read; the earlier one stays in use", slog.Any("error", err))
		}
	}
	return c.loaded, nil
}

func (c *certificate) load(now time.Time) error {
	c.looked = now
	info, err := os.Stat(c.certFile)
	if err != nil {
		return fmt.Errorf("--tls-cert: %w", err)
	}
	if c.loaded != nil && info.ModTime().Equal(c.of) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	c.loaded, c.of = &pair, info.ModTime()
	return nil
}
