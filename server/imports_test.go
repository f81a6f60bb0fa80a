package server_test

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cartwright-dev/cartwright/"

// Who may import whom: for each package of this module, which others of it, and which foreign modules. Tests may import
// what they like.
var mayImport = map[string][]string{
	"api":                     {},
	"gen/contract":            {"github.com/getkin/kin-openapi"},
	"gen/model":               {},
	"gen/recordjson":          {"gen/model", "server/commerce", "server/jsonbytes"},
	"gen/apiclient":           {"gen/model", "github.com/oapi-codegen/runtime"},
	"gen/apiserver":           {"gen/model", "github.com/oapi-codegen/runtime", "github.com/labstack/echo/v4"},
	"gen/control":             {"github.com/oapi-codegen/runtime", "github.com/labstack/echo/v4"},
	"server/faults":           {},
	"server/journal":          {},
	"server/jsonbytes":        {"github.com/go-json-experiment/json"},
	"server/plan":             {"server/jsonbytes", "github.com/getkin/kin-openapi"},
	"server/console":          {"api", "gen/control"},
	"server/docs":             {"api", "github.com/swaggest/swgui", "github.com/vearutop/statigz", "go.yaml.in/yaml/v3"},
	"client":                  {"gen/model", "gen/apiclient", "github.com/Azure/azure-sdk-for-go/sdk/azcore", "github.com/google/uuid"},
	"client/auth":             {"github.com/Azure/azure-sdk-for-go/sdk/azcore", "github.com/golang-jwt/jwt/v5", "github.com/google/uuid", "golang.org/x/oauth2", "golang.org/x/sync"},
	"client/examples/buy":     {"client", "client/auth", "github.com/Azure/azure-sdk-for-go/sdk/azcore", "github.com/go-json-experiment/json", "github.com/mattn/go-isatty", "github.com/schollz/progressbar/v3"},
	"server/entra":            {"github.com/golang-jwt/jwt/v5", "github.com/google/uuid"},
	"server/commerce":         {"gen/model", "github.com/google/uuid", "github.com/shopspring/decimal"},
	"server/catalog":          {"gen/model", "server/commerce", "github.com/shopspring/decimal", "go.yaml.in/yaml/v3"},
	"server/store":            {},
	"server/store/memory":     {"server/store"},
	"server/store/sqlstore":   {"server/store", "github.com/pressly/goose/v3"},
	"server/store/sqlite":     {"server/store/sqlstore", "github.com/pressly/goose/v3", "modernc.org/sqlite"},
	"server/internal/faultdb": {},
	"server/internal/pgtest":  {"server/internal/lacking", "testing"},
	"server/internal/lacking": {"testing"},
	"server/store/postgres":   {"server/store/sqlstore", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"},
	"server/store/storetest":  {"server/store", "github.com/google/go-cmp", "testing"},
	"server/servertest":       {"server", "server/faults", "server/journal", "client", "client/auth", "testing/iotest", "testing/synctest"},
	"server/cmd/cartwright":   {"api", "server", "server/entra", "server/catalog", "server/console", "server/docs", "server/commerce", "server/store", "server/store/memory", "server/store/postgres", "server/store/sqlite", "github.com/alecthomas/kong", "github.com/google/uuid", "github.com/lmittmann/tint", "github.com/mattn/go-colorable", "github.com/mattn/go-isatty", "github.com/prometheus/client_golang", "github.com/schollz/progressbar/v3", "go.yaml.in/yaml/v3"},
	"server/deploy/dist":      {"server"},
	"server/bench":            {"server", "server/internal/pgtest", "server/store", "server/store/memory", "server/store/postgres", "server/store/sqlite", "github.com/google/uuid", "testing"},
	"server/bench/floor":      {"github.com/labstack/echo/v4"},

	"server/internal/contractgen": {"github.com/getkin/kin-openapi"},
	"server/internal/recordgen":   {},

	"server": {
		"gen/apiserver", "gen/contract", "gen/control", "gen/model", "gen/recordjson", "server/entra", "server/faults", "server/journal", "server/jsonbytes", "server/plan", "server/catalog", "server/commerce", "server/store", "server/store/memory",
		"github.com/labstack/echo/v4", "github.com/getkin/kin-openapi", "github.com/go-json-experiment/json", "github.com/google/uuid", "golang.org/x/time",
	},
}

// mayNotImport is what of the standard library some packages must do without: the rules do no I/O and have no clock of
// their own, and only the packages made for tests know of testing.
var mayNotImport = map[string][]string{
	"server/commerce": {"net/http", "database/sql", "os", "io", "math/rand", "crypto/rand", "context"},
	"server/store":    {"database/sql", "net/http"},
	"server":          {"database/sql"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, dir := range goFolders(t) {
		p, err := build.ImportDir(filepath.Join("..", dir), 0)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("package %s is not listed here: say what it may import", dir)
			continue
		}
		for _, path := range p.Imports {
			own, isOwn := strings.CutPrefix(path, module)
			switch {
			case isOwn && slices.Contains(allowed, own):
			case !isOwn && isStandard(path) && !slices.Contains(mayNotImport[dir], path) && (path != "testing" || slices.Contains(allowed, "testing")):
			case !isOwn && !isStandard(path) && slices.ContainsFunc(allowed, func(a string) bool { return path == a || strings.HasPrefix(path, a+"/") }):
			default:
				t.Errorf("%s may not import %s", dir, path)
			}
		}
	}
}

// goFolders gives the folders of this module that have Go code outside tests.
func goFolders(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		dir, _ := filepath.Rel("..", filepath.Dir(path))
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return fs.SkipDir
		case dir != "." && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !slices.Contains(dirs, dir):
			dirs = append(dirs, filepath.ToSlash(dir))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < len(mayImport) {
		t.Errorf("found %d packages, %d are listed", len(dirs), len(mayImport))
	}
	return dirs
}

// isStandard reports whether a path is of the standard library: its first word has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
