//go:build !unix

package pgtest

import "syscall"

// asUser is for the user root, whom only Unix has.
func asUser(*syscall.SysProcAttr, uint32, uint32) {}

func giveToUser(*syscall.SysProcAttr, string) error { return nil }
