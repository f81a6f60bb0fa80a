//go:build unix

package main

import "syscall"

// ownGroup puts a command into a group of processes of its own, with those that it leaves behind.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func endGroup(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }
