package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const diskSize = "1500m"

// mountSmall puts the directory on a small disk of its own, where this user may.
func (t *torture) mountSmall(dir string) error {
	if t.million > 0 {
		return errors.New("the one large import needs room")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+diskSize); err != nil {
		return err
	}
	t.disk = dir
	t.onClose(func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) })
	return nil
}

// fillDisk takes all room that is left, until the file is removed.
func (t *torture) fillDisk() (free func() error, err error) {
	name := filepath.Join(t.disk, "ballast")
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	block := make([]byte, 1<<20)
	for len(block) > 0 {
		if _, err = f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return func() error { return errors.Join(f.Close(), os.Remove(name)) }, nil
}

// dieWithParent has the kernel kill the process when the thread that started it ends; a Ctrl-C in
// the terminal is ours to handle.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
