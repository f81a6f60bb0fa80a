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

// Of requests at once one does it, and the others then have its answer.
func requestInFlight(t *testing.T, s store.Store) {
	r := request(func(*store.Request) {})
	const clients = 16
	var wg sync.WaitGroup
	answers := make([]string, clients)
	for i := range clients {
		wg.Go(func() {
			id := strconv.Itoa(i)
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(r, created)
				if answers[i] = string(answer); answer != nil || err != nil {
					return err
				}
				if err := tx.Insert(cart(id)); err != nil {
					return err
				}
				answers[i] = id
				return tx.Remember(r, created, []byte(id))
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wg.Wait()
	for i := range clients {
		switch id := strconv.Itoa(i); {
		case answers[i] != answers[0]:
			t.Errorf("client %d was answered %q, client 0 %q", i, answers[i], answers[0])
		case answers[i] == id:
			requireStored(t, s, cart(id))
		default:
			requireMissing(t, s, cart(id).Key)
		}
	}
}

// RunRestarted checks that a store knows the requests that another one remembered in the same database: as does a process that
// has not heard of them yet.
func RunRestarted(t *testing.T, open func(t *testing.T) store.Store) {
	before, refused := open(t), errors.New("refused by a rule")
	for name, fn := range map[string]func(store.Tx, store.Request) error{
		"AfterRecall":  func(store.Tx, store.Request) error { return nil },
		"AfterFailure": func(store.Tx, store.Request) error { return refused },
		"AfterGet": func(tx store.Tx, _ store.Request) error {
			_, err := tx.Get(cart("a").Key)
			return err
		},
		"AfterWrites": func(tx store.Tx, r store.Request) error {
			if err := tx.Insert(cart("new" + r.ID)); err != nil {
				return err
			}
			_, err := tx.Get(cart("a").Key)
			return err
		},
		"AfterRemember": func(tx store.Tx, r store.Request) error {
			if err := tx.Insert(cart("new" + r.ID)); err != nil {
				return err
			}
			return tx.Remember(r, created, []byte("y"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(func(r *store.Request) { r.ID = name })
			remember(t, before, r, created, "x")
			s, got := open(t), ""
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(r, created)
				if got = string(answer); answer != nil || err != nil {
					return err
				}
				return fn(tx, r)
			})
			if err != nil || got != "x" {
				t.Errorf("Update gave %v, and Recall %q, want x", err, got)
			}
			requireMissing(t, s, cart("new"+name).Key)
			requireRecalled(t, s, r, created, "x")
		})
	}
}
