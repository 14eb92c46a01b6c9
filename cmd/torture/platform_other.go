//go:build !linux

package main

import (
	"errors"
	"os/exec"
)

var errNoDisk = errors.New("only Linux has a small disk to mount")

func (t *torture) mountSmall(string) error         { return errNoDisk }
func (t *torture) fillDisk() (func() error, error) { return nil, errNoDisk }

func dieWithParent(*exec.Cmd) {}
