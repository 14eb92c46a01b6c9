package intake

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed docspage.html
var docsTemplate string

// docsPage returns openapi.yaml as a page for people. It is rendered once.
var docsPage = sync.OnceValues(func() ([]byte, error) {
	var d apiDocument
	if err := yaml.Unmarshal(openAPI, &d); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	t, err := template.New("docs").Funcs(template.FuncMap{"json": exampleText, "schema": schemaText, "last": lastName,
		"upper": strings.ToUpper, "paragraphs": paragraphs}).Parse(docsTemplate)
	if err != nil {
		return nil, fmt.Errorf("read the page of the API: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, &d); err != nil {
		return nil, fmt.Errorf("write the page of the API: %w", err)
	}
	return b.Bytes(), nil
})

// apiDocument holds the parts of openapi.yaml that the page shows.
type apiDocument struct {
	Info struct {
		Title       string `yaml:"title"`
		Summary     string `yaml:"summary"`
		Description string `yaml:"description"`
	} `yaml:"info"`
	Paths      inOrder[pathItem] `yaml:"paths"`
	Webhooks   inOrder[pathItem] `yaml:"webhooks"`
	Components struct {
		Parameters map[string]apiParameter `yaml:"parameters"`
		Responses  map[string]apiResponse  `yaml:"responses"`
		Schemas    inOrder[apiSchema]      `yaml:"schemas"`
	} `yaml:"components"`
}

type pathItem struct {
	Parameters []apiParameter `yaml:"parameters"`
	Get        *operation     `yaml:"get"`
	Post       *operation     `yaml:"post"`
	Put        *operation     `yaml:"put"`
	Patch      *operation     `yaml:"patch"`
	Delete     *operation     `yaml:"delete"`
}

type operation struct {
	ID          string               `yaml:"operationId"`
	Summary     string               `yaml:"summary"`
	Description string               `yaml:"description"`
	Parameters  []apiParameter       `yaml:"parameters"`
	Body        apiContent           `yaml:"requestBody"`
	Responses   inOrder[apiResponse] `yaml:"responses"`
}

type apiParameter struct {
	Ref         string    `yaml:"$ref"`
	Name        string    `yaml:"name"`
	In          string    `yaml:"in"`
	Description string    `yaml:"description"`
	Schema      apiSchema `yaml:"schema"`
}

type apiResponse struct {
	Ref         string `yaml:"$ref"`
	Description string `yaml:"description"`
	apiContent  `yaml:",inline"`
}

type apiContent struct {
	Content inOrder[struct {
		Schema   apiSchema `yaml:"schema"`
		Examples inOrder[struct {
			Summary string `yaml:"summary"`
			Value   any    `yaml:"value"`
		}] `yaml:"examples"`
	}] `yaml:"content"`
}

type apiSchema struct {
	Ref         string             `yaml:"$ref"`
	Type        any                `yaml:"type"`
	Format      string             `yaml:"format"`
	Enum        []any              `yaml:"enum"`
	Default     any                `yaml:"default"`
	Description string             `yaml:"description"`
	Required    []string           `yaml:"required"`
	Properties  inOrder[apiSchema] `yaml:"properties"`
	Items       *apiSchema         `yaml:"items"`
}

// inOrder is a mapping in the order of the document.
type inOrder[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// UnmarshalYAML reads a mapping.
func (m *inOrder[T]) UnmarshalYAML(node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		e := member[T]{Name: node.Content[i].Value}
		if err := node.Content[i+1].Decode(&e.Value); err != nil {
			return err
		}
		*m = append(*m, e)
	}
	return nil
}

// shownOperation is an operation with its method and path, and with resolved parameters.
type shownOperation struct {
	Method, Path string
	Event        bool // the server sends it
	*operation
	Parameters []apiParameter
}

// Operations lists all operations in the order of the document.
func (d *apiDocument) Operations() []shownOperation {
	var all []shownOperation
	for n, items := range []inOrder[pathItem]{d.Paths, d.Webhooks} {
		for _, p := range items {
			for method, o := range p.Value.operations() {
				shown := shownOperation{Method: method, Path: p.Name, Event: n > 0, operation: o}
				for _, parameter := range slices.Concat(p.Value.Parameters, o.Parameters) {
					shown.Parameters = append(shown.Parameters, d.parameter(parameter))
				}
				all = append(all, shown)
			}
		}
	}
	return all
}

func (p *pathItem) operations() iter.Seq2[string, *operation] {
	return func(yield func(string, *operation) bool) {
		for _, o := range []struct {
			method string
			*operation
		}{{"get", p.Get}, {"post", p.Post}, {"put", p.Put}, {"patch", p.Patch}, {"delete", p.Delete}} {
			if o.operation != nil && !yield(o.method, o.operation) {
				return
			}
		}
	}
}

func (d *apiDocument) parameter(p apiParameter) apiParameter {
	if p.Ref != "" {
		return d.Components.Parameters[lastName(p.Ref)]
	}
	return p
}

// Answer resolves the reference of an answer.
func (d *apiDocument) Answer(r apiResponse) apiResponse {
	if r.Ref != "" {
		return d.Components.Responses[lastName(r.Ref)]
	}
	return r
}

func lastName(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// exampleText returns an example as it is sent.
func exampleText(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.String(), err
}

// paragraphs returns the paragraphs of a description, which blank lines separate.
func paragraphs(text string) []string { return strings.Split(strings.TrimSpace(text), "\n\n") }

// schemaText returns a short text for a type.
func schemaText(s apiSchema) string {
	switch {
	case s.Ref != "":
		return lastName(s.Ref)
	case len(s.Enum) > 0:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Enum), " ", ", "), "[]")
	case s.Items != nil:
		return "list of " + schemaText(*s.Items)
	}
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Type), " ", " or "), "[]")
	if s.Type == nil {
		text = "any of several"
	}
	if s.Format != "" {
		text += " (" + s.Format + ")"
	}
	return text
}
