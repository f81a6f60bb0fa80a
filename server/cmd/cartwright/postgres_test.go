package main

import (
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// Stubs that start at once on an empty database have one store together; none of them prints its password.
func TestPostgres(t *testing.T) {
	t.Parallel()
	database, err := url.Parse(pgtest.Shared(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	database.User = url.UserPassword("postgres", "hunter2")
	stubs := make([]*process, 3)
	var wg sync.WaitGroup
	for i := range stubs {
		stubs[i] = launch(t, t.TempDir(), "--store", database.String())
		wg.Go(stubs[i].serves)
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	const customer = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"
	const checkout = customer + "/carts/b4c8fdea-cbe4-4d17-9576-13fcacbf9605/checkout"
	status, first := stubs[0].send("POST", checkout, "")
	if status != 201 {
		t.Errorf("the checkout page's request: %d\n%s", status, first)
	}
	_, orders := stubs[0].send("GET", customer+"/orders", "")
	for _, stub := range stubs[1:] {
		if _, again := stub.send("POST", checkout, ""); again != first {
			t.Errorf("another stub answers the checkout with other bytes:\n%s\n%s", first, again)
		}
		if _, got := stub.send("GET", customer+"/orders", ""); got != orders {
			t.Errorf("another stub has the orders\n%s\nwant\n%s", got, orders)
		}
	}
	for _, stub := range stubs {
		if code := stub.end(syscall.SIGTERM); code != 0 {
			t.Errorf("SIGTERM ends it with %d:\n%s", code, read(t, stub.stderr))
		}
		printed := read(t, stub.stdout) + read(t, stub.stderr)
		if want := "postgres://" + database.Host + database.Path; !strings.Contains(printed, want) || strings.Contains(printed, "hunter2") {
			t.Errorf("it printed\n%s\nwant %s and no password", printed, want)
		}
	}
}

// Stubs add the documents' carts at the same time, and each cart is there once.
func TestPostgres_Examples(t *testing.T) {
	t.Parallel()
	database := pgtest.Shared(t).Database(t)
	var together sync.WaitGroup
	begin := make(chan struct{})
	for range 8 {
		documents, err := openStore(t.Context(), database+"&pool_max_conns=2")
		if err != nil {
			t.Fatal(err)
		}
		defer documents.Close()
		handler, err := server.New(server.Options{Store: documents})
		if err != nil {
			t.Fatal(err)
		}
		together.Go(func() {
			<-begin
			if err := handler.AddExamples(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	together.Wait()
}
