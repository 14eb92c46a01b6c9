//go:build !race

package intake_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	verrors "github.com/pb33f/libopenapi-validator/errors"
)

// underContract returns a transport that validates what it carries.
func underContract(t *testing.T, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	loadContractOnce(t)
	return &contract{t: t, next: next}
}

// contract validates every request and answer of these tests against openapi.yaml.
type contract struct {
	t    *testing.T
	next http.RoundTripper
}

// The caches of the validators are not safe for concurrent use.
var contracts struct {
	sync.Mutex
	requests, answers validator.Validator
}

func loadContractOnce(t *testing.T) {
	t.Helper()
	contracts.Lock()
	defer contracts.Unlock()
	if contracts.answers != nil {
		return
	}
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	load := func(options ...config.Option) validator.Validator {
		doc, err := libopenapi.NewDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		v, errs := validator.NewValidator(doc, options...)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return v
	}
	contracts.requests = load(config.WithFormatAssertions())
	// An answer must not have undescribed members, although the description allows clients to expect
	// more.
	contracts.answers = load(config.WithFormatAssertions(), config.WithStrictMode(),
		config.WithStrictIgnoredHeadersExtra("X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy"),
		config.WithStrictIgnorePaths(openPaths()...))
	if ok, errs := contracts.answers.ValidateDocument(); !ok {
		t.Fatal(described(errs))
	}
}

// RoundTrip sends the request and validates the request and the answer.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || r.Method == http.MethodHead {
		return resp, err
	}
	c.check(r, resp, body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (c *contract) check(r *http.Request, resp *http.Response, body []byte) {
	contracts.Lock()
	defer contracts.Unlock()
	seen := *resp
	seen.Body = io.NopCloser(bytes.NewReader(body))
	answers := contracts.answers
	if r.URL.Path == "/openapi.json" {
		answers = contracts.requests // OpenAPI describes its members
	}
	if ok, errs := answers.ValidateHttpResponse(r, &seen); !ok && !undescribed(errs, resp.StatusCode) {
		c.t.Errorf("%s %s: the answer %d is not as described: %s\n%.2000s", r.Method, r.URL, resp.StatusCode,
			described(errs), body)
	}
	// Forms, compressed bodies and NDJSON have no schema.
	kind := r.Header.Get("Content-Type")
	if resp.StatusCode >= 300 || r.Header.Get("Content-Encoding") != "" || strings.HasPrefix(kind, "multipart/") ||
		strings.Contains(kind, "ndjson") {
		return
	}
	again := r.Clone(r.Context())
	if r.GetBody != nil {
		again.Body, _ = r.GetBody()
	}
	if ok, errs := contracts.requests.ValidateHttpRequest(again); !ok {
		c.t.Errorf("%s %s: the request was taken, but is not as described: %s", r.Method, r.URL, described(errs))
	}
}

// undescribed reports whether path or method are unknown and the answer is an error for it.
func undescribed(errs []*verrors.ValidationError, status int) bool {
	refusal := status == http.StatusNotFound || status == http.StatusMethodNotAllowed ||
		status == http.StatusUnauthorized || status == http.StatusTooManyRequests
	return refusal && len(errs) == 1 && (errs[0].IsPathMissingError() || errs[0].IsOperationMissingError())
}

func described(errs []*verrors.ValidationError) string {
	var b strings.Builder
	for _, e := range errs {
		fmt.Fprintf(&b, "\n  %s: %s", e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			fmt.Fprintf(&b, "\n    %s at %s", s.Reason, s.KeywordLocation)
		}
	}
	return b.String()
}

// openPaths are the objects whose members are not ours: the columns of a file, and its values.
func openPaths() []string {
	// The columns of a file and the fields of a correction.
	paths := []string{"$.body.data[*].row.*", "$.body.data[*].mended.*", "$.body.data.mended.reject.row.*",
		"$.body.data.mended.reject.mended.*", "$.body.data.adjusted.*", "$.body.data.adjusted.*.*",
		"$.body.data.implausible.*"}
	for _, of := range []string{"mapping.*", "values.*", "values.*.*", "constants.*", "compose.*", "custom_fields.*"} {
		paths = append(paths, "$.body.data."+of, "$.body.data[*]."+of)
	}
	return paths
}
