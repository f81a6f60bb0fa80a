//go:build unix

package pgtest

import (
	"os"
	"syscall"
)

// asUser has a process run as another user.
func asUser(attributes *syscall.SysProcAttr, uid, gid uint32) {
	attributes.Credential = &syscall.Credential{Uid: uid, Gid: gid}
}

// giveToUser gives a folder to the other user that a process runs as, if it does.
func giveToUser(attributes *syscall.SysProcAttr, dir string) error {
	if attributes.Credential == nil {
		return nil
	}
	return os.Chown(dir, int(attributes.Credential.Uid), int(attributes.Credential.Gid))
}
