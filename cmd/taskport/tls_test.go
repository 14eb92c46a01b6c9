package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a certificate for this machine and its key, and returns their files and
// who trusts it.
func writeCertificate(t *testing.T, dir string, serial int64) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return certFile, keyFile, roots
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, roots := writeCertificate(t, t.TempDir(), 1)
	p := installed(t, func(p *program) string {
		return p.start(true, "up", "--listen", "127.0.0.1:0", "--tls-cert", certFile, "--tls-key", keyFile)
	})
	url := p.env["TASKPORT_SERVER"]
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("the URL is %q", url)
	}
	ask := func(c *tls.Config) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/openapi.yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}}).Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return resp, err
	}
	if resp, err := ask(&tls.Config{RootCAs: roots}); err != nil || resp.StatusCode != http.StatusOK ||
		resp.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%v %v", resp, err)
	}
	if _, err := ask(&tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("an old version is spoken")
	}
}

func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile, _ := writeCertificate(t, dir, 1)
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: slog.New(slog.DiscardHandler)}
	if err := c.load(time.Now()); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		got, err := c.now()
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf.SerialNumber.Int64()
	}
	writeCertificate(t, dir, 2)
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 1 {
		t.Errorf("the files are looked at each time: %d", n)
	}
	c.looked = time.Now().Add(-2 * certificateAge)
	if n := serial(); n != 2 {
		t.Errorf("the renewed certificate is not used: %d", n)
	}
	if err := os.WriteFile(certFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.looked = time.Now().Add(-2 * certificateAge)
	if n := serial(); n != 2 {
		t.Errorf("a broken file ends the earlier certificate: %d", n)
	}
	if _, err := newTLS(certFile, "", nil); err == nil || !strings.Contains(err.Error(), "belong together") {
		t.Error(err)
	}
}
