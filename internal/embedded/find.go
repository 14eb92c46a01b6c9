package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// service is a server program that the machine may have.
type service struct {
	name     string   // for messages
	programs []string // that must be in one folder
	folders  []string // patterns of the usual folders
	variable string   // environment variable with the address of another server
	packages map[string]string
	machine  machine
}

// machine is where programs and packages are searched; the zero value is this machine. Tests use an
// emptier one.
type machine struct {
	root   string // root of the file system
	status string // the file with the packages that apt-get assumes to be installed
	cache  string // where fetched programs are kept
}

var postgres = service{
	name: "PostgreSQL", programs: []string{"initdb", "postgres"}, variable: "DATABASE_URL",
	folders: []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/usr/local/pgsql/bin"},
	packages: map[string]string{"apt-get": "postgresql", "dnf": "postgresql-server", "yum": "postgresql-server",
		"zypper": "postgresql-server",
		"apk":    "postgresql", "pacman": "postgresql", "brew": "postgresql"},
}

var redisServer = service{
	name: "Redis", programs: []string{"redis-server"}, variable: "REDIS_URL",
	folders: []string{"/usr/bin", "/usr/sbin", "/opt/homebrew/bin", "/usr/local/bin"},
	packages: map[string]string{"apt-get": "redis-server", "dnf": "redis", "yum": "redis", "zypper": "redis",
		"apk": "redis", "pacman": "redis", "brew": "redis"},
}

// binaries is a folder of programs, with the folders of their libraries if they are not the
// system's.
type binaries struct {
	folder    string
	libraries []string
}

func (b binaries) command(ctx context.Context, o owner, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(b.folder, name), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	if len(b.libraries) > 0 {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+strings.Join(b.libraries, ":"))
	}
	o.runAs(cmd)
	return cmd
}

// find looks for the service on $PATH, in the usual folders, and among programs fetched before.
// Otherwise it fetches or installs it, if allowed.
func (s service) find(ctx context.Context, mayInstall bool, note func(string)) (binaries, error) {
	cache := s.cacheDir()
	if b, ok := s.lookAround(cache); ok {
		return b, nil
	}
	err := errNotInstalled
	if mayInstall {
		err = s.install(ctx, cache, note)
	}
	if b, ok := s.lookAround(cache); ok {
		return b, nil
	}
	return binaries{}, s.missing(err)
}

// lookAround finds a service that is installed or was fetched to the cache.
func (s service) lookAround(cache string) (binaries, bool) {
	if b, ok := s.look(); ok {
		return b, true
	}
	return s.lookBelow(cache)
}

// look finds an installed service.
func (s service) look() (binaries, bool) {
	folders := []string{}
	if path, err := exec.LookPath(s.programs[0]); err == nil && s.machine.root == "" {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	for _, pattern := range s.folders {
		folders = append(folders, newestFirst(filepath.Join(s.machine.root, pattern))...)
	}
	for _, folder := range folders {
		if s.standsIn(folder) {
			return binaries{folder: folder}, true
		}
	}
	return binaries{}, false
}

// lookBelow finds a service that was fetched to a folder of the user.
func (s service) lookBelow(root string) (binaries, bool) {
	if root == "" {
		return binaries{}, false
	}
	for _, pattern := range s.folders {
		for _, folder := range newestFirst(filepath.Join(root, pattern)) {
			if s.standsIn(folder) {
				libraries, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu*"))
				return binaries{folder: folder, libraries: libraries}, true
			}
		}
	}
	return binaries{}, false
}

func (s service) standsIn(folder string) bool {
	for _, program := range s.programs {
		if info, err := os.Stat(filepath.Join(folder, program)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// newestFirst expands a pattern, highest version first.
func newestFirst(pattern string) []string {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	sort.SliceStable(found, func(i, j int) bool { return versionIn(found[i]) > versionIn(found[j]) })
	return found
}

// versionIn returns the last number in a path.
func versionIn(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, err := strconv.Atoi(digits[len(digits)-1])
	if err != nil {
		return 0
	}
	return n
}

// cacheDir returns the user's folder for fetched programs, or an empty text.
func (s service) cacheDir() string {
	if s.machine.cache != "" {
		return s.machine.cache
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "taskport", s.packages["apt-get"])
}
