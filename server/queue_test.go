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
		for _, thing := range []string{"a", "b"} {
			if err := q.enter(t.Context(), thing); err != nil {
				t.Fatal(err)
			}
		}
		q.leave("b")

		begun := time.Now()
		if err := q.enter(t.Context(), "a"); !errors.Is(err, errHeld) || time.Since(begun) != queueWait {
			t.Errorf("after %v enter gave %v", time.Since(begun), err)
		}
		gone, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.enter(gone, "a"); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("for a client that hung up enter gave %v", err)
		}

		entered := make(chan struct{})
		go func() {
			defer close(entered)
			if err := q.enter(t.Context(), "a"); err != nil {
				t.Error(err)
				return
			}
			q.leave("a")
		}()
		synctest.Wait()
		select {
		case <-entered:
			t.Error("two have their turn at once")
		default:
		}
		q.leave("a")
		<-entered
		if len(q.waiting) != 0 {
			t.Errorf("%d things are remembered that nobody changes", len(q.waiting))
		}
	})
}

// A turn that comes when nobody waits for it any more goes on to the next.
func TestQueue_GiveUp(t *testing.T) {
	t.Parallel()
	var q queue
	if q.wait("a") != nil {
		t.Fatal("the first one waits")
	}
	late, next := q.wait("a"), q.wait("a")
	q.leave("a") // it is late's turn, who is about to say that its time is over
	q.giveUp("a", late)
	select {
	case <-next:
	default:
		t.Error("the turn is lost")
	}
	q.leave("a")
	if len(q.waiting) != 0 {
		t.Errorf("%d things are remembered that nobody changes", len(q.waiting))
	}
}
