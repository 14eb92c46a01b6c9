package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// childDir makes the test binary run a Postgres on that directory until it is killed.
const childDir = "TASKPORT_TEST_POSTGRES"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if _, err := StartPostgres(context.Background(), PostgresOptions{Dir: dir, Install: true}); err != nil {
			os.Exit(1)
		}
		select {}
	}
	os.Exit(m.Run())
}

func startPostgres(t *testing.T, o PostgresOptions) *Postgres {
	t.Helper()
	o.Install, o.Note = true, func(text string) { t.Log(text) }
	p, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// reachable makes a directory that the user of Postgres can access.
func reachable(t *testing.T) string {
	t.Helper()
	who, err := serverOwner()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := tempDir(who)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func ask(t *testing.T, url, sql string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	var answer string
	if err := c.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestPostgresIsPrivateAndLeavesNothing(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, PostgresOptions{Settings: map[string]string{"max_connections": "37"}})
	if got := ask(t, p.URL(), `SELECT current_setting('max_connections') || current_setting('listen_addresses') ||
		current_setting('fsync')`); got != "37off" {
		t.Errorf("settings are %s", got)
	}
	info, err := os.Stat(p.temporary)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.temporary); !os.IsNotExist(err) {
		t.Errorf("the temporary directory is still there: %v", err)
	}
}

func TestPostgresKeepsItsDataAndIsShared(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachable(t), "data")
	first := startPostgres(t, PostgresOptions{Dir: dir})
	c, err := pgx.Connect(t.Context(), first.URL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), `CREATE TABLE t AS SELECT 'kept'::text AS v`); err != nil {
		t.Fatal(err)
	}
	_ = c.Close(t.Context())
	second := startPostgres(t, PostgresOptions{Dir: dir})
	if second.process != nil {
		t.Error("a second server was started on the same data")
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, first.URL(), `SELECT v FROM t`); got != "kept" {
		t.Errorf("after the second left: %s", got)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, startPostgres(t, PostgresOptions{Dir: dir}).URL(), `SELECT v FROM t`); got != "kept" {
		t.Errorf("after a restart: %s", got)
	}
}

// The server of a killed process ends with it, and the next process starts on its data.
func TestPostgresAfterAKill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachable(t), "data")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childDir+"="+dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, socketName)
	until(t, "the child's server answers", func() bool { return dial(t.Context(), socket) == nil })
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	until(t, "the child's server ends", func() bool { return dial(t.Context(), socket) != nil })
	// A server that was killed starts again on its data.
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte("1\n"+dir+"\n1\n5432\n"+dir+"\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, startPostgres(t, PostgresOptions{Dir: dir}).URL(), `SELECT current_database()`); got != "taskport" {
		t.Error(got)
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 6000 {
		if is() {
			return
		}
		<-ticker.C
	}
	t.Fatalf("not within a minute: %s", what)
}

func TestLongDirectory(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, PostgresOptions{Dir: filepath.Join(reachable(t), strings.Repeat("long/", 30), "data")})
	if got := ask(t, p.URL(), `SELECT current_database()`); got != "taskport" {
		t.Error(got)
	}
}

func TestStaleTemporaryDirectoriesGo(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	const nobodysPid = "999999999"
	for _, name := range []string{tempPrefix + nobodysPid + "-1", tempPrefix + "1-1", "other-" + nobodysPid + "-1"} {
		if err := os.Mkdir(filepath.Join(base, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeStale(base)
	left, err := filepath.Glob(filepath.Join(base, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestRedisInProcess(t *testing.T) {
	t.Parallel()
	r, err := StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close()
	if err := client.Set(t.Context(), "k", "v", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "the key expires", func() bool { return client.Exists(t.Context(), "k").Val() == 0 })
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

func TestRedisServer(t *testing.T) {
	t.Parallel()
	s, err := StartRedisServer(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	o, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	if got, err := client.ConfigGet(t.Context(), "maxmemory-policy").Result(); err != nil ||
		got["maxmemory-policy"] != "noeviction" {
		t.Error(got, err)
	}
	_ = client.Close()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
}

// Postgres is installed only if that is requested. A package manager that logs its calls replaces
// the machine's, and an empty root and cache replace its folders.
func TestInstalledOnlyWhenAsked(t *testing.T) {
	root, tools, calls := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "calls")
	bin := filepath.Join(root, "usr/lib/postgresql/17/bin")
	script := "#!/bin/sh\necho \"$0 $*\" >>" + calls + "\n/bin/mkdir -p " + bin + " && cd " + bin +
		" && : >initdb && : >postgres\n"
	for _, manager := range []string{"dnf", "brew"} { // root's, and everybody's
		if err := os.WriteFile(filepath.Join(tools, manager), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", tools)
	s := postgres
	s.machine = machine{root: root, cache: t.TempDir()}
	var noted []string
	note := func(text string) { noted = append(noted, text) }

	_, err := s.find(t.Context(), false, note)
	for _, says := range []string{"PostgreSQL is needed", "install it (dnf install -y postgresql-server)", "--install",
		"DATABASE_URL", "docker compose up"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
	if called, err := os.ReadFile(calls); err == nil || len(noted) > 0 {
		t.Errorf("without being asked the package manager was called: %s%q", called, noted)
	}
	b, err := s.find(t.Context(), true, note)
	if err != nil || b.folder != bin {
		t.Errorf("got %q (%v), want %q", b.folder, err, bin)
	}
	if called, err := os.ReadFile(calls); err != nil || !strings.Contains(string(called), "install") {
		t.Errorf("got the calls %q (%v), want an installation", called, err)
	}
	if len(noted) != 1 || !strings.HasPrefix(noted[0], "PostgreSQL is not installed: installing it with ") {
		t.Errorf("got the notes %q, want one that tells of the installation", noted)
	}
}

func TestNoBinariesNameThreeWaysOut(t *testing.T) {
	t.Parallel()
	err := postgres.missing(errNoManager)
	for _, says := range []string{"PostgreSQL is needed", "install it (", "DATABASE_URL", "docker compose up"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
}
