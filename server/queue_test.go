package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// CHECKOUT-BUSY: who changes the same thing waits, for a time, and keeps nobody from another thing.
func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q queue
		leave, err := q.enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		other, err := q.enter(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		other()

		begun := time.Now()
		if _, err := q.enter(t.Context(), "a"); !errors.Is(err, errHeld) || time.Since(begun) != queueWait {
			t.Errorf("after %v enter gave %v", time.Since(begun), err)
		}
		gone, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.enter(gone, "a"); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("for a client that hung up enter gave %v", err)
		}

		entered := make(chan struct{})
		go func() {
			defer close(entered)
			leave, err := q.enter(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			leave()
		}()
		synctest.Wait()
		select {
		case <-entered:
			t.Error("two have their turn at once")
		default:
		}
		leave()
		<-entered
		if len(q.waiting) != 0 {
			t.Errorf("%d things are remembered that nobody changes", len(q.waiting))
		}
	})
}
