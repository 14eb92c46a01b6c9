package embedded

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// installTimeout bounds how long a package manager may take.
const installTimeout = 10 * time.Minute

// managers are the package managers that can install a service, with the arguments before the
// package's name.
var managers = []struct {
	program string
	args    []string
	root    bool // needs root
}{
	{"apt-get", []string{"install", "-y", "--no-install-recommends"}, true},
	{"dnf", []string{"install", "-y"}, true},
	{"yum", []string{"install", "-y"}, true},
	{"zypper", []string{"--non-interactive", "install"}, true},
	{"apk", []string{"add"}, true},
	{"pacman", []string{"-S", "--noconfirm", "--needed"}, true},
	{"brew", []string{"install"}, false},
}

var (
	errNoManager    = errors.New("no package manager that this user may use was found")
	errNotInstalled = errors.New("it is not installed")
)

// install fetches the service with the machine's package manager: to the system as root, otherwise
// to a folder of the user.
func (s service) install(ctx context.Context, cache string, note func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	root := os.Geteuid() == 0
	for _, m := range managers {
		if _, err := exec.LookPath(m.program); err != nil {
			continue
		}
		switch {
		case m.root && !root && m.program == "apt-get" && cache != "":
			note(fmt.Sprintf("%s is not installed: fetching it with apt-get into %s (nothing in the system is changed)",
				s.name, cache))
			return s.fetchWithApt(ctx, cache)
		case m.root == root:
			note(fmt.Sprintf("%s is not installed: installing it with %s", s.name, m.program))
			return s.installWith(ctx, m.program, m.args)
		}
	}
	return errNoManager
}

func (s service) installWith(ctx context.Context, program string, args []string) error {
	if program == "apt-get" {
		if err := run(ctx, "", program, "update"); err != nil {
			return err
		}
		if err := withoutDefaultCluster(); err != nil {
			return err
		}
	}
	return run(ctx, "", program, append(args[:len(args):len(args)], s.packages[program])...)
}

// withoutDefaultCluster keeps Debian's package from making and starting its own cluster.
func withoutDefaultCluster() error {
	const config = "/etc/postgresql-common/createcluster.conf"
	if _, err := os.Stat(config); err == nil {
		return nil // already configured
	}
	if err := os.MkdirAll(filepath.Dir(config), 0o755); err != nil {
		return fmt.Errorf("prepare the installation: %w", err)
	}
	if err := os.WriteFile(config, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return fmt.Errorf("prepare the installation: %w", err)
	}
	return nil
}

// fetchWithApt downloads the packages of an installation and unpacks them below root, without root
// permissions.
func (s service) fetchWithApt(ctx context.Context, root string) error {
	work := filepath.Join(root, "apt")
	for _, dir := range []string{"state/lists/partial", "cache/archives/partial", "packages"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			return fmt.Errorf("prepare %s: %w", work, err)
		}
	}
	private := []string{"-o", "Dir::State=" + filepath.Join(work, "state"), "-o", "Dir::State::status=" +
		cmp.Or(s.machine.status, "/var/lib/dpkg/status"), "-o", "Dir::Cache=" + filepath.Join(work, "cache"),
		"-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="}
	if err := run(ctx, work, "apt-get", append(private, "update")...); err != nil {
		return err
	}
	plan, err := output(ctx, work, "apt-get", append(private, "-s", "--no-install-recommends", "install",
		s.packages["apt-get"])...)
	if err != nil {
		return err
	}
	packages := filepath.Join(work, "packages")
	if err := run(ctx, packages, "apt-get", append(append(private, "download"), toInstall(plan)...)...); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(packages, "*.deb"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("apt-get fetched nothing: %w", err)
	}
	for _, file := range files {
		if err := run(ctx, work, "dpkg", "-x", file, root); err != nil {
			return err
		}
	}
	return os.RemoveAll(work)
}

// toInstall parses the names of the packages from a simulated installation, with lines such as
// "Inst libpq5 (15.3 Debian)".
func toInstall(plan string) []string {
	var names []string
	for line := range strings.Lines(plan) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "Inst" {
			names = append(names, words[1])
		}
	}
	return names
}

func run(ctx context.Context, dir, program string, args ...string) error {
	_, err := output(ctx, dir, program, args...)
	return err
}

func output(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "HOMEBREW_NO_AUTO_UPDATE=1")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return string(out), nil
}

// missing returns an error that lists the ways to get a missing service.
func (s service) missing(cause error) error {
	command := "install " + s.name + " with the system's package manager"
	for _, m := range managers {
		if _, err := exec.LookPath(m.program); err == nil {
			command = strings.Join(append(append([]string{m.program}, m.args...), s.packages[m.program]), " ")
			break
		}
	}
	switch {
	case s.variable == "":
		return fmt.Errorf("%s is needed and could not be had: %w\nInstall it (%s)", s.name, cause, command)
	case errors.Is(cause, errNotInstalled):
		return fmt.Errorf("%s is needed, and no server installs it without being asked\nFour ways out: install it (%s), "+
			"add --install, which does so, set %s to a server, or run `docker compose up`",
			s.name, command, s.variable)
	}
	return fmt.Errorf("%s is needed and could not be had: %w\nThree ways out: install it (%s), set %s to a server, "+
		"or run `docker compose up`", s.name, cause, command, s.variable)
}
