//go:build !linux

package proof_test

import "syscall"

// diesWithParent does nothing here: only Linux ends a process with its parent.
func diesWithParent() *syscall.SysProcAttr { return nil }
