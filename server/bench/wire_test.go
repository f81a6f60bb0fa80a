package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What is sent is a request as net/http reads it, with ids of its own.
func TestRequest(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for n := range uint64(50) {
		sent := request{http.MethodPost, "/x", "{}", http.StatusOK}.appendTo(nil, n<<n)
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(sent))))
		if err != nil {
			t.Fatalf("%v\n%s", err, sent)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "{}" || r.Method != http.MethodPost || r.URL.Path != "/x" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s with %q, %v", r.Method, r.URL, body, err)
		}
		for _, name := range []string{"MS-RequestId", "MS-CorrelationId"} {
			id := r.Header.Get(name)
			if uuid.Validate(id) != nil || len(id) != 36 || seen[id] && n > 0 {
				t.Errorf("%s is %q, seen before: %v", name, id, seen[id])
			}
			seen[id] = true
		}
	}
}

// Answers are read whole, with a length and in chunks, one after the other on a connection; of a long one the beginning is kept.
func TestConnection(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", keptBody/5)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunks":
			for range 3 {
				fmt.Fprint(w, "part")
				w.(http.Flusher).Flush()
			}
		case "/long":
			fmt.Fprint(w, long)
		case "/longchunks":
			w.(http.Flusher).Flush()
			fmt.Fprint(w, long)
		case "/refused":
			http.Error(w, "why", http.StatusConflict)
		default:
			fmt.Fprint(w, "short")
		}
	}))
	t.Cleanup(web.Close)
	c, err := dial(t.Context(), web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.within(time.Minute); err != nil {
		t.Fatal(err)
	}
	for i, tc := range []struct {
		path, want string
		size       int
	}{
		{"/", "short", 5},
		{"/chunks", "partpartpart", 12},
		{"/longchunks", long[:keptBody], len(long)},
		{"/", "short", 5},
		{"/long", long[:keptBody], len(long)},
		{"/chunks", "partpartpart", 12},
	} {
		err := c.do(request{method: http.MethodGet, path: tc.path, status: http.StatusOK}, uint64(i))
		if err != nil || string(c.body) != tc.want || c.size != int64(tc.size) {
			t.Errorf("%d: %s gives %d bytes of %d, %v", i, tc.path, len(c.body), c.size, err)
		}
	}
	err = c.do(request{method: http.MethodGet, path: "/refused", status: http.StatusOK}, 0)
	if err == nil || !strings.Contains(err.Error(), "GET /refused answers 409, want 200\nwhy") {
		t.Errorf("an answer with another status gives %v", err)
	}
}
