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

// certificateAge is how long a certificate is used before its files are checked: a certificate that
// is replaced needs no restart.
const certificateAge = time.Minute

// certificate is the current certificate of a pair of files.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	looked time.Time
	of     time.Time // modification time of the loaded file
}

// newTLS returns the configuration for a certificate and its key, nil without them.
func newTLS(certFile, keyFile string, logger *slog.Logger) (*tls.Config, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil //nolint:nilnil // no certificate is configured
	}
	if certFile == "" || keyFile == "" {
		return nil, errors.New("--tls-cert and --tls-key belong together: set both, or neither")
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger}
	if err := c.load(time.Now()); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now() }}, nil
}

// now returns the certificate, reloaded if its file has changed. If it cannot be read, the earlier
// one stays in use.
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
