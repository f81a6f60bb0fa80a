package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// cartMemory is what a six-line cart needs in the memory store: what is alive on the heap for it after a garbage collection. The
// process has up to twice that from the machine, as Go's collector works by itself.
type cartMemory struct {
	live     float64 // kB
	answered float64 // kB, with the answer that is kept for a repetition of its request
}

// measureCart makes carts in this process.
func measureCart(ctx context.Context, body string) (m cartMemory, err error) {
	if m.live, err = heapOfCarts(ctx, body, func(*http.Request) {}); err != nil {
		return m, err
	}
	m.answered, err = heapOfCarts(ctx, body, func(r *http.Request) { r.Header.Set("MS-RequestId", uuid.NewString()) })
	return m, err
}

// heapOfCarts gives the kB that each of many carts adds to the heap, after as many that have filled the journal.
func heapOfCarts(ctx context.Context, body string, with func(*http.Request)) (float64, error) {
	const n = 5_000
	handler, err := server.New(server.Options{Store: memory.New(), Control: true})
	if err != nil {
		return 0, err
	}
	var heaps [2]uint64
	for i := range heaps {
		for range n {
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, carts, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer any")
			r.Header.Set("Content-Type", "application/json")
			with(r)
			w := httptest.NewRecorder()
			if handler.ServeHTTP(w, r); w.Code != http.StatusCreated {
				return 0, fmt.Errorf("a cart's creation answers %d\n%s", w.Code, w.Body)
			}
		}
		heaps[i] = heap()
	}
	runtime.KeepAlive(handler)
	return float64(heaps[1]-heaps[0]) / n / 1024, nil
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what pools hold goes in the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
