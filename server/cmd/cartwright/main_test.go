package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "cartwright-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "cartwright")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// process is a stub that runs as a process of its own.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	url            string
	stdout, stderr string // files, which can be read while the stub runs
}

// start runs the stub in a folder of its own, on a free port, and waits until it serves.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	output := t.TempDir()
	p := &process{t: t, stdout: filepath.Join(output, "stdout"), stderr: filepath.Join(output, "stderr")}
	urlFile := filepath.Join(output, "url")
	p.cmd = exec.Command(binary, append([]string{"--url-file", urlFile}, args...)...)
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "CARTWRIGHT_ADDR=127.0.0.1:0")
	p.cmd.Stdout, p.cmd.Stderr = create(t, p.stdout), create(t, p.stderr)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	deadline := time.Now().Add(time.Minute)
	for range time.Tick(5 * time.Millisecond) {
		if url, err := os.ReadFile(urlFile); err == nil {
			p.url = strings.TrimSpace(string(url))
			return p
		}
		if time.Now().After(deadline) {
			t.Fatalf("the stub does not serve:\n%s", read(t, p.stderr))
		}
	}
	return p
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// end sends a signal and gives the exit code.
func (p *process) end(signal os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) send(method, path, body string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func example(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join("..", "..", "..", "api", "examples", name))
}

// The requests of the update and checkout pages can be sent as printed, with their own ids; and no restart, gentle or not,
// loses anything.
func TestDocumentsAndRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const carts = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts"
	const update, checkout = carts + "/65faf57b-0205-47ee-92b3-08dcf233ea73", carts + "/b4c8fdea-cbe4-4d17-9576-13fcacbf9605/checkout"

	p := start(t, dir, "--provision-delay", "1h")
	if status, body := p.send("PUT", update+"/", example(t, "updateCart.request.jsonc")); status != 201 || !strings.Contains(body, `"quantity":2`) {
		t.Errorf("the update page's request: %d\n%s", status, body)
	}
	status, first := p.send("POST", checkout, "")
	if status != 201 || strings.Count(first, `"referenceCustomerId"`) != 3 {
		t.Errorf("the checkout page's request: %d\n%s", status, first)
	}
	_, orders := p.send("GET", "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/orders", "")
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM ends it with %d:\n%s", code, read(t, p.stderr))
	}

	p = start(t, dir, "--provision-delay", "1h")
	if _, body := p.send("GET", update, ""); !strings.Contains(body, `"quantity":2`) {
		t.Errorf("after a restart the cart is\n%s", body)
	}
	if _, again := p.send("POST", checkout, ""); again != first {
		t.Errorf("after a restart the checkout answers other bytes:\n%s\n%s", first, again)
	}
	_, created := p.send("POST", carts, example(t, "createCart.six-lines.request.jsonc"))
	p.end(syscall.SIGKILL)

	p = start(t, dir)
	var cart struct{ ID string }
	if err := json.Unmarshal([]byte(created), &cart); err != nil {
		t.Fatal(err)
	}
	if _, body := p.send("GET", carts+"/"+cart.ID, ""); body != created {
		t.Errorf("after a kill the cart is\n%s\nwant\n%s", body, created)
	}
	if _, body := p.send("GET", "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/orders", ""); body != orders {
		t.Errorf("after a kill the orders are\n%s\nwant\n%s", body, orders)
	}
}

// The banner's curl line works as it is.
func TestBanner(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	_, command, _ := strings.Cut(read(t, p.stdout), "Create a cart:\n\n")
	command, _, _ = strings.Cut(command, "\n\n")
	out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.TrimSpace(command)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "201 Created") {
		t.Errorf("%s\n%v\n%s", command, err, out)
	}
}

// A request that is under way when the stub is told to stop is finished.
func TestDrain(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	body, feed := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	done := make(chan error)
	go func() {
		response, err := http.DefaultClient.Do(r)
		if err == nil && response.StatusCode != http.StatusCreated {
			err = errors.New(response.Status)
		}
		done <- err
	}()
	cart := example(t, "createCart.new-commerce.request.json")
	if _, err := io.WriteString(feed, cart[:10]); err != nil {
		t.Fatal(err)
	}
	if status, _ := p.send("GET", "/livez", ""); status != 200 { // by now the other request has been taken up
		t.Errorf("/livez answers %d", status)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(feed, cart[10:]); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if err := <-done; err != nil {
		t.Errorf("the request under way: %v", err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the stub ended with %v\n%s", err, read(t, p.stderr))
	}
}

// Each wrong setting is refused with a word on what is right.
func TestRun_Refuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":        {[]string{"--nope"}, "unknown flag --nope"},
		"an unknown word":        {[]string{"--auth", "maybe"}, `--auth must be one of "any","off" but got "maybe"`},
		"no store":               {[]string{"--store", "oracle"}, `--store "oracle" is neither sqlite:PATH nor memory`},
		"a store that can't be":  {[]string{"--store", "sqlite:/dev/null/x.db"}, "open /dev/null/x.db"},
		"an address in use":      {[]string{"--store", "memory", "--addr", "127.0.0.1:-1"}, "invalid port"},
		"a URL file nowhere":     {[]string{"--store", "memory", "--addr", "127.0.0.1:0", "--url-file", "/dev/null/url"}, "write the URL file"},
		"a negative delay":       {[]string{"--store", "memory", "--provision-delay=-2s"}, "ProvisionDelay -2s is negative"},
		"a delay that is no one": {[]string{"--provision-delay", "soon"}, "--provision-delay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(context.Background(), tc.args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("run gave %v, want %q", err, tc.want)
			}
		})
	}
}

func TestRun_Help(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(context.Background(), []string{"--help"}, &out, io.Discard); err != nil {
		t.Error(err)
	}
	for _, word := range []string{"--addr", "$CARTWRIGHT_ADDR", "--provision-delay", "$CARTWRIGHT_PROVISION_DELAY", "$CARTWRIGHT_URL_FILE"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the help does not have %s:\n%s", word, out.String())
		}
	}
}
