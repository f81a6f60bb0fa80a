package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// HTTP-IDEMPOTENCY: a refusal is remembered only where nothing was changed before it; else all of it is undone.
func TestOnce_RefusedAfterAChange(t *testing.T) {
	t.Parallel()
	documents := memory.New()
	o := &operations{store: documents, clock: newClock(time.Now, documents)}
	ctx := withExchange(t.Context(), &exchange{requestID: "4fa6dad6-a89f-4875-8247-8294a10ae1cf", requestIDSent: true, operation: "createCart"})
	calls := 0
	refuse := func(ctx context.Context, changing bool) error {
		_, err := once(ctx, o, change{customerID: "contoso"}, func(tx store.Tx) ([]byte, error) {
			calls++
			if changing {
				if err := tx.Insert(store.Document{Key: cartKey("contoso", "a"), Body: []byte(`{}`)}); err != nil {
					t.Error(err)
				}
			}
			return nil, commerce.ErrCartSubmitted
		})
		return err
	}
	for range 2 {
		if err := refuse(ctx, true); !errors.Is(err, commerce.ErrCartSubmitted) {
			t.Errorf("once gave %v", err)
		}
	}
	if _, err := documents.Get(ctx, cartKey("contoso", "a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what was changed before the refusal is there: %v", err)
	}
	for range 2 {
		if err := refuse(ctx, false); !errors.Is(err, commerce.ErrCartSubmitted) {
			t.Errorf("once gave %v", err)
		}
	}
	if calls != 3 {
		t.Errorf("it was tried %d times, want twice with a change and once without", calls)
	}
}
