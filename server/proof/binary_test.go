package proof_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// builds has what this process has built, until its end.
var builds struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	if path := os.Getenv(carelessStore); path != "" {
		fmt.Fprintln(os.Stderr, serveCareless(path))
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(builds.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// binary builds the program, once, and gives its path.
func binary(t *testing.T) string {
	t.Helper()
	builds.once.Do(func() {
		if builds.dir, builds.err = os.MkdirTemp("", "cartwright-*"); builds.err != nil {
			return
		}
		build := exec.Command("go", "build", "-o", filepath.Join(builds.dir, "cartwright"), "../cmd/cartwright")
		if out, err := build.CombinedOutput(); err != nil {
			builds.err = fmt.Errorf("%w:\n%s", err, out)
		}
	})
	if builds.err != nil {
		t.Fatalf("build the binary: %v", builds.err)
	}
	return filepath.Join(builds.dir, "cartwright")
}

// process is the binary as it runs. It ends with the test, and with the test's process whatever becomes of that.
type process struct {
	url string

	t     *testing.T
	cmd   *exec.Cmd
	log   string        // file
	ended chan struct{} // closed once cmd is over
}

// start runs the binary on a free port and waits until it can serve. Orders are provisioned at once, so that they stay as they
// were answered.
func start(t *testing.T, store string, args ...string) *process {
	t.Helper()
	p := launch(t, store, args...)
	p.serves()
	return p
}

// serves waits until the process can serve.
func (p *process) serves() {
	p.t.Helper()
	p.wait("it serves", func() bool {
		url, err := os.ReadFile(filepath.Join(filepath.Dir(p.log), "url"))
		if err != nil {
			return false
		}
		p.url = strings.TrimSpace(string(url))
		return p.readiness() == http.StatusOK
	})
}

// launch runs the binary and does not wait.
func launch(t *testing.T, store string, args ...string) *process {
	t.Helper()
	return run(t, func(urlFile string) *exec.Cmd {
		return exec.Command(binary(t), append([]string{
			"--store", store, "--addr", "127.0.0.1:0", "--url-file", urlFile,
			"--log", "json", "--no-examples", "--provision-delay", "0s",
		}, args...)...)
	})
}

// run runs a command that writes its URL to a file.
func run(t *testing.T, command func(urlFile string) *exec.Cmd) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{t: t, cmd: command(filepath.Join(dir, "url")), log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the process has its own
	p.cmd.Dir, p.cmd.Env, p.cmd.SysProcAttr = dir, append(environment(), p.cmd.Env...), diesWithParent()
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.startAndWait(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the end of the log of process %d:\n%s", p.cmd.Process.Pid, p.tail())
		}
	})
	return p
}

// startAndWait starts the process and closes ended at its end. The system takes the end of the thread that started it for the
// end of its parent, so the thread stays.
func (p *process) startAndWait() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in its state
			close(p.ended)
		}
	}()
	return <-started
}

// environment is this process's own without the settings of the binary.
func environment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "CARTWRIGHT_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// readiness gives the status that /readyz answers, 0 if nobody does.
func (p *process) readiness() int {
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/readyz", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// wait polls until something is so, as long as the process runs.
func (p *process) wait(what string, so func() bool) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		if p.over() {
			p.t.Fatalf("the process ended with %v before it came about that %s", p.cmd.ProcessState, what)
		}
		return so()
	})
}

// over tells whether the process has ended.
func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// signal sends a signal; a process that is over has no use for it.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal %v: %v", s, err)
	}
}

// kill ends the process at once, as kill -9 does, and waits until it is over.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the process to end, and gives its exit code.
func (p *process) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.exit()
}

// exit waits until the process is over, and gives its exit code.
func (p *process) exit() int {
	p.t.Helper()
	eventually(p.t, "the process ends", p.over)
	return p.cmd.ProcessState.ExitCode()
}

// tail gives the last lines of the log, and before them those that tell of errors.
func (p *process) tail() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	const shown = 10
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	last := lines[max(0, len(lines)-shown):]
	var bad []string
	for _, line := range lines[:len(lines)-len(last)] {
		if strings.Contains(line, `"level":"ERROR"`) && len(bad) < shown {
			bad = append(bad, line)
		}
	}
	return strings.Join(append(bad, last...), "\n")
}

// The binary can be started, stopped and killed, and its store outlives it.
func TestProcess(t *testing.T) {
	t.Parallel()
	store := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	p := start(t, store)
	if code := p.stop(); code != 0 {
		t.Errorf("SIGTERM ends it with %d", code)
	}
	p = start(t, store)
	p.kill()
	if status := p.readiness(); status != 0 {
		t.Errorf("after kill -9 it answers %d", status)
	}
	if p = launch(t, "sqlite:/dev/null/x.db"); p.exit() != 1 || !strings.Contains(p.tail(), "open /dev/null/x.db") {
		t.Errorf("with a store that can't be it ends with %v:\n%s", p.cmd.ProcessState, p.tail())
	}
}
