package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// tester is what tests, fuzz targets and properties have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// harness is a stub without a listener, for tests that need many: each call is one of its handler. An answer that is not as
// the contract has it fails the test, and so does a 5xx.
type harness struct {
	tester
	handler http.Handler
	now     time.Time
}

var builtin = sync.OnceValues(catalog.Builtin)

func newHarness(t tester) *harness {
	t.Helper()
	items, err := builtin()
	if err != nil {
		t.Fatalf("%v", err)
	}
	h := &harness{tester: t, now: servertest.Start}
	h.handler, err = server.New(server.Options{
		Catalog:       items,
		Clock:         func() time.Time { return h.now },
		IDs:           &countedIDs{},
		InvalidAnswer: func(err error) { h.Errorf("%v", err) },
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return h
}

// countedIDs draws the same ids in each run, so that a failure can be repeated.
type countedIDs struct{ n int }

func (c *countedIDs) GUID() string {
	c.n++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", c.n)
}

func (c *countedIDs) OrderID() string {
	c.n++
	return fmt.Sprintf("%012x", c.n)
}

// call sends a request below the customer, with headers as send has them.
func (h *harness) call(method, path, body string, headers ...string) answer {
	h.Helper()
	r := httptest.NewRequest(method, "/v1/customers/"+customer+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, r)
	a := answer{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
	if a.status >= http.StatusInternalServerError {
		h.Errorf("%s %s answers %d to\n%s\n%s", method, path, a.status, body, a.body)
	}
	return a
}

// get gives what a path has.
func get[T any](h *harness, path string) T {
	h.Helper()
	return value[T](h, h.call("GET", path, ""), http.StatusOK)
}

// value reads an answer that must have a status.
func value[T any](t tester, a answer, status int) (v T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("the answer is %d, not %d\n%s", a.status, status, a.body)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	return v
}
