package proof_test

import "syscall"

// diesWithParent has the system kill a process when its parent ends, however that ends.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
