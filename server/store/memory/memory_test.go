package memory_test

import (
	"bytes"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
	"github.com/cartwright-dev/cartwright/server/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}

// What was answered to a customer does not stay in memory when all of the customer is cleared.
func TestStore_ClearFreesAnswers(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var answer weak.Pointer[byte]
	err := s.Update(t.Context(), func(tx store.Tx) error {
		body := bytes.Repeat([]byte("x"), 1000)
		answer = weak.Make(&body[0])
		return tx.Remember(store.Request{CustomerID: "a"}, time.Time{}, body)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Clear("a") }); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	if answer.Value() != nil {
		t.Error("the answer is still in memory")
	}
	runtime.KeepAlive(s)
}
