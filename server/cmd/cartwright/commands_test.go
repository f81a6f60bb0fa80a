package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/server"
)

// done is how a command ended.
type done struct {
	code           int
	stdout, stderr string
}

// execute runs the binary until it ends by itself.
func execute(t *testing.T, dir string, environment []string, args ...string) done {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), environment...), &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return done{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Each operation of both contracts is listed once, in a line with its method, path, name and summary.
func TestRoutes(t *testing.T) {
	t.Parallel()
	got := execute(t, "", nil, "routes")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("it ended with %d: %s", got.code, got.stderr)
	}
	listed := make(map[string]int)
	for line := range strings.Lines(got.stdout) {
		listed[strings.Join(regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1), "|")]++
	}
	want := make(map[string]int)
	for base, contract := range map[string][]byte{"/v1": api.OpenAPI, server.ControlPath: api.Control} {
		document, err := openapi3.NewLoader().LoadFromData(contract)
		if err != nil {
			t.Fatal(err)
		}
		for path, item := range document.Paths.Map() {
			for method, op := range item.Operations() {
				want[strings.Join([]string{method, base + path, op.OperationID, op.Summary}, "|")]++
			}
		}
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("operations differ (-contracts +listed):\n%s", diff)
	}
}

// What is listed is there: the stub answers each path, and never that it has no such operation.
func TestRoutes_AreServed(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory")
	for line := range strings.Lines(execute(t, "", nil, "routes").stdout) {
		words := strings.Fields(line)
		if words[2] == "streamEvents" {
			continue // which does not end
		}
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(words[1], "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d")
		status, body := p.send(words[0], path, "")
		if status == http.StatusMethodNotAllowed || strings.Contains(body, "no operation with this path") {
			t.Errorf("%s %s: %d\n%s", words[0], path, status, body)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := execute(t, "", nil, "version")
	if want := regexp.MustCompile(`^cartwright ` + regexp.QuoteMeta(server.Version) + ` \(go1\S*, \w+/\w+(, [0-9a-f]{40}( with changes)?)?\)\n$`); got.code != 0 || !want.MatchString(got.stdout) {
		t.Errorf("it ended with %d and printed %q", got.code, got.stdout)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--store", "memory", "--drain-delay", "1h")
	_, port, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	const proxy = "HTTP_PROXY=http://127.0.0.1:1" // which must not be asked
	for name, tc := range map[string]struct{ environment, args []string }{
		"by a URL":                      {nil, []string{p.url}},
		"by a URL with a slash":         {nil, []string{p.url + "/"}},
		"by an address":                 {nil, []string{"--addr", "127.0.0.1:" + port}},
		"by the address of a container": {[]string{"CARTWRIGHT_ADDR=0.0.0.0:" + port}, nil},
		"by a port":                     {[]string{"CARTWRIGHT_ADDR=:" + port}, nil},
		"by a name":                     {[]string{"CARTWRIGHT_ADDR=localhost:" + port}, nil},
		"by the address of IPv6":        {[]string{"CARTWRIGHT_ADDR=[::]:" + port}, nil},
	} {
		if got := execute(t, "", append(tc.environment, proxy), append([]string{"healthcheck"}, tc.args...)...); got != (done{}) {
			t.Errorf("%s: %+v, want 0 and no word", name, got)
		}
	}

	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil { // it drains for an hour
		t.Fatal(err)
	}
	p.eventually(func() bool { status, _ := p.send("GET", "/readyz", ""); return status == http.StatusServiceUnavailable })
	if got := execute(t, "", nil, "healthcheck", p.url); got.code != 1 || !strings.Contains(got.stderr, `/readyz answers 503: "{\"status\":\"the server is stopping\"}"`) {
		t.Errorf("of a stub that stops: %+v", got)
	}
}

func TestHealthcheck_Fails(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(release) })
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"nobody listens":          {[]string{"http://127.0.0.1:1"}, "127.0.0.1:1"},
		"it is no URL":            {[]string{"::"}, "missing protocol scheme"},
		"the address has no port": {[]string{"--addr", "localhost"}, "--addr: address localhost: missing port in address"},
		"it does not answer":      {[]string{silent.URL, "--timeout", "50ms"}, "context deadline exceeded"},
	} {
		if got := execute(t, "", nil, append([]string{"healthcheck"}, tc.args...)...); got.code != 1 || !strings.Contains(got.stderr, tc.want) {
			t.Errorf("%s: %+v, want 1 and %q", name, got, tc.want)
		}
	}
}

func TestCatalogCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "prices.csv", priceList)
	write(t, dir, "bad.csv", strings.Replace(priceList, ",120,", ",cheap,", 1))
	write(t, dir, "own.yaml", "market: {country: US, currency: USD}\nproducts:\n- id: OURS\n  kind: license\n  title: Ours\n  skus:\n  - id: '1'\n"+
		"    availabilities:\n    - id: A\n      terms: [{duration: P1Y, billingCycle: monthly, listPrice: 3}, {duration: P1M, billingCycle: monthly}]\n")
	write(t, dir, "more.yaml", "products:\n- id: CFQ7TTC0LF8S\n  title: Another title\n") // of a product that only the built-in catalogue has
	write(t, dir, "bad.yaml", "products:\n- id: OURS\n  knd: license\n")
	write(t, dir, "bad.json", "{\"products\": [\n  7]}\n")
	write(t, dir, "notes.txt", "")
	for name, tc := range map[string]struct {
		args []string
		want done
	}{
		"a price list and a catalogue": {
			[]string{"prices.csv", "own.yaml", "--no-builtin-catalog"},
			done{0, "prices.csv: 1 product, 1 SKU, 1 availability, 1 price; markets GB GBP\nown.yaml: 1 product, 1 SKU, 1 availability, 1 price; markets US USD\n", ""},
		},
		"a wrong price":     {[]string{"prices.csv", "bad.csv"}, done{1, "", "cartwright: bad.csv:2:73: UnitPrice: \"cheap\" is no amount: "}},
		"an unknown name":   {[]string{"bad.yaml"}, done{1, "", "bad.yaml:3:3: "}},
		"wrong JSON":        {[]string{"bad.json"}, done{1, "", "bad.json:2:3: "}},
		"another extension": {[]string{"notes.txt"}, done{1, "", `notes.txt: the extension ".txt" is none of .csv, .json, .yaml, .yml`}},
		"no such file":      {[]string{"missing.csv"}, done{1, "", "open missing.csv: "}},
		"what only the built-in catalogue completes": {[]string{"more.yaml", "--builtin-catalog=false"}, done{1, "", "more.yaml:2:3: product CFQ7TTC0LF8S needs a kind"}},
		"no file": {nil, done{1, "", `expected "<file> ..."`}},
	} {
		got := execute(t, dir, nil, append([]string{"catalog", "check"}, tc.args...)...)
		if got.code != tc.want.code || got.stdout != tc.want.stdout || !strings.Contains(got.stderr, tc.want.stderr) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
	got := execute(t, dir, nil, "catalog", "check", "more.yaml")
	if want := "more.yaml: 1 product, 0 SKUs, 0 availabilities, 0 prices\n"; got.code != 0 || !strings.HasPrefix(got.stdout, "builtin.yaml: ") || !strings.HasSuffix(got.stdout, want) {
		t.Errorf("on top of the built-in catalogue: %+v, want builtin.yaml and %q", got, want)
	}
}

// Serve stops at each file at which the check stops, with the same words.
func TestCatalogCheck_AsServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "bad.yaml", "products: 7\n")
	checked, served := execute(t, dir, nil, "catalog", "check", "bad.yaml"), execute(t, dir, nil, "--store", "memory", "--catalog", "bad.yaml")
	reason := strings.TrimPrefix(checked.stderr, "cartwright: ")
	if checked.code != 1 || served.code != 1 || !strings.HasSuffix(served.stderr, reason) {
		t.Errorf("checked: %+v\nserved: %+v", checked, served)
	}
}

// A flag of serve does nothing for another command, and is refused there; the environment may have it.
func TestCommands_Flags(t *testing.T) {
	t.Parallel()
	if got := execute(t, "", nil, "--store", "memory", "version"); got.code != 1 || !strings.Contains(got.stderr, "flag --store applies to") {
		t.Errorf("%+v", got)
	}
	if got := execute(t, "", []string{"CARTWRIGHT_STORE=nonsense", "CARTWRIGHT_ADDR=nonsense"}, "version"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if got := execute(t, "", nil, "serv"); got.code != 1 || !strings.Contains(got.stderr, "unexpected argument serv") {
		t.Errorf("%+v", got)
	}
	p := start(t, t.TempDir(), "serve", "--store", "memory") // the command's own name
	if status, _ := p.send("GET", "/readyz", ""); status != http.StatusOK {
		t.Errorf("/readyz is %d", status)
	}
	if _, err := os.Stat(filepath.Join(p.cmd.Dir, "cartwright.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the flags of serve were not read: %v", err)
	}
}
