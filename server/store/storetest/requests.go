package storetest

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// request is one of three that differ in one thing, or the same once more.
func request(change func(*store.Request)) store.Request {
	r := store.Request{CustomerID: "contoso", Operation: "createCart", ID: "8e0e3b5e-2c56-4b4c-9b56-6b9d4b9a1f01"}
	change(&r)
	return r
}

func remember(t *testing.T, s store.Store, r store.Request, at time.Time, answer string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Recall(r, at); err != nil {
			return err
		}
		return tx.Remember(r, at, []byte(answer[:1]), []byte(answer[1:]))
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// requireRecalled checks what an update is given for a request; an empty answer stands for none.
func requireRecalled(t *testing.T, s store.Store, r store.Request, since time.Time, want string) {
	t.Helper()
	var got []byte
	err := s.Update(t.Context(), func(tx store.Tx) (err error) {
		got, err = tx.Recall(r, since)
		return err
	})
	if err != nil || string(got) != want {
		t.Errorf("Recall of %+v gave %q, %v; want %q", r, got, err, want)
	}
}

func requests(t *testing.T, s store.Store) {
	same := func(*store.Request) {}
	requireRecalled(t, s, request(same), created, "")
	remember(t, s, request(same), created, `{"status":201}`)
	requireRecalled(t, s, request(same), created, `{"status":201}`)
	for name, change := range map[string]func(*store.Request){
		"customer":  func(r *store.Request) { r.CustomerID = "fabrikam" },
		"operation": func(r *store.Request) { r.Operation = "updateCart" },
		"resource":  func(r *store.Request) { r.Resource = "a" },
		"id":        func(r *store.Request) { r.ID = "b" },
	} {
		t.Log("another " + name)
		requireRecalled(t, s, request(change), created, "")
	}
	// What was remembered before is not given, and can be remembered anew.
	later := created.Add(time.Microsecond)
	requireRecalled(t, s, request(same), later, "")
	remember(t, s, request(same), later, `{"status":400}`)
	requireRecalled(t, s, request(same), later, `{"status":400}`)
	// An update that fails remembers nothing.
	failed := request(func(r *store.Request) { r.ID = "failed" })
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Recall(failed, created); err != nil {
			return err
		}
		return errors.Join(tx.Remember(failed, created, []byte("x")), errors.New("refused by a rule"))
	})
	if err == nil {
		t.Error("the update did not fail")
	}
	requireRecalled(t, s, failed, created, "")
}

func forgottenRequests(t *testing.T, s store.Store) {
	at := func(i int) time.Time { return created.Add(time.Duration(i) * time.Second) }
	of := func(i int) store.Request { return request(func(r *store.Request) { r.Resource = strconv.Itoa(i) }) }
	const n = 10
	for i := range n {
		remember(t, s, of(i), at(i), "x")
	}
	remember(t, s, of(0), at(n), "y") // again, so it is no longer the oldest
	forget := func(before time.Time, limit int) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Forget(before, limit) }); err != nil {
			t.Fatalf("Forget: %v", err)
		}
	}
	kept := func() (n int) {
		for i := range 10 {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(of(i), created)
				if answer != nil {
					n++
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	forget(at(5), 2)
	if got := kept(); got < n-2 {
		t.Errorf("%d are kept, want no fewer than %d", got, n-2)
	}
	for range n {
		forget(at(5), 2)
	}
	for i := range n {
		want := "x"
		switch {
		case i == 0:
			want = "y"
		case i < 5:
			want = ""
		}
		requireRecalled(t, s, of(i), created, want)
	}
}

// A repetition waits for the first, and then has its answer.
func requestInFlight(t *testing.T, s store.Store) {
	r := request(func(*store.Request) {})
	const clients = 16
	made := 0 // guarded by the request alone, which -race checks
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(r, created)
				if answer != nil || err != nil {
					return err
				}
				made++
				if err := tx.Insert(cart(strconv.Itoa(made))); err != nil {
					return err
				}
				return tx.Remember(r, created, []byte("x"))
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wg.Wait()
	requireStored(t, s, cart("1"))
	requireMissing(t, s, cart("2").Key)
}
