package intake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"go.yaml.in/yaml/v3"
)

// openAPI is the description of the API. Tests validate every answer against it.
//
//go:embed openapi.yaml
var openAPI []byte

// openAPIJSON returns the description as JSON.
var openAPIJSON = sync.OnceValues(func() ([]byte, error) {
	var v any
	if err := yaml.Unmarshal(openAPI, &v); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write openapi.yaml as JSON: %w", err)
	}
	return b.Bytes(), nil
})

// document returns a handler whose answer is the same for everybody.
func document(contentType string, body func() ([]byte, error)) handler {
	return func(*request) (*answer, error) {
		b, err := body()
		if err != nil {
			return nil, err
		}
		return &answer{status: http.StatusOK, header: map[string]string{"Content-Type": contentType}, body: b}, nil
	}
}

// pagePolicy allows the page only its own content, without scripts and other resources.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

func (s *server) documents() []route {
	page := document("text/html; charset=utf-8", docsPage)
	return []route{
		{"GET", "/openapi.yaml", open, document("application/yaml", func() ([]byte, error) { return openAPI, nil }),
			[]string{"application/yaml"}},
		{"GET", "/openapi.json", open, document("application/json", openAPIJSON), jsonOnly},
		{"GET", "/docs", open, func(r *request) (*answer, error) {
			a, err := page(r)
			if err != nil {
				return nil, err
			}
			return a.with("Content-Security-Policy", pagePolicy).with("Referrer-Policy", "no-referrer"), nil
		}, []string{"text/html"}},
	}
}
