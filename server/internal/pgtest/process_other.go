//go:build !linux

package pgtest

import (
	"os/exec"
	"syscall"
)

func endWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// startAndWait starts a process and closes ended at its end.
func startAndWait(cmd *exec.Cmd, ended chan<- struct{}) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait() // how it ends is in its log
		close(ended)
	}()
	return nil
}
