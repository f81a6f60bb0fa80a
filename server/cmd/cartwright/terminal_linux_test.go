package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// terminal gives both ends of a new terminal: a person's, and the program's.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	var number, unlocked int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(value))); code != 0 {
			t.Fatal(code)
		}
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

// screen is what a terminal was sent.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Only on a terminal, and only where nobody says otherwise, a status has the colour of its kind.
func TestLog_Terminal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environment string
		args        []string
		good, bad   string // the statuses of two requests
	}{
		"by itself":     {"NO_COLOR=", nil, "  \x1b[32m200\x1b[0m  GET    /readyz", "  \x1b[33m401\x1b[0m  GET    /v1/products"},
		"with NO_COLOR": {"NO_COLOR=1", nil, "  200  GET    /readyz", "  401  GET    /v1/products"},
		"as text":       {"NO_COLOR=", []string{"--log", "text"}, "  200  GET    /readyz", "  401  GET    /v1/products"},
		"as JSON":       {"NO_COLOR=", []string{"--log", "json"}, `"msg":"GET /readyz","status":200`, `"msg":"GET /v1/products","status":401`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, program := terminal(t)
			p := &process{t: t, stdout: filepath.Join(t.TempDir(), "stdout"), stderr: os.DevNull}
			p.cmd = exec.Command(binary, append(tc.args, "--store", "memory", "--addr", "127.0.0.1:0", "--url-file", filepath.Join(filepath.Dir(p.stdout), "url"))...)
			p.cmd.Env = append(os.Environ(), tc.environment)
			p.cmd.Stderr = program
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
			var seen screen
			go func() { _, _ = io.Copy(&seen, person) }() // until the terminal is closed
			p.serves()
			p.get("/readyz")
			p.get("/v1/products")
			p.eventually(func() bool { return strings.Count(seen.String(), "\n") >= 2 })
			if got := seen.String(); !strings.Contains(got, tc.good) || !strings.Contains(got, tc.bad) {
				t.Errorf("the terminal shows %q, want %q and %q", got, tc.good, tc.bad)
			}
		})
	}
}
