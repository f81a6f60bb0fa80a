package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/cartwright-dev/cartwright/server/internal/faultdb"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
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

func TestStore_Restarted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	storetest.RunRestarted(t, func(t *testing.T) store.Store { return open(t, path) })
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
	if err := first.Update(t.Context(), func(tx store.Tx) error { return tx.Insert(document) }); err != nil {
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

func TestOpen_Refuses(t *testing.T) {
	t.Parallel()
	if _, err := sqlite.Open(t.Context(), ":memory:"); err == nil {
		t.Error("Open takes :memory:, of which each connection would have its own")
	}
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "test.db"))
	if err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Open gave %v, want an error that names the file", err)
	}
}

// Orders from before there were subscriptions are refused; a database without orders is brought up to date.
func TestOpen_Unreleased(t *testing.T) {
	t.Parallel()
	for orders, want := range []string{"", "it has orders of a version before the first release"} {
		path := filepath.Join(t.TempDir(), "old.db")
		first, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(`DROP INDEX carts_newest; DROP INDEX orders_newest; DROP TABLE requests; DROP TABLE settings; DROP TABLE subscriptions; DROP TABLE locks; DELETE FROM goose_db_version WHERE version_id > 1;
			INSERT INTO orders (id, customer_id, version, created_at, body) SELECT 'a', 'b', 1, 0, '{}' WHERE ` + strconv.Itoa(orders))
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(t.Context(), path)
		if want == "" && err == nil {
			err = s.Close()
		}
		if (err == nil) != (want == "") || want != "" && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("with %d orders Open gave %v, want %q", orders, err, want)
		}
	}
}

// A file that can't be written is refused when it is opened, not at the first cart.
func TestOpen_ReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	first, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	db := openDriver(t, "file:"+path)
	if _, err := db.Exec("CREATE TRIGGER full BEFORE INSERT ON locks BEGIN SELECT RAISE(FAIL, 'nothing can be written'); END"); err != nil {
		t.Fatal(err) // root can write whatever the file's mode says, so the database itself refuses
	}
	if _, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "nothing can be written") || !strings.Contains(err.Error(), path) {
		t.Errorf("Open gave %v, want an error that names the file", err)
	}
}

// The settings without which a power cut loses what was acknowledged, or writers starve.
func TestConnect(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	engine, err := sqlite.Connect(path, (&faultdb.Faults{}).Wrap)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Reader.Close()
	defer engine.Writer.Close()
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "query_only": "0",
	} {
		requirePragma(t, engine.Writer, pragma, want)
	}
	requirePragma(t, engine.Reader, "query_only", "1")
	if n := engine.Writer.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections may write, want 1", n)
	}
	// A transaction takes the write lock when it begins, not when it first writes.
	tx, err := engine.Writer.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := openDriver(t, "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(0)").Begin(); err == nil {
		t.Error("a transaction that has begun does not have the write lock")
	}
}

func requirePragma(t *testing.T, db *sql.DB, pragma, want string) {
	t.Helper()
	var got string
	if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
		t.Errorf("PRAGMA %s is %q, %v; want %q", pragma, got, err, want)
	}
}

// What means that SQLite can't serve now, and what means that a statement is wrong.
func TestVerdict(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	open(t, path)
	name := "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(0)"
	first, second := openDriver(t, name), openDriver(t, name)
	tx, err := first.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := second.Begin(); sqlite.Verdict(err) != sqlstore.Busy {
		t.Errorf("%v, of a database that another process has locked, does not count as busy", err)
	}
	if _, err := openDriver(t, name+"&mode=ro").Exec("CREATE TABLE x (y)"); sqlite.Verdict(err) != sqlstore.Unavailable {
		t.Errorf("%v, of a file that can't be written, does not count as unavailable", err)
	}
	for name, from := range map[string]int64{"its header": 0, "its tables": 100} {
		if err := damaged(t, from); sqlite.Verdict(err) != sqlstore.Unavailable {
			t.Errorf("%v, of a file that has lost %s, does not count as unavailable", err, name)
		}
	}
	if _, err := second.Exec("SELECT nonsense"); err == nil || sqlite.Verdict(err) != sqlstore.Fault {
		t.Errorf("%v, of a wrong statement, does not count as a fault", err)
	}
}

// damaged gives the error of reading a database of whose file nothing is left from some byte on.
func damaged(t *testing.T, from int64) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "damaged.db")
	s, err := sqlite.Open(t.Context(), path)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data[from:] {
		data[from:][i] = 'x'
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = openDriver(t, "file:"+path).Exec("SELECT id FROM carts")
	return err
}

func openDriver(t *testing.T, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
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

// What another program has put into the file in another type is an error, and no empty document.
func TestGet_OtherType(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, path)
	if err := s.Update(t.Context(), inserts("a", succeeds)); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), "UPDATE carts SET body = x'7b7d'"); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Get(t.Context(), cart("a").Key); err == nil {
		t.Errorf("Get gave %q, want an error", d.Body)
	}
}
