package embedded

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel interrupt the server when the thread that started it ends.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	cmd.SysProcAttr.Setpgid = true // this process handles a Ctrl-C in the terminal
}
