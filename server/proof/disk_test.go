//go:build linux

package proof_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// insideVariable says that this process has mounts of its own.
const insideVariable = "PROOF_INSIDE"

// onOwnDisk runs a proof in a process with mounts of its own: when that ends, however it ends, the system takes them down, and
// with them the loop devices. It needs root.
func onOwnDisk(t *testing.T, proof func(t *testing.T)) {
	t.Helper()
	if os.Getenv(insideVariable) != "" {
		proof(t)
		return
	}
	if os.Geteuid() != 0 {
		lacking.Skip(t, "this proof mounts a file system, which needs root")
	}
	for _, tool := range []string{"mkfs.ext4", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			lacking.Skip(t, "this proof makes a file system: %v", err)
		}
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		lacking.Skip(t, "this proof needs a loop device: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inside := exec.Command(self, "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "0")
	inside.Env = append(os.Environ(), insideVariable+"=1", "TMPDIR="+t.TempDir()) // which is removed even if it can't do so itself
	inside.SysProcAttr = diesWithParent()
	inside.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	runtime.LockOSThread() // the system takes the end of the thread that starts a process for the end of its parent
	defer runtime.UnlockOSThread()
	out, err := inside.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		lacking.Skip(t, "this proof needs mounts of its own: %v", err)
	}
	t.Logf("%s", out)
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("the proof has not passed: %v", err)
	}
}

// disk is a file system of a test's own, made of a file.
type disk struct {
	t     *testing.T
	image string
	dir   string // where it is mounted
}

// diskSize is room for the writes of half an hour. What is not written takes none.
const diskSize = 2 << 30

// newDisk makes a file system and mounts it.
func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	if err := errors.Join(os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, diskSize)); err != nil {
		t.Fatal(err)
	}
	d.run("mkfs.ext4", "-q", "-F", "-m", "0", d.image)
	d.mount()
	t.Cleanup(func() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) })
	return d
}

// mount mounts the file system, which replays its journal.
func (d *disk) mount() {
	d.t.Helper()
	d.run("mount", "-t", "ext4", "-o", "loop", d.image, d.dir)
}

func (d *disk) run(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// cut takes the disk's power: nothing that it was not made to keep is kept, and nothing can be written any more.
func (d *disk) cut() {
	d.t.Helper()
	const (
		ext4Shutdown = 0x8004587d // EXT4_IOC_SHUTDOWN
		noLogFlush   = 2          // EXT4_GOING_FLAGS_NOLOGFLUSH
	)
	root, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer root.Close()
	how := uint32(noLogFlush)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, root.Fd(), ext4Shutdown, uintptr(unsafe.Pointer(&how))); errno != 0 {
		d.t.Fatalf("shut the file system down: %v", errno)
	}
}

// restore mounts the file system again after a cut, when nobody uses it any more.
func (d *disk) restore() {
	d.t.Helper()
	if err := syscall.Unmount(d.dir, 0); err != nil {
		d.t.Fatalf("unmount after the cut: %v", err)
	}
	d.mount()
}
