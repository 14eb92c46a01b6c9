package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	database   = "taskport"
	superuser  = "taskport"
	socketName = ".s.PGSQL.5432"
	// maxSocketPath is the longest path in sun_path on every system, its final zero included.
	maxSocketPath = 103
)

// PostgresOptions configure a private Postgres.
type PostgresOptions struct {
	// Dir has the data; it is made if it does not exist. If empty, a temporary one is used, which Stop
	// removes.
	Dir string
	// Durable keeps the data through a power failure; without it writes are faster.
	Durable bool
	// Settings are further settings of the server.
	Settings map[string]string
	// Install allows the installation of Postgres with the machine's package manager, with a note.
	Install bool
	// Note gets a line for each event that a person should know about. May be nil.
	Note func(string)
}

// Postgres is a private server. It can be reached only through a socket in a directory that is
// closed to other users.
type Postgres struct {
	url       string
	binaries  binaries
	owner     owner
	process   *process // nil if another process runs the server
	temporary string
	socketDir string // to be removed; only if it is not the directory of the data
}

// URL returns the address of the database.
func (p *Postgres) URL() string { return p.url }

// StartPostgres runs a server on the directory, or uses the one that another taskport already runs
// on it.
func StartPostgres(ctx context.Context, o PostgresOptions) (_ *Postgres, err error) {
	if o.Note == nil {
		o.Note = func(string) {}
	}
	who, err := serverOwner()
	if err != nil {
		return nil, err
	}
	b, err := postgres.find(ctx, o.Install, o.Note)
	if err != nil {
		return nil, err
	}
	p := &Postgres{binaries: b, owner: who}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Stop())
		}
	}()
	if o.Dir == "" {
		if o.Dir, err = tempDir(who); err != nil {
			return nil, err
		}
		p.temporary = o.Dir
	} else if err = prepareDir(o.Dir, who); err != nil {
		return nil, err
	}
	unlock, err := lock(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if socket, running := p.running(ctx, o.Dir); running {
		p.url = address(socket)
		return p, nil
	}
	return p, p.start(ctx, b, who, o)
}

func prepareDir(dir string, who owner) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the directory of the database: %w", err)
	}
	if !who.reaches(filepath.Dir(dir)) {
		return fmt.Errorf("the user that Postgres runs as cannot reach %s; choose another directory with --data-dir, or "+
			"set DATABASE_URL", dir)
	}
	return who.take(dir)
}

// running finds the socket of a server that already runs on the directory.
func (p *Postgres) running(ctx context.Context, dir string) (socketDir string, ok bool) {
	const socketLine = 4
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return "", false
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) <= socketLine {
		return "", false
	}
	return lines[socketLine], dial(ctx, filepath.Join(lines[socketLine], socketName)) == nil
}

func (p *Postgres) start(ctx context.Context, b binaries, who owner, o PostgresOptions) error {
	data, log := filepath.Join(o.Dir, "data"), filepath.Join(o.Dir, "postgres.log")
	if err := initialize(ctx, b, who, o.Dir, data); err != nil {
		return err
	}
	if err := dropStalePid(data); err != nil {
		return err
	}
	socket, err := p.chooseSocket(o.Dir, who)
	if err != nil {
		return err
	}
	if p.process, err = start(b, who, log, "postgres", o.arguments(data, socket)...); err != nil {
		return err
	}
	p.url = address(socket)
	if err := p.process.await(ctx, log, func(ctx context.Context) error { return ready(ctx, socket) }); err != nil {
		return err
	}
	return createDatabase(ctx, socket)
}

func (o PostgresOptions) arguments(data, socket string) []string {
	settings := map[string]string{"listen_addresses": "", "unix_socket_directories": socket, "timezone": "UTC",
		"log_timezone": "UTC"}
	if !o.Durable {
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	for name, value := range o.Settings {
		settings[name] = value
	}
	args := []string{"-D", data}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// initialize makes a new cluster in a temporary place and moves it to its place as a whole, so that
// an incomplete one is never used.
func initialize(ctx context.Context, b binaries, who owner, dir, data string) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the data of Postgres: %w", err)
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	cmd := b.command(ctx, who, "initdb", "-D", fresh, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C",
		"--no-sync")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make a Postgres cluster: %w: %s\nIf this user has no entry in the system's list of users, "+
			"Postgres cannot run as it: use an ordinary account, set DATABASE_URL, or run `docker compose up`",
			err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("put the Postgres cluster in place: %w", err)
	}
	return nil
}

// dropStalePid removes the pid file of a server that was killed: another program may have its pid
// by now, and Postgres would not start. The caller has checked that no server answers on the
// socket, and has locked the directory.
func dropStalePid(data string) error {
	file := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if pid, err := strconv.Atoi(first); err == nil && alive(pid) && isPostgres(pid) {
		return nil // ending or starting: Postgres reports that itself
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("remove a stale pid file: %w", err)
	}
	return nil
}

// isPostgres reports whether a process may be a Postgres. It is true if the system does not show
// it.
func isPostgres(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err != nil || strings.HasPrefix(string(name), "postgres")
}

// chooseSocket places the socket beside the data, or in a short directory if that path is too long.
func (p *Postgres) chooseSocket(dir string, who owner) (string, error) {
	if len(filepath.Join(dir, socketName)) <= maxSocketPath {
		return dir, nil
	}
	short, err := tempDir(who)
	p.socketDir = short
	return short, err
}

func address(socketDir string) string { return addressOf(database, socketDir) }

func addressOf(database, socketDir string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database,
		RawQuery: url.Values{"host": {socketDir}}.Encode()}
	return u.String()
}

func ready(ctx context.Context, socketDir string) error {
	c, err := pgx.Connect(ctx, addressOf("postgres", socketDir))
	if err != nil {
		return err
	}
	return c.Close(ctx)
}

func createDatabase(ctx context.Context, socketDir string) error {
	c, err := pgx.Connect(ctx, addressOf("postgres", socketDir))
	if err != nil {
		return fmt.Errorf("connect to the new Postgres: %w", err)
	}
	defer c.Close(ctx)
	var there bool
	if err := c.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`,
		database).Scan(&there); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := c.Exec(ctx, `CREATE DATABASE `+database); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// Command returns a command that runs a program of the server's version, such as pg_basebackup, as
// the server's user.
func (p *Postgres) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return p.binaries.command(ctx, p.owner, program, args...)
}

// BaseBackup copies the data of the running server, with pg_basebackup, to a directory on which
// StartPostgres can run another server. The directory is made if it does not exist. More arguments
// of pg_basebackup may follow.
func (p *Postgres) BaseBackup(ctx context.Context, dir string, args ...string) error {
	if err := prepareDir(dir, p.owner); err != nil {
		return err
	}
	cmd := p.Command(ctx, "pg_basebackup", append([]string{"-d", p.url, "-D", filepath.Join(dir, "data"),
		"--checkpoint=fast", "--wal-method=stream", "--no-sync"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("copy the data of Postgres: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Crash ends the server at once, without a clean shutdown, and keeps its data.
func (p *Postgres) Crash() error { return p.process.stop(quit) }

// Stop ends the server if this process runs it, and removes temporary directories.
func (p *Postgres) Stop() error {
	var errs []error
	if p.process != nil {
		errs = append(errs, p.process.stop(interrupt, quit))
		p.process = nil
	}
	for _, dir := range []string{p.temporary, p.socketDir} {
		if dir != "" {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	return errors.Join(errs...)
}

// DefaultDir returns the directory of a permanent database: in the user's data directory (XDG Base
// Directory Specification), or for root in /var/lib, which the user of Postgres can access.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/taskport", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "taskport"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home directory; choose one with --data-dir: %w", err)
	}
	return filepath.Join(home, ".local", "share", "taskport"), nil
}
