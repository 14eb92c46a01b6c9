//go:build !linux

package embedded

import "os/exec"

// dieWithParent does nothing here: other systems cannot tell a child that its parent was killed.
func dieWithParent(*exec.Cmd) {}
