package intake_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taskport/internal/embedded/testservices"
)

// A TypeScript client generated from openapi.yaml compiles and works with the server.
func TestGeneratedClient(t *testing.T) {
	installed := testservices.NPMInstall(t, "openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3",
		"@types/node@20")
	a := setup(t)
	a.load("contacts", people)
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	client, err := os.ReadFile("testdata/client.ts")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "client.ts"), client, 0o600); err != nil {
		t.Fatal(err)
	}
	description, err := filepath.Abs("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	node := func(args ...string) string {
		t.Helper()
		args[0] = filepath.Join("node_modules", args[0])
		cmd := exec.CommandContext(t.Context(), "node", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	node("openapi-typescript/bin/cli.js", description, "--default-non-nullable", "false", "-o", "api.d.ts")
	node("typescript/bin/tsc", "--strict", "--target", "es2022", "--module", "commonjs", "--moduleResolution", "node10",
		"--esModuleInterop", "--skipLibCheck", "client.ts")
	if out := node("../client.js", a.server.URL, a.key); !strings.Contains(out, "works") {
		t.Error(out)
	}
}
