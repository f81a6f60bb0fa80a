package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// What PostgreSQL says, and what it means.
func TestVerdict_States(t *testing.T) {
	t.Parallel()
	engine := connect(t, pgtest.Shared(t).Database(t))
	for state, want := range map[string]sqlstore.Verdict{
		"40001": sqlstore.Repeat,      // serialization failure
		"40P01": sqlstore.Repeat,      // deadlock
		"55P03": sqlstore.Busy,        // lock_timeout
		"53100": sqlstore.Unavailable, // disk full
		"53200": sqlstore.Unavailable, // out of memory
		"53300": sqlstore.Unavailable, // too many connections
		"57P01": sqlstore.Unavailable, // the server is shut down
		"57P03": sqlstore.Unavailable, // the server starts
		"57014": sqlstore.Unavailable, // somebody cancelled the statement
		"58030": sqlstore.Unavailable, // input or output failed
		"08006": sqlstore.Unavailable, // the connection failed
		"25006": sqlstore.Unavailable, // the server is a standby
		"23505": sqlstore.Fault,       // a unique constraint
		"22021": sqlstore.Fault,       // bad text
		"42P01": sqlstore.Fault,       // no such table
	} {
		_, err := engine.Writer.Exec(fmt.Sprintf("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$", state))
		if got := postgres.Verdict(err); got != want {
			t.Errorf("%v counts as %v, want %v", err, got, want)
		}
	}
}

// What goes wrong between a server and PostgreSQL.
func TestVerdict_Connections(t *testing.T) {
	t.Parallel()
	engine := connect(t, pgtest.Shared(t).Database(t))
	if err := connect(t, "postgres://127.0.0.1:1/db").Writer.Ping(); postgres.Verdict(err) != sqlstore.Unavailable {
		t.Errorf("%v, of nobody who listens, does not count as unavailable", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := engine.Writer.ExecContext(ctx, "SELECT pg_sleep(60)"); postgres.Verdict(err) != sqlstore.Unavailable {
		t.Errorf("%v, of a statement without an answer, does not count as unavailable", err)
	}
	tx, err := engine.Writer.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec("SELECT pg_terminate_backend(pg_backend_pid())"); postgres.Verdict(err) != sqlstore.Unavailable {
		t.Errorf("%v, of a connection that was ended, does not count as unavailable", err)
	}
	if _, err := tx.Exec("SELECT 1"); err == nil || postgres.Verdict(err) == sqlstore.Fault {
		t.Errorf("%v, of a connection that had been ended, counts as a fault", err)
	}
}

// A read on a connection that has broken meanwhile is no fault of the program, though nothing was sent; and an update begins
// anew with another connection.
func TestStore_BrokenConnection(t *testing.T) {
	t.Parallel()
	engine, err := postgres.Connect(pgtest.Shared(t).Database(t)+"&pool_max_conns=2", unwrapped) // one to read, one to write
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.New(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	get := func() error { _, err := s.Get(t.Context(), cart("a").Key); return err }
	if err := get(); !errors.Is(err, store.ErrNotFound) { // from now on the connection knows the statement
		t.Errorf("Get gave %v, want ErrNotFound", err)
	}
	breakConnection(t, engine.Reader)
	if err := get(); !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrNotFound) { // found out before it was used
		t.Errorf("Get gave %v, want ErrUnavailable", err)
	}
	if err := get(); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the next Get gave %v, want ErrNotFound", err)
	}
	breakConnection(t, engine.Writer)
	if err := insert(t, s, cart("a")); err != nil {
		t.Errorf("Update gave %v", err)
	}
}

// breakConnection breaks the only connection of a pool, which does not know of it.
func breakConnection(t *testing.T, db *sql.DB) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(driver any) error { return driver.(interface{ Conn() *pgx.Conn }).Conn().PgConn().Conn().Close() })
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
}

// A connection whose statements the server no longer knows, as after a proxy has changed servers, is given up at the first of
// them.
func TestConnect_GivesUpUnprepared(t *testing.T) {
	t.Parallel()
	engine, err := postgres.Connect(pgtest.Shared(t).Database(t)+"&pool_max_conns=2", unwrapped) // one to read, one to write
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.New(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := insert(t, s, cart("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Writer.Exec("DEALLOCATE ALL"); err != nil {
		t.Fatal(err)
	}
	if err := insert(t, s, cart("b")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update gave %v, want ErrUnavailable", err)
	}
	if err := insert(t, s, cart("b")); err != nil {
		t.Errorf("the next Update gave %v", err)
	}
}

// A connection to a server that has become read-only is given up at its first write.
func TestConnect_GivesUpReadOnly(t *testing.T) {
	t.Parallel()
	engine := connect(t, pgtest.Shared(t).Database(t)+"&pool_max_conns=2") // one of them writes
	for _, statement := range []string{"CREATE TABLE x (y INT)", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"} {
		if _, err := engine.Writer.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := engine.Writer.Exec("INSERT INTO x VALUES (1)"); postgres.Verdict(err) != sqlstore.Unavailable {
		t.Errorf("a write to a server that is read-only gave %v", err)
	}
	if _, err := engine.Writer.Exec("INSERT INTO x VALUES (1)"); err != nil {
		t.Errorf("the next write gave %v", err)
	}
}

// An update that waits too long for another one is busy; it changes nothing.
func TestUpdate_Busy(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).Database(t)+"&lock_timeout=50ms")
	if err := insert(t, s, cart("a")); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Get(cart("a").Key); err != nil {
			return err
		}
		err := s.Update(t.Context(), func(other store.Tx) error {
			if err := other.Insert(cart("b")); err != nil {
				return err
			}
			_, err := other.Get(cart("a").Key)
			return err
		})
		if !errors.Is(err, store.ErrBusy) {
			t.Errorf("an update that waits gave %v, want ErrBusy", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the update that was waited for gave %v", err)
	}
	if _, err := s.Get(t.Context(), cart("b").Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the busy update left something: %v", err)
	}
}
