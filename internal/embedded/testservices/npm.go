package testservices

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const npmTime = 3 * time.Minute

// NPMInstall installs packages to a folder of the user's cache and returns the folder. If npm is
// missing or cannot fetch them, the test is skipped.
func NPMInstall(t *testing.T, packages ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("packages of npm are left out of short runs")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("without a folder for packages of npm: ", err)
	}
	sum := sha256.Sum256([]byte(strings.Join(packages, " ")))
	dir := filepath.Join(cache, "taskport-npm", hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return dir
	}
	// Another process may install them at the same time: each installs for itself, and the first
	// result is kept.
	fresh := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), npmTime)
	defer cancel()
	install := exec.CommandContext(ctx, npm, append([]string{"install", "--prefix", fresh, "--no-audit", "--no-fund",
		"--ignore-scripts", "--loglevel=error"}, packages...)...)
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install %v: %v\n%s", packages, err, out)
	}
	if err := os.WriteFile(filepath.Join(fresh, "done"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return fresh
	}
	return dir
}
