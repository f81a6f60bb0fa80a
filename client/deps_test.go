package client_test

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	_ "github.com/cartwright-dev/cartwright/client" // with the next it is in this test, whose result is kept until they change
	_ "github.com/cartwright-dev/cartwright/client/auth"
)

const own = "github.com/cartwright-dev/cartwright"

// linkedModules are all modules that a program is linked with which imports the client. One more is a decision: it is in the
// binary, the audits and the updates of everybody who uses the client.
var linkedModules = []string{
	own,
	"github.com/Azure/azure-sdk-for-go/sdk/azcore",
	"github.com/Azure/azure-sdk-for-go/sdk/internal", // of azcore, as the next two
	"golang.org/x/net",
	"golang.org/x/text",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",    // of the generated client
	"github.com/apapsch/go-jsonmerge/v2", // of that
}

// linkedPackages are all packages of this module in it. None is the server's.
var linkedPackages = []string{own + "/client", own + "/client/auth", own + "/gen/apiclient", own + "/gen/model"}

// neverLinked has no place in a program that buys, whatever the lists above come to have.
var neverLinked = []string{
	"testing", "database/sql", "github.com/labstack", "github.com/getkin", "modernc.org", "github.com/jackc", "github.com/pressly",
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity", own + "/server",
}

// A program that imports the client, or the client and its credentials, is linked with what is listed above.
func TestLinked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ imports, more []string }{
		"client":                 {[]string{own + "/client"}, nil},
		"client and client/auth": {[]string{own + "/client", own + "/client/auth"}, []string{"github.com/golang-jwt/jwt/v5", "golang.org/x/oauth2", "golang.org/x/sync"}},
	} {
		modules := make(map[string]bool)
		for _, line := range goList(t, tc.imports...) {
			path, module, _ := strings.Cut(line, " ")
			if module != "" {
				modules[module] = true
			}
			if module == own && !slices.Contains(linkedPackages, path) {
				t.Errorf("%s: links %s, which is not listed", name, path)
			}
			for _, never := range neverLinked {
				if path == never || strings.Contains(never, ".") && strings.HasPrefix(path, never+"/") {
					t.Errorf("%s: links %s, which must never be", name, path)
				}
			}
		}
		want := slices.Sorted(slices.Values(slices.Concat(linkedModules, tc.more)))
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(modules))); diff != "" {
			t.Errorf("%s: links other modules than listed (-listed +linked):\n%s", name, diff)
		}
	}
}

// goList gives all packages that a program is linked with which imports these, each with its module.
func goList(t *testing.T, packages ...string) []string {
	t.Helper()
	arguments := append([]string{"list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}"}, packages...)
	out, err := exec.CommandContext(t.Context(), "go", arguments...).Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(arguments, " "), err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
