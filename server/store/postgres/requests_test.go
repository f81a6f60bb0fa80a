package postgres_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
)

// A request that is remembered anew while a Forget waits for its row is kept: else a repetition would order once more.
func TestForget_RememberedAnew(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).Database(t)
	s, r := open(t, database), store.Request{CustomerID: "contoso", Operation: "createOrder", ID: "1"}
	db := connect(t, database).Reader
	long, now := time.UnixMicro(1), time.UnixMicro(2)
	remember := func(tx store.Tx, at time.Time) error {
		if _, err := tx.Recall(r, at); err != nil {
			return err
		}
		return tx.Remember(r, at, []byte("x"))
	}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return remember(tx, long) }); err != nil {
		t.Fatal(err)
	}

	forgotten := make(chan error, 1)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Recall(r, now); err != nil { // which holds the row
			return err
		}
		go func() { forgotten <- s.Update(t.Context(), func(tx store.Tx) error { return tx.Forget(now, 10) }) }()
		awaitWaiting(t, db)
		return tx.Remember(r, now, []byte("y"))
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-forgotten; err != nil {
		t.Errorf("Forget: %v", err)
	}
	var got []byte
	err = s.Update(t.Context(), func(tx store.Tx) (err error) {
		got, err = tx.Recall(r, now)
		return err
	})
	if err != nil || string(got) != "y" {
		t.Errorf("Recall gave %q, %v, want y", got, err)
	}
}

// A Clear that waits for a cart while that is checked out removes the order too.
func TestClear_CheckedOut(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).Database(t)
	s, db := open(t, database), connect(t, database).Reader
	if err := insert(t, s, cart("a")); err != nil {
		t.Fatal(err)
	}
	cleared := make(chan error, 1)
	placed := order("o")
	placed.CartID, placed.OrderGroup = "a", "0"
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Get(cart("a").Key); err != nil {
			return err
		}
		go func() { cleared <- s.Update(t.Context(), func(tx store.Tx) error { return tx.Clear("") }) }()
		awaitWaiting(t, db)
		return tx.Insert(placed)
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-cleared; err != nil {
		t.Errorf("Clear: %v", err)
	}
	requireMissing(t, s, cart("a").Key, placed.Key)
}

// awaitWaiting waits until somebody waits for a lock.
func awaitWaiting(t *testing.T, db *sql.DB) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for waiting := 0; waiting == 0; <-poll.C {
		const text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
		if err := db.QueryRowContext(t.Context(), text).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}
