//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
)

// counter is a client that counts up in a document of its own.
type counter struct {
	store        store.Store
	key          store.Key
	acknowledged int
	unknown      int // updates that failed where nobody can tell whether they were made
}

func (c *counter) add(ctx context.Context) error {
	err := c.store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Get(c.key)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(d.Body))
		if err != nil {
			return err
		}
		return tx.Put(c.key, strconv.AppendInt(nil, int64(n+1), 10))
	})
	switch {
	case err == nil:
		c.acknowledged++
	case errors.Is(err, store.ErrUnavailable):
		c.unknown++
	case errors.Is(err, store.ErrBusy): // nothing was changed
	default:
		return err
	}
	return nil
}

// Connections that are ended, and a server that falls as one of its processes is killed, lose nothing that was acknowledged.
// The store goes on by itself as soon as the server does.
func TestUpdate_KilledBackends(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	s := open(t, cluster.Database(t))
	const clients, rounds, each = 8, 6, 100
	var acknowledged atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	counters := make([]*counter, clients)
	for i := range counters {
		d := cart(fmt.Sprint(i))
		d.Body = []byte("0")
		if err := insert(t, s, d); err != nil {
			t.Fatal(err)
		}
		c := &counter{store: s, key: d.Key}
		counters[i] = c
		wg.Go(func() {
			for ctx.Err() == nil {
				before := c.acknowledged
				if err := c.add(ctx); err != nil {
					t.Errorf("an update gave %v", err)
					return
				}
				acknowledged.Add(int64(c.acknowledged - before))
			}
		})
	}
	for round := range rounds {
		await(t, &acknowledged, acknowledged.Load()+each)
		if round%3 != 2 {
			cluster.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cartwright'")
			continue
		}
		pid, err := strconv.Atoi(cluster.Exec(t, "SELECT pid FROM pg_stat_activity WHERE application_name = 'cartwright' LIMIT 1"))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil { // upon which PostgreSQL ends all others, and recovers
			t.Fatal(err)
		}
	}
	await(t, &acknowledged, acknowledged.Load()+each)
	stop()
	wg.Wait()
	unknown := 0
	for _, c := range counters {
		d, err := s.Get(t.Context(), c.key)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := strconv.Atoi(string(d.Body)); err != nil || n < c.acknowledged || n > c.acknowledged+c.unknown {
			t.Errorf("%s counts %s, %d were acknowledged and %d unknown", c.key.ID, d.Body, c.acknowledged, c.unknown)
		}
		unknown += c.unknown
	}
	if unknown == 0 {
		t.Error("no update was disturbed, so nothing was tested")
	}
	t.Logf("%d acknowledged, %d unknown, none lost", acknowledged.Load(), unknown)
}

// await waits until so many updates are acknowledged.
func await(t *testing.T, acknowledged *atomic.Int64, want int64) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(time.Minute); acknowledged.Load() < want; {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatal("the store does not serve again")
		}
	}
}
