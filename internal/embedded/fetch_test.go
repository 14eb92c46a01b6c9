package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An ordinary user on a Debian machine without Postgres can fetch it without a change to the
// system. The test hides the machine's Postgres: with an empty root for programs, and a list of
// installed packages without those of Postgres and what depends on them.
func TestFetchWithoutRoot(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fetches some 30 MB of packages")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		t.Skip("no apt-get on this machine")
	}
	s := postgres
	s.machine = machine{root: t.TempDir(), status: statusWithout(t,
		regexp.MustCompile(`(?m)^(Package: postgresql|(Pre-)?Depends:.*postgresql)`)),
		cache: filepath.Join(reachable(t), "cache")}
	err := s.fetchWithApt(t.Context(), s.machine.cache)
	if err != nil && regexp.MustCompile(
		`(?i)could not (resolve|connect)|temporary failure|(unable|failed) to fetch|timed out|unable to locate|`+
			`no installation candidate`).MatchString(err.Error()) {
		t.Skipf("the packages cannot be reached: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, ok := s.lookBelow(s.machine.cache)
	if !ok || !strings.HasPrefix(b.folder, s.machine.cache) {
		t.Fatalf("found %+v", b)
	}
	who, err := serverOwner()
	if err != nil {
		t.Fatal(err)
	}
	// Only the root of the cache is closed; the server's user may read the folders below it.
	if err := os.Chmod(filepath.Dir(s.machine.cache), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(reachable(t), "data")
	if err := prepareDir(dir, who); err != nil {
		t.Fatal(err)
	}
	p := &Postgres{}
	t.Cleanup(func() { _ = p.Stop() })
	if err := p.start(t.Context(), b, who, PostgresOptions{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, p.URL(), `SELECT current_database()`); got != database {
		t.Error(got)
	}
}

// statusWithout copies the list of installed packages without those that match.
func statusWithout(t *testing.T, packages *regexp.Regexp) string {
	t.Helper()
	all, err := os.ReadFile("/var/lib/dpkg/status")
	if err != nil {
		t.Skip("no list of installed packages on this machine")
	}
	var kept []string
	for _, stanza := range strings.Split(string(all), "\n\n") {
		if !packages.MatchString(stanza) {
			kept = append(kept, stanza)
		}
	}
	file := filepath.Join(t.TempDir(), "status")
	if err := os.WriteFile(file, []byte(strings.Join(kept, "\n\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
