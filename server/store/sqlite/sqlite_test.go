package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
	"github.com/cartwright-dev/cartwright/server/store/storetest"
)

func open(t *testing.T, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "test.db")) })
}

func TestStore_KeepsWhatWasStored(t *testing.T) {
	t.Parallel()
	// A name that a careless DSN would take apart.
	path := filepath.Join(t.TempDir(), "carts & orders? 100%.db")
	document := store.Document{
		Key:       store.Key{Kind: store.Cart, CustomerID: "contoso", ID: "a"},
		CreatedAt: time.UnixMicro(1).UTC(),
		Body:      []byte(`{}`),
	}
	first, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if err := first.Update(t.Context(), store.Key{}, func(*store.Document) (store.Change, error) {
		return store.Change{Insert: []store.Document{document}}, nil
	}); err != nil {
		t.Fatalf("Update: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the file is not where it was asked for: %v", err)
	}
	if _, err := open(t, path).Get(t.Context(), document.Key); err != nil {
		t.Errorf("Get after a restart: %v", err)
	}
}

func TestOpen_NoFolder(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "test.db"))
	if err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Open gave %v, want an error that names the file", err)
	}
}

func TestStore_LockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, path)
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	err = s.Update(t.Context(), store.Key{}, func(*store.Document) (store.Change, error) { return store.Change{}, nil })
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update of a locked database gave %v, want ErrUnavailable", err)
	}
}

// SQLite before 3.53.4 can corrupt a database (sqlite.org/wal.html#walresetbug, and the journal bug of 3.53.3).
func TestSQLiteVersion(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version string
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if semver.Compare("v"+version, "v3.53.4") < 0 {
		t.Errorf("SQLite is %s, want 3.53.4 or newer", version)
	}
}

// The driver crashes with any other modernc.org/libc than that of its own go.mod, and module selection can raise it.
func TestLibcPin(t *testing.T) {
	t.Parallel()
	selected := goList(t, "{{.Version}}", "modernc.org/libc")
	data, err := os.ReadFile(goList(t, "{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if r.Mod.Path == "modernc.org/libc" && r.Mod.Version != selected {
			t.Errorf("modernc.org/libc is %s, modernc.org/sqlite wants exactly %s", selected, r.Mod.Version)
		}
	}
}

func goList(t *testing.T, format, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", format, module).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}
