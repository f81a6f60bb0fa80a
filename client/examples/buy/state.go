package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cartwright-dev/cartwright/client"
)

// state is what has to survive a crash, so that a run that comes after it does not buy again.
type state struct {
	Server     string   `json:"server"`                      // where the cart is
	CustomerID string   `json:"customerId"`                  // whose it is
	CartDigest string   `json:"cartDigest"`                  // SHA-256 of the cart file
	CreateID   string   `json:"createRequestId"`             // stored before the cart is made
	CartID     string   `json:"cartId,omitempty"`            // stored once it is
	CheckoutID string   `json:"checkoutRequestId,omitempty"` // stored before the checkout: from now on it may be ordered
	OrderIDs   []string `json:"orderIds,omitempty"`          // stored once all of it is
}

// begun tells whether the cart may be ordered, wholly or in part.
func (s state) begun() bool { return s.CheckoutID != "" }

// same tells whether an earlier run was about the same purchase.
func (s state) same(o state) bool {
	return s.Server == o.Server && s.CustomerID == o.CustomerID && s.CartDigest == o.CartDigest
}

// whole tells whether each step has what the one before it left.
func (s state) whole() bool {
	return s.Server != "" && s.CustomerID != "" && s.CartDigest != "" && s.CreateID != "" &&
		(s.CartID != "" || s.CheckoutID == "") && (s.CheckoutID != "" || len(s.OrderIDs) == 0)
}

// settle takes over what a checkout that failed has told. What is certainly not ordered may be changed and tried again; while
// a request's outcome is unknown, its id stays.
func (s *state) settle(failed *client.CheckoutError) {
	known, ordered := len(failed.Groups) > 0, false
	for _, g := range failed.Groups {
		known = known && (g.State == client.Ordered || g.State == client.NotOrdered) // not Refused: an earlier run may have ordered
		ordered = ordered || g.State == client.Ordered
	}
	switch {
	case known && ordered:
		s.CheckoutID = client.NewRequestID()
	case known:
		s.CheckoutID = ""
	}
}

// stateFile keeps a state in a file.
type stateFile struct {
	path string
	last []byte // as it was read or written; nil for no file
}

// read gives the state that an earlier run left; found is false where there is none.
func (f *stateFile) read() (s state, found bool, err error) {
	f.last, err = os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, err
	}
	if err = decode(f.path, f.last, &s); err == nil && !s.whole() {
		err = fmt.Errorf("%s: members are missing", f.path)
	}
	if err != nil {
		return s, false, fmt.Errorf("%w; it may tell of a purchase: look at the customer's orders before you delete it", err)
	}
	return s, true, nil
}

// unchanged looks whether the file is still as this run left it, so that what another run has written meanwhile stays.
func (f *stateFile) unchanged() error {
	now, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if (now == nil) != (f.last == nil) || !bytes.Equal(now, f.last) {
		return fmt.Errorf("%s: another run has changed it meanwhile; let that end, then run again", f.path)
	}
	return nil
}

// write replaces the file, as a whole or not at all, and has it on the disk when it returns.
func (f *stateFile) write(s state) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	data = append(data, '\n')
	if err := replace(f.path, data); err != nil {
		return err
	}
	f.last = data
	return nil
}

// remove forgets a purchase of which nothing is ordered.
func (f *stateFile) remove() error {
	if err := f.unchanged(); err != nil {
		return err
	}
	f.last = nil
	return os.Remove(f.path)
}

// replace writes a file beside the other, and puts it in its place once it is on the disk.
func replace(path string, data []byte) error {
	next, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(next.Name()) }() // which is gone when all went well
	_, err = next.Write(data)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	if err := os.Rename(next.Name(), path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil { // not every system can sync a folder
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
