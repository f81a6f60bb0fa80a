package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// quickstarts are those that are run here, by the folder's file.
var quickstarts = map[string]func(t *testing.T, path string) []string{
	"buy.sh":  func(t *testing.T, path string) []string { return []string{component(t, "sh", "curl"), path} },
	"buy.py":  func(t *testing.T, path string) []string { return []string{component(t, "python3"), path} },
	"buy.mts": typescript,
}

// component gives the path of the first program; all must be there.
func component(t *testing.T, programs ...string) string {
	t.Helper()
	var first string
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			lacking.Skip(t, "%v", err)
		}
		if first == "" {
			first = path
		}
	}
	return first
}

// typescript runs TypeScript with Node.js. One that does not take types away by itself gets a copy without them.
func typescript(t *testing.T, path string) []string {
	t.Helper()
	node := component(t, "node")
	if strips, err := exec.Command(node, "-p", "process.features.typescript").Output(); err == nil && strings.TrimSpace(string(strips)) == "strip" {
		return []string{node, path}
	}
	out := filepath.Join(t.TempDir(), "buy.mjs")
	built := api.Build(api.BuildOptions{EntryPoints: []string{path}, Outfile: out, Write: true, LogLevel: api.LogLevelSilent, Target: api.ES2022})
	if len(built.Errors) > 0 {
		t.Fatal(built.Errors)
	}
	return []string{node, out}
}

// quickstart runs one of them against a URL.
func quickstart(t *testing.T, name, url string) done {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "deploy", "quickstart", name))
	if err != nil {
		t.Fatal(err)
	}
	command := append(quickstarts[name](t, path), url)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), &stdout, &stderr
	_ = cmd.Run() // its code says how it went
	return done{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Each quick start of the folder buys once, though the first answer to its checkout is lost.
func TestQuickstarts(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(filepath.Join("..", "..", "deploy", "quickstart"))
	if err != nil || len(files) != len(quickstarts)+1 {
		t.Errorf("the folder has %v, %v; want the %d that are run here and that of PowerShell", files, err, len(quickstarts))
	}
	for name := range quickstarts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, t.TempDir(), "--store", "memory", "--provision-delay", "24h")
			got := quickstart(t, name, p.url)
			want := regexp.MustCompile(`^cart [0-9a-f-]{36}
no answer: the same request again
the first answer came again, nothing was bought twice
order ([0-9a-f]{12})
subscription ([0-9a-f-]{36}) is active
1 order of this customer
$`)
			found := want.FindStringSubmatch(strings.ReplaceAll(got.stdout, "\r\n", "\n"))
			if got.code != 0 || found == nil {
				t.Fatalf("it ended with %d and printed\n%s\n%s", got.code, got.stdout, got.stderr)
			}
			if _, orders := p.send("GET", "/_cartwright/orders", ""); strings.Count(orders, `"cartId"`) != 1 || !strings.Contains(orders, found[1]) || !strings.Contains(orders, found[2]) {
				t.Errorf("the orders are %s, want only %s with %s", orders, found[1], found[2])
			}
			p.checkedOutTwice()
		})
	}
}

// PowerShell is not to be had from Debian, so its quick start is not run. It asks for what the others ask for, in the same order.
func TestQuickstarts_PowerShell(t *testing.T) {
	t.Parallel()
	read := func(name string) []string {
		data, err := os.ReadFile(filepath.Join("..", "..", "deploy", "quickstart", name))
		if err != nil {
			t.Fatal(err)
		}
		calls := regexp.MustCompile(`/livez|/carts\b|/checkout|/_cartwright/\w+|/orders\b|/subscriptions/|drop-after-commit|MS-RequestId'?: |MS-RequestId' = |X-Cartwright\b|Cartwright-Repeated`)
		var found []string
		for _, call := range calls.FindAllString(string(data), -1) {
			found = append(found, strings.TrimRight(call, "'=: "))
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	if diff := cmp.Diff(read("buy.sh"), read("buy.ps1")); diff != "" {
		t.Errorf("what is asked for differs (-curl +PowerShell):\n%s", diff)
	}
}

// checkedOutTwice wants that the journal has two checkouts, of one request id, of which the first was cut.
func (p *process) checkedOutTwice() {
	p.t.Helper()
	var list struct {
		Items []struct {
			RequestID string
			Status    int
			Repeated  bool
		}
	}
	_, body := p.send("GET", "/_cartwright/requests?operation=checkoutCart", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		p.t.Fatal(err)
	}
	if len(list.Items) != 2 || list.Items[0].RequestID != list.Items[1].RequestID || list.Items[1].Status != 0 ||
		list.Items[0].Status != http.StatusCreated || !list.Items[0].Repeated {
		p.t.Errorf("the checkouts are %s", body)
	}
}

// A quick start stops where something failed inside a success, and says so.
func TestQuickstarts_Failures(t *testing.T) {
	t.Parallel()
	for name := range quickstarts {
		for fault, want := range map[string]string{
			`{"kind":"line-item-error"}`:                    "a line is in error",
			`{"kind":"partial"}`:                            "an order group failed",
			`{"kind":"provisioning-failed"}`:                "the subscription does not come",
			`{"kind":"status","always":true}`:               "",
			`{"kind":"drop-after-commit","always":true}`:    "has no answer",
			`{"kind":"auth","operation":"getSubscription"}`: "",
		} {
			t.Run(name+" "+fault, func(t *testing.T) {
				t.Parallel()
				p := start(t, t.TempDir(), "--store", "memory")
				if status, body := p.send("POST", "/_cartwright/faults", fault); status != http.StatusCreated {
					t.Fatalf("%d %s", status, body)
				}
				if got := quickstart(t, name, p.url); got.code == 0 || got.stderr == "" || !strings.Contains(got.stderr, want) {
					t.Errorf("%+v, want another code than 0 and %q", got, want)
				}
			})
		}
	}
}

// A quick start buys nothing at what is not the stub.
func TestQuickstarts_OnlyTheStub(t *testing.T) {
	t.Parallel()
	for name := range quickstarts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			real := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					t.Errorf("it sent %s %s", r.Method, r.URL)
				}
				w.WriteHeader(http.StatusOK)
			}))
			defer real.Close()
			if got := quickstart(t, name, real.URL); got.code == 0 || !strings.Contains(got.stderr, real.URL+" is not the stub") {
				t.Errorf("%+v", got)
			}
		})
	}
}
