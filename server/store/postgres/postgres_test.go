package postgres_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
	"github.com/cartwright-dev/cartwright/server/store/storetest"
)

// serializable has every transaction that others interfere with fail, to be repeated: as servers of PostgreSQL's protocol do
// that know no other isolation.
const serializable = "&options=-c%20default_transaction_isolation%3Dserializable"

func open(t *testing.T, url string) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url)
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

func unwrapped(c driver.Connector) driver.Connector { return c }

func connect(t *testing.T, url string) sqlstore.Engine {
	t.Helper()
	engine, err := postgres.Connect(url, unwrapped)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(engine.Reader.Close(), engine.Writer.Close()) })
	return engine
}

func cart(id string) store.Document {
	return store.Document{
		Key:       store.Key{Kind: store.Cart, CustomerID: "contoso", ID: id},
		CreatedAt: time.UnixMicro(1).UTC(),
		Body:      []byte(`{}`),
	}
}

func insert(t *testing.T, s store.Store, documents ...store.Document) error {
	t.Helper()
	return s.Update(t.Context(), func(tx store.Tx) error {
		for _, d := range documents {
			if err := tx.Insert(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Shared(t)
	for name, parameters := range map[string]string{"ReadCommitted": "", "Serializable": serializable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store { return open(t, cluster.Database(t)+parameters) })
		})
	}
}

func TestStore_Restarted(t *testing.T) {
	t.Parallel()
	for name, parameters := range map[string]string{"ReadCommitted": "", "Serializable": serializable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Shared(t).Database(t)
			storetest.RunRestarted(t, func(t *testing.T) store.Store { return open(t, database+parameters) })
		})
	}
}

// What a session has by itself, and that the URL can set it; reading never has to be repeated.
func TestConnect_Sessions(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).Database(t)
	for parameters, want := range map[string]string{
		"": "lock_timeout 8s, idle_in_transaction_session_timeout 15s, statement_timeout 0, application_name cartwright, default_transaction_isolation read committed",
		serializable + "%20-c%20lock_timeout%3D7s&application_name=mine&idle_in_transaction_session_timeout=1s"://
		"lock_timeout 7s, idle_in_transaction_session_timeout 1s, statement_timeout 0, application_name mine, default_transaction_isolation serializable",
	} {
		engine := connect(t, database+parameters)
		got := settings(t, engine.Writer)
		if got != want {
			t.Errorf("with %q a session has %s\nwant %s", parameters, got, want)
		}
		if got := settings(t, engine.Reader); !strings.HasSuffix(got, "read committed") {
			t.Errorf("with %q reading has %s", parameters, got)
		}
	}
}

func settings(t *testing.T, db *sql.DB) string {
	t.Helper()
	var all []string
	for _, name := range []string{
		"lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout", "application_name", "default_transaction_isolation",
	} {
		var value string
		if err := db.QueryRow("SHOW " + name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, name+" "+value)
	}
	return strings.Join(all, ", ")
}

// Eight servers have enough connections where PostgreSQL has as many as it has by itself, and the URL can give another number.
func TestConnect_Conns(t *testing.T) {
	t.Parallel()
	const servers, all, reserved = 8, 100, 3
	engine := connect(t, "postgres://localhost/x")
	writers, readers := engine.Writer.Stats().MaxOpenConnections, engine.Reader.Stats().MaxOpenConnections
	if writers < 2 || readers < 2 || servers*(writers+readers) >= all-reserved {
		t.Errorf("a server has %d connections to write and %d to read", writers, readers)
	}
	engine = connect(t, "postgres://localhost/x?pool_max_conns=2")
	if writers, readers := engine.Writer.Stats().MaxOpenConnections, engine.Reader.Stats().MaxOpenConnections; writers != 1 || readers != 1 {
		t.Errorf("of two connections %d are to write and %d to read", writers, readers)
	}
}

// Servers that start at once on an empty database bring it up to date together.
func TestOpen_Together(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).Database(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), database+"&pool_max_conns=2")
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if err := errors.Join(insert(t, s, cart(fmt.Sprint(i))), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A database that can't be named or reached is refused with a word on why, and never with the password.
func TestOpen_Refuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ url, want string }{
		"nobody there":               {"postgres://me:hunter2@127.0.0.1:1/db", "open postgres://127.0.0.1:1/db: "},
		"a password as parameter":    {"postgres://127.0.0.1:1/db?user=me&password=hunter2&pass%77ord=hunter2", "open postgres://127.0.0.1:1/db?user=me: "},
		"several hosts":              {"postgres://me:hunter2@127.0.0.1:1,127.0.0.1:2/db", "connection refused"},
		"no port":                    {"postgres://me:hunter2@localhost:port/db", "invalid port"},
		"an unknown word":            {"postgres://me:hunter2@localhost/db?sslmode=perhaps", "sslmode"},
		"an unknown word and secret": {"postgres://localhost/db?sslmode=perhaps&sslpassword=hunter2", "sslmode"},
		"a bad escape":               {"postgres://me:%zzhunter2@localhost/db", "percent-encode"},
		"a slash":                    {"postgres://me:hun/hunter2@localhost/db", "percent-encode"},
		"a slash after digits":       {"postgres://me:12/hunter2@localhost/db", "percent-encode"},
		"an at sign and a slash":     {"postgres://me:a@b:/hunter2@localhost/db", "percent-encode"},
		"no number of connections":   {"postgres://me:hunter2@localhost/db?pool_max_conns=many", `pool_max_conns is "many"`},
		"too few connections":        {"postgres://me:hunter2@localhost/db?pool_max_conns=1", `pool_max_conns is "1", want a number from 2`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Open(t.Context(), tc.url)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Open gave %v, want %q and no password", err, tc.want)
			}
		})
	}
}

// A server that can't be written to is refused, as a standby would be.
func TestOpen_ReadOnly(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), pgtest.Shared(t).Database(t)+"&default_transaction_read_only=on")
	if err == nil || !strings.Contains(err.Error(), "read only") {
		t.Errorf("Open gave %v", err)
	}
}

// Text has the order of its bytes whatever the language of the database: it is the same for every store.
func TestOrders_OfOneInstant(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).DatabaseWith(t, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
	s := open(t, database)
	ids := []string{"b", "a", "C", "B", "A-", "A", "-C", "-"}
	for _, id := range ids {
		d := cart(id)
		d.Kind = store.Order
		if err := insert(t, s, d); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for d, err := range s.Orders(t.Context(), "contoso") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.ID)
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Errorf("the orders are %v, want %v", got, ids)
	}
}

// Text that PostgreSQL does not take is a fault of the program, which the next update does not suffer from.
func TestUpdate_BadInput(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).Database(t))
	for _, text := range []string{"a\x00b", "a\xffb"} {
		for _, d := range []store.Document{cart(text), {Key: cart("a").Key, Body: []byte(text)}} {
			err := insert(t, s, d)
			if err == nil || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrExists) {
				t.Errorf("%q: Update gave %v, want a fault", text, err)
			}
		}
		if _, err := s.Get(t.Context(), cart(text).Key); err == nil || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%q: Get gave %v, want a fault", text, err)
		}
	}
	if err := insert(t, s, cart("a")); err != nil {
		t.Errorf("afterwards Update gave %v", err)
	}
}

// A connection that breaks while an update is written, or while it is committed in the same round trip: nobody is told that it
// was, and nothing is torn.
func TestUpdate_BreaksAtItsEnd(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]string{"a statement": atInsert, "COMMIT": atCommit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := triggered(t, unwrapped, trigger, "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60)")
			if err := insert(t, s, cart("a"), order("o")); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Update gave %v, want ErrUnavailable", err)
			}
			requireMissing(t, s, cart("a").Key, order("o").Key)
			if err := insert(t, s, cart("a")); err != nil {
				t.Errorf("the next Update gave %v", err)
			}
		})
	}
}

// A server that does not answer a statement is given up. COMMIT may take any time: it waits for a synchronous standby.
func TestUpdate_Limit(t *testing.T) {
	t.Parallel()
	const limit = time.Second
	t.Run("a statement", func(t *testing.T) {
		t.Parallel()
		s := triggered(t, postgres.Within(limit), atInsert, "PERFORM pg_sleep(60)")
		if err := insert(t, s, cart("a"), order("o")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Update gave %v, want ErrUnavailable", err)
		}
		requireMissing(t, s, cart("a").Key, order("o").Key)
	})
	t.Run("COMMIT", func(t *testing.T) {
		t.Parallel()
		s := triggered(t, postgres.Within(limit), atCommit, "PERFORM pg_sleep(3)")
		if err := insert(t, s, cart("a"), order("o")); err != nil {
			t.Errorf("Update gave %v", err)
		}
		if _, err := s.Get(t.Context(), order("o").Key); err != nil {
			t.Errorf("Get gave %v", err)
		}
	})
}

// When a trigger does what it does: as an order is inserted, or as that is committed.
const (
	atInsert = "CREATE TRIGGER does AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION does()"
	atCommit = "CREATE CONSTRAINT TRIGGER does AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION does()"
)

// triggered is a store on a database with a trigger.
func triggered(t *testing.T, wrap func(driver.Connector) driver.Connector, trigger, does string) store.Store {
	t.Helper()
	url := pgtest.Shared(t).Database(t)
	s, err := postgres.OpenThrough(t.Context(), url, wrap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	function := "CREATE FUNCTION does() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + does + "; RETURN NULL; END $$"
	for _, statement := range []string{function, trigger} {
		if _, err := s.Pools()["writer"].ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func order(id string) store.Document {
	d := cart(id)
	d.Kind = store.Order
	return d
}

func requireMissing(t *testing.T, s store.Store, keys ...store.Key) {
	t.Helper()
	for _, key := range keys {
		if _, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get of the %s gave %v", key.Kind, err)
		}
	}
}
