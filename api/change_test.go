package api_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The README promises what happens when the contract changes; here it is changed, each time in a copy of this module.
func TestChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		old, changed string   // in openapi.yaml
		test         string   // a Go test of package server_test, run after the change; or
		compiler     []string // what the compiler says
	}{
		"an optional property of a line item is stored and given back with no code": {
			old:     "        addonItems:\n",
			changed: "        costCenters:\n          type: array\n          items: {type: integer}\n        addonItems:\n",
			test: `package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/servertest"
)

func TestCostCenters(t *testing.T) {
	stub := servertest.New(t)
	cart := created(t, stub, strings.Replace(oneLine, "[{", "[{\"CostCenters\":[0,7],", 1))
	for range 2 {
		a := send(t, stub, http.MethodGet, cart, "")
		if !strings.Contains(string(a.body), "\"costCenters\":[0,7]") {
			t.Fatalf("%s", a.body)
		}
		send(t, stub, http.MethodPut, cart, string(a.body))
	}
}
`,
		},
		"a renamed property is a compile error wherever it is used": {
			old:      "        friendlyName:\n          type: string\n          maxLength: 256\n",
			changed:  "        displayName:\n          type: string\n          maxLength: 256\n",
			compiler: []string{"server/commerce/order.go", "line.FriendlyName undefined"},
		},
		"a new operation is a compile error until it has a handler": {
			old: "components:\n",
			changed: "  /customers/{customer_id}/agreements:\n    parameters:\n      - $ref: '#/components/parameters/customer_id'\n" +
				"    get:\n      operationId: listAgreements\n      summary: List agreements\n      responses:\n" +
				"        default: {$ref: '#/components/responses/Default'}\n\ncomponents:\n",
			compiler: []string{"server/server.go", "missing method ListAgreements"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyModule(t)
			contract := filepath.Join(dir, "api", "openapi.yaml")
			data, err := os.ReadFile(contract)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(data), tc.old) == 0 {
				t.Fatalf("the contract does not have %q", tc.old)
			}
			write(t, contract, strings.Replace(string(data), tc.old, tc.changed, 1))
			if out, err := inDir(dir, "go", "generate", "./..."); err != nil {
				t.Fatalf("go generate: %v\n%s", err, out)
			}
			if tc.test != "" {
				write(t, filepath.Join(dir, "server", "change_test.go"), tc.test)
				if out, err := inDir(dir, "go", "test", "./server", "-run", "TestCostCenters"); err != nil {
					t.Errorf("go test: %v\n%s", err, out)
				}
				return
			}
			out, err := inDir(dir, "go", "build", "./server/...")
			if err == nil {
				t.Fatal("it compiles all the same")
			}
			for _, want := range tc.compiler {
				if !strings.Contains(out, want) {
					t.Errorf("the compiler does not say %q:\n%s", want, out)
				}
			}
		})
	}
}

// copyModule copies the module's files, without dot folders, to a folder of the test.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimPrefix(path, ".."))
		switch {
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "..":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		case strings.Contains(d.Name(), ".db"):
			return nil // the store of a stub that may be running
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func inDir(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
