//go:build !linux

package postgres

import "syscall"

// limitUnanswered does nothing: the system's own limit holds.
func limitUnanswered(string, string, syscall.RawConn) error { return nil }
