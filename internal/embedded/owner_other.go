//go:build !unix

package embedded

import (
	"errors"
	"os"
	"os/exec"
)

// owner is the user that a server runs as.
type owner struct{}

func serverOwner() (owner, error) {
	return owner{}, errors.New("an embedded Postgres is not available on this system; set DATABASE_URL")
}

func (owner) runAs(*exec.Cmd)       {}
func (owner) take(string) error     { return nil }
func (owner) reaches(string) bool   { return true }
func (owner) reachableTemp() string { return os.TempDir() }

func alive(int) bool { return true }

func lock(string) (func(), error) { return func() {}, nil }

var interrupt, quit = os.Interrupt, os.Kill
