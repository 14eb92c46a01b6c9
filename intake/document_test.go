package intake_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"taskport/intake"

	"taskport/internal/embedded/testservices"
)

// describedAPI holds the parts of openapi.yaml that these tests read.
type describedAPI struct {
	Paths      map[string]map[string]yaml.Node `yaml:"paths"`
	Components struct {
		Responses map[string]describedAnswer `yaml:"responses"`
	} `yaml:"components"`
}

type describedOperation struct {
	ID         string `yaml:"operationId"`
	Parameters []struct {
		Ref string `yaml:"$ref"`
	} `yaml:"parameters"`
	Body      describedAnswer            `yaml:"requestBody"`
	Responses map[string]describedAnswer `yaml:"responses"`
}

type describedAnswer struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct {
		Examples map[string]struct {
			Value any `yaml:"value"`
		} `yaml:"examples"`
	} `yaml:"content"`
}

func readDescription(t *testing.T) describedAPI {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d describedAPI
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operations returns the operations by method and path.
func (d describedAPI) operations(t *testing.T) map[string]describedOperation {
	t.Helper()
	all := map[string]describedOperation{}
	for path, item := range d.Paths {
		for method, node := range item {
			if method == "parameters" {
				continue
			}
			var o describedOperation
			if err := node.Decode(&o); err != nil {
				t.Fatal(err)
			}
			all[strings.ToUpper(method)+" "+path] = o
		}
	}
	return all
}

// Routes and openapi.yaml are the same.
func TestRoutesAreThoseOfTheDescription(t *testing.T) {
	t.Parallel()
	described := readDescription(t).operations(t)
	served := intake.Routes()
	for route := range described {
		if !slices.Contains(served, route) {
			t.Errorf("%s is described, but not served", route)
		}
	}
	for _, route := range served {
		if _, ok := described[route]; !ok {
			t.Errorf("%s is served, but not described", route)
		}
	}
	if len(served) < 15 {
		t.Errorf("only %d routes: %v", len(served), served)
	}
}

func TestDocumentsNeedNoKey(t *testing.T) {
	a := setup(t)
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if r := a.do("GET", "/openapi.yaml", "", "Authorization", ""); r.status != http.StatusOK || r.raw != string(text) {
		t.Errorf("openapi.yaml: %d, %d bytes", r.status, len(r.raw))
	}
	asJSON := a.do("GET", "/openapi.json", "", "Authorization", "")
	var fromYAML any
	if err := yaml.Unmarshal(text, &fromYAML); err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(asJSON.json); err != nil || string(got) != string(want) {
		t.Errorf("openapi.json is another document: %v", err)
	}
	page := a.do("GET", "/docs", "", "Authorization", "")
	if policy := page.header.Get("Content-Security-Policy"); page.status != http.StatusOK || !strings.Contains(policy,
		"default-src 'none'") || strings.Contains(policy, "script") {
		t.Errorf("%d with policy %q", page.status, policy)
	}
	for route, o := range readDescription(t).operations(t) {
		method, path, _ := strings.Cut(route, " ")
		if !strings.Contains(page.raw, `id="`+o.ID+`"`) || !strings.Contains(page.raw, method+" "+path) {
			t.Errorf("the page has no %s", route)
		}
	}
	for _, foreign := range []string{"<script", "src=", `href="http`, `action=`, "@import", "url("} {
		if strings.Contains(page.raw, foreign) {
			t.Errorf("the page asks for something else: %s", foreign)
		}
	}
}

func TestUnchangedAnswersAreNotSentAgain(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	first := a.do("GET", "/v1/tasks", "")
	tag := first.header.Get("ETag")
	for _, header := range []string{tag, `"other", W/` + tag, "*"} {
		if r := a.do("GET", "/v1/tasks", "", "If-None-Match", header); r.status != http.StatusNotModified || r.raw != "" ||
			r.header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %d %q", header, r.status, r.raw)
		}
	}
	a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Hans Müller"}`)
	if r := a.do("GET", "/v1/tasks", "", "If-None-Match", tag); r.status != http.StatusOK || r.header.Get("ETag") == tag {
		t.Errorf("after a change: %d %s", r.status, r.header.Get("ETag"))
	}
	if r := a.do("GET", "/v1/tasks/nothing", "", "If-None-Match", "*"); r.status != http.StatusNotFound {
		t.Errorf("what is not there: %d", r.status)
	}
}

// lint is Redocly's, from npm.
func TestDescriptionIsClean(t *testing.T) {
	t.Parallel()
	program := npmProgram(t, "redocly", "@redocly/cli@2.7.0")
	lint := exec.CommandContext(t.Context(), program, "lint", "--format=stylish", "openapi.yaml")
	lint.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "CI=true")
	if out, err := lint.CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
		t.Errorf("%v\n%s", err, out)
	}
}

// npmProgram returns the path of a program of an npm package. Without npm or the network, the test
// is skipped.
func npmProgram(t *testing.T, name string, packages ...string) string {
	t.Helper()
	return filepath.Join(testservices.NPMInstall(t, packages...), "node_modules", ".bin", name)
}
