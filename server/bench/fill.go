package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// fill gives a server whose store has n six-line carts of a customer, and their ids. In memory they are made by requests; into a
// database they are written by the store itself, as copies of one that the server has made.
func (w *workshop) fill(ctx context.Context, kind string, n int) (*process, []string, error) {
	dir, err := w.folder()
	if err != nil {
		return nil, nil, err
	}
	where, err := w.store(kind, dir)
	if err != nil {
		return nil, nil, err
	}
	s, err := w.startStub(ctx, kind, dir, where)
	if err != nil {
		return nil, nil, err
	}
	if kind == inMemory {
		ids, err := s.makeCarts(ctx, w.bodies.sixLines, bound{requests: n})
		if err != nil {
			err = errors.Join(err, s.stop())
		}
		return s, ids, err
	}
	if err := s.stop(); err != nil {
		return nil, nil, err
	}
	ids, err := fillDatabase(ctx, kind, where, n)
	if err != nil {
		return nil, nil, fmt.Errorf("fill %s: %w", kind, err)
	}
	s, err = w.startStub(ctx, kind, dir, where)
	return s, ids, err
}

// fillDatabase copies the newest cart of a store.
func fillDatabase(ctx context.Context, kind, where string, n int) (ids []string, err error) {
	documents, err := openStore(ctx, kind, where)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, documents.Close()) }()
	var model store.Document
	for d, err := range documents.All(ctx, store.Cart, customer) {
		if err != nil {
			return nil, err
		}
		model = d
		break
	}
	random := rand.NewChaCha8([32]byte{})
	for range n {
		id, err := uuid.NewV7FromReader(random) // as the server draws them
		if err != nil {
			return nil, err
		}
		ids = append(ids, id.String())
	}
	return ids, copies(ctx, documents, model, ids)
}

func openStore(ctx context.Context, kind, where string) (store.Store, error) {
	if kind == onSQLite {
		return sqlite.Open(ctx, strings.TrimPrefix(where, "sqlite:"))
	}
	return postgres.Open(ctx, where)
}

// copies inserts copies of a document, several transactions at a time.
func copies(ctx context.Context, documents store.Store, model store.Document, ids []string) error {
	const batch, writers = 2_000, 4
	var mu sync.Mutex
	next := func() (out []string) {
		mu.Lock()
		defer mu.Unlock()
		out, ids = ids[:min(batch, len(ids))], ids[min(batch, len(ids)):]
		return out
	}
	insert := func(ids []string) error {
		return documents.Update(ctx, func(tx store.Tx) error {
			for _, id := range ids {
				d := model
				d.ID, d.Body = id, bytes.ReplaceAll(model.Body, []byte(model.ID), []byte(id))
				if err := tx.Insert(d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for some := next(); len(some) > 0 && errs[i] == nil; some = next() {
				errs[i] = insert(some)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
