package pgtest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// endWithTest has a process end with the test's, however that ends.
func endWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// startAndWait starts a process and closes ended at its end. The kernel takes the end of the thread that started it for the
// end of the test's process, so the thread stays.
func startAndWait(cmd *exec.Cmd, ended chan<- struct{}) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ends is in its log
			close(ended)
		}
	}()
	return <-started
}
