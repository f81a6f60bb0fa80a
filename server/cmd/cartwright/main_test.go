package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
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
	p := launch(t, dir, args...)
	if p.serves(); t.Failed() {
		t.FailNow()
	}
	return p
}

// launch runs the stub and does not wait.
func launch(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	output := t.TempDir()
	p := &process{t: t, stdout: filepath.Join(output, "stdout"), stderr: filepath.Join(output, "stderr")}
	urlFile := filepath.Join(output, "url")
	p.cmd = exec.Command(binary, append(args, "--url-file", urlFile)...)
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "CARTWRIGHT_ADDR=127.0.0.1:0")
	p.cmd.Stdout, p.cmd.Stderr = create(t, p.stdout), create(t, p.stderr)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// serves waits until the stub serves.
func (p *process) serves() {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for range time.Tick(5 * time.Millisecond) {
		if url, err := os.ReadFile(filepath.Join(filepath.Dir(p.stdout), "url")); err == nil {
			p.url = strings.TrimSpace(string(url))
			return
		}
		if time.Now().After(deadline) {
			p.t.Errorf("the stub does not serve:\n%s", read(p.t, p.stderr))
			return
		}
	}
}

// eventually waits until something holds.
func (p *process) eventually(holds func() bool) {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for range time.Tick(5 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("it does not come about:\n%s", read(p.t, p.stderr))
		}
	}
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

// get asks without a token, and gives the status, the headers and the body.
func get(t *testing.T, url string) (status int, header http.Header, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(answer)
}

func (p *process) get(path string) (status int, header http.Header, body string) {
	p.t.Helper()
	return get(p.t, p.url+path)
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

// The banner's curl line works as it is: its URL, its headers and its body are sent here.
func TestBanner(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	command := regexp.MustCompile(`(?s)\n  curl -i (\S+) .*?\n\n`).FindStringSubmatch(read(t, p.stdout))
	if command == nil {
		t.Fatalf("the banner has no curl line:\n%s", read(t, p.stdout))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, command[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range regexp.MustCompile(`-([Hd]) '([^']*)'`).FindAllStringSubmatch(command[0], -1) {
		if name, value, _ := strings.Cut(word[2], ": "); word[1] == "H" {
			r.Header.Set(name, value)
			continue
		}
		r.Body = io.NopCloser(strings.NewReader(word[2]))
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != http.StatusCreated {
		t.Errorf("%s: %v, %v", command[0], response, err)
	}
}

// underWay sends the head of a request, and returns when the stub has taken it up and waits for its body.
func (p *process) underWay(length int) (net.Conn, *bufio.Reader) {
	p.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(p.t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "POST /v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"+
		"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", length)
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil || response.StatusCode != http.StatusContinue {
		p.t.Fatalf("the stub does not wait for the body: %v, %v", response, err)
	}
	return conn, in
}

// A request that is under way when the stub is told to stop is finished, and the store is closed after it.
func TestDrain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	cart := example(t, "createCart.new-commerce.request.json")
	conn, in := p.underWay(len(cart))
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, cart); err != nil {
		t.Fatal(err)
	}
	if response, err := http.ReadResponse(in, nil); err != nil || response.StatusCode != http.StatusCreated {
		t.Errorf("the request under way: %v, %v", response, err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the stub ended with %v\n%s", err, read(t, p.stderr))
	}
	if _, err := os.Stat(filepath.Join(dir, "cartwright.db-wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the store was not closed: its log is still there, %v", err)
	}
}

// A second signal ends the stub at once, whatever is under way.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	p.underWay(10)
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	begun := time.Now()
	for {
		select {
		case <-ended:
			if took := time.Since(begun); took > drainTimeout/2 {
				t.Errorf("it took %v", took)
			}
			return
		default:
			_ = p.cmd.Process.Signal(syscall.SIGTERM) // the first one may not have been seen yet
			runtime.Gosched()
		}
	}
}

// The server has all of its time limits.
func TestNewHTTPServer(t *testing.T) {
	t.Parallel()
	s := newHTTPServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("the server is %+v", s)
	}
}

// An address that is in use is an error, not a stub that nobody reaches.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	err := run(context.Background(), []string{"--store", "memory", "--addr", strings.TrimPrefix(p.url, "http://")}, io.Discard, io.Discard)
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("run gave %v", err)
	}
}

// Who waits for the URL file may be another user.
func TestURLFile(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	if info, err := os.Stat(filepath.Join(filepath.Dir(p.stdout), "url")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the URL file has mode %v, %v", info.Mode(), err)
	}
}

// Each wrong setting is refused with a word on what is right.
func TestRun_Refuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":         {[]string{"--nope"}, "unknown flag --nope"},
		"an unknown word":         {[]string{"--auth", "maybe"}, `--auth must be one of "any","off","basic" but got "maybe"`},
		"an address that is none": {[]string{"--store", "memory", "--addr", "127.0.0.1:-1"}, "invalid port"},
		"no store":                {[]string{"--store", "oracle"}, `--store "oracle"… is none of sqlite:PATH, memory and postgres://…`},
		"a store that nobody is":  {[]string{"--store", "postgres://me:hunter2@127.0.0.1:1/db"}, "open postgres://127.0.0.1:1/db: "},
		"a store misspelt":        {[]string{"--store", "postgre://me:hunter2@127.0.0.1:1/db"}, `--store "postgre"… is none of`},
		"a store without slashes": {[]string{"--store", "postgres:me:hunter2@h/db"}, `--store "postgres"… is none of`},
		"a store in words":        {[]string{"--store", "host=h user=me password=hunter2"}, `--store "host"… is none of`},
		"a store's URL":           {[]string{"--store", "sqlite:file:x.db?mode=memory"}, "after sqlite: comes the path of a file"},
		"no request at all":       {[]string{"--store", "memory", "--max-in-flight", "0"}, "--max-in-flight 0: it must be at least 1"},
		"a negative drain delay":  {[]string{"--store", "memory", "--drain-delay=-1s"}, "--drain-delay -1s is negative"},
		"a store's wrong setting": {[]string{"--store", "postgresql://me:hunter2@localhost/db?pool_max_conns=x"}, `pool_max_conns is "x"`},
		"a store that can't be":   {[]string{"--store", "sqlite:/dev/null/x.db"}, "open /dev/null/x.db"},
		"a URL file nowhere":      {[]string{"--store", "memory", "--addr", "127.0.0.1:0", "--url-file", "/dev/null/url"}, "write the URL file"},
		"a negative delay":        {[]string{"--store", "memory", "--provision-delay=-2s"}, "ProvisionDelay -2s is negative"},
		"a delay that is no one":  {[]string{"--provision-delay", "soon"}, "--provision-delay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(context.Background(), tc.args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("run gave %v, want %q and no password", err, tc.want)
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
	for _, word := range []string{"healthcheck", "routes", "catalog check", "version", "--addr", "$CARTWRIGHT_ADDR", "--provision-delay", "$CARTWRIGHT_PROVISION_DELAY", "$CARTWRIGHT_URL_FILE", "postgres://"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the help does not have %s:\n%s", word, out.String())
		}
	}
}
