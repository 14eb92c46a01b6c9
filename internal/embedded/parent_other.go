//go:build !linux

package embedded

import "os/exec"

// dieWithParent does nothing: other systems cannot do it.
func dieWithParent(*exec.Cmd) {}
