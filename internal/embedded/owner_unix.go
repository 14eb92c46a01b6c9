//go:build unix

package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that a server runs as: the current user, or for root an unprivileged user,
// since Postgres refuses to run as root.
type owner struct {
	other    bool
	uid, gid uint32
}

func serverOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return owner{other: true, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return owner{}, errors.New("Postgres does not run as root, and there is neither a user postgres nor nobody to " +
		"run it as; start taskport as an ordinary user, or set DATABASE_URL")
}

// runAs sets the owner of a command.
func (o owner) runAs(cmd *exec.Cmd) {
	if o.other {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: o.uid, Gid: o.gid}}
	}
}

// take makes the owner the only user with access to a directory.
func (o owner) take(dir string) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close %s to others: %w", dir, err)
	}
	if !o.other {
		return nil
	}
	if err := os.Chown(dir, int(o.uid), int(o.gid)); err != nil {
		return fmt.Errorf("hand %s to the database's user: %w", dir, err)
	}
	return nil
}

// reaches reports whether the owner can access dir through all directories above it.
func (o owner) reaches(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		if st, ok := info.Sys().(*syscall.Stat_t); o.other && ok {
			mine := st.Uid == o.uid && info.Mode()&0o100 != 0 || st.Gid == o.gid && info.Mode()&0o010 != 0
			if !mine && info.Mode()&0o001 == 0 {
				return false
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}

func (o owner) reachableTemp() string {
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if o.reaches(dir) {
			return dir
		}
	}
	return os.TempDir()
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// lock prevents other processes from starting a server in the same directory at the same time.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

var (
	interrupt os.Signal = syscall.SIGINT
	quit      os.Signal = syscall.SIGQUIT
)
