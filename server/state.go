package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// Export gives all carts, then all orders, of a customer or, where customerID is empty, of all, the oldest first: what
// Import takes.
func (s *Server) Export(ctx context.Context, customerID string) ([]store.Document, error) {
	var out []store.Document
	placed := make(map[string]bool) // by the carts, as cart/order
	for c, err := range s.cartsOf(ctx, customerID) {
		if err != nil {
			return nil, err
		}
		for _, p := range c.record.Placed {
			placed[c.ID+"/"+p.Order.ID] = true
		}
		out = append(out, c.Document)
	}
	slices.Reverse(out)
	begin := len(out)
	for o, err := range s.ordersOf(ctx, customerID) {
		if err != nil {
			return nil, err
		}
		if o.CartID != "" && !placed[o.CartID+"/"+o.ID] {
			continue // it was placed after its cart was read
		}
		o.Subscriptions = o.record.SubscriptionIDs()
		out = append(out, o.Document)
	}
	slices.Reverse(out[begin:])
	return out, nil
}

// Import replaces all carts and orders, of a customer or of all, by those of an export, in one transaction.
func (s *Server) Import(ctx context.Context, customerID string, documents []store.Document) error {
	customerID = strings.ToLower(customerID)
	documents = slices.Clone(documents) // their bodies change
	placed := make(map[string]bool)
	for i, d := range documents {
		if customerID != "" && !strings.EqualFold(d.CustomerID, customerID) {
			return invalid(fault{place: fmt.Sprintf("/documents/%d/customerId", i), reason: "is another customer than the one of the query"})
		}
		if documents[i].Body = s.bodyOf(d, placed); documents[i].Body == nil {
			return invalid(fault{place: fmt.Sprintf("/documents/%d/body", i), reason: "is not what this version of the stub keeps"})
		}
		if d.Kind == store.Order && d.CartID != "" && !placed[d.CartID+"/"+d.ID] {
			return invalid(fault{place: fmt.Sprintf("/documents/%d/cartId", i), reason: "is no cart before this document that has the order"})
		}
	}
	err := s.operations.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Clear(customerID); err != nil {
			return err
		}
		for _, d := range documents {
			d.CustomerID = strings.ToLower(d.CustomerID)
			if err := tx.Insert(d); err != nil {
				return err
			}
		}
		return nil
	})
	if exists := (*store.ExistsError)(nil); errors.As(err, &exists) {
		i := len(documents) - 1 // of two that are alike the later one is told
		for i > 0 && (documents[i].Kind != exists.Key.Kind || documents[i].ID != exists.Key.ID) {
			i--
		}
		return invalid(fault{place: fmt.Sprintf("/documents/%d/id", i), reason: "is there already"})
	}
	return err
}

// WriteState exports all carts and orders, and the clock, as test control does.
func (s *Server) WriteState(ctx context.Context, w io.Writer) error {
	state, err := s.state(ctx, "")
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(state)
}

// ReadState replaces all carts and orders, and the clock, by what WriteState or test control has exported.
func (s *Server) ReadState(ctx context.Context, r io.Reader) error {
	contract, err := loadControl()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	if err := contract.Components.Schemas["State"].Value.VisitJSON(value, openapi3.VisitAsRequest()); err != nil {
		return invalid(bodyFault(err, ""))
	}
	var state control.State
	if err := json.Unmarshal(data, &state); err != nil {
		return err
	}
	return s.setState(ctx, "", state)
}

// state gives the export of a customer or of all.
func (s *Server) state(ctx context.Context, customerID string) (state control.State, err error) {
	documents, err := s.Export(ctx, customerID)
	if err != nil {
		return state, err
	}
	clock, err := s.Clock(ctx)
	if err != nil {
		return state, err
	}
	now := clock.Now.UTC()
	state = control.State{Format: control.StateFormatN1, Now: &now, Frozen: clock.Frozen, Documents: make([]control.Document, len(documents))}
	for i, d := range documents {
		state.Documents[i] = control.Document{
			Kind: control.DocumentKind(d.Kind), CustomerID: d.CustomerID, ID: d.ID, CreatedAt: d.CreatedAt,
			CartID: d.CartID, OrderGroup: d.OrderGroup, Subscriptions: d.Subscriptions, Body: d.Body,
		}
	}
	return state, nil
}

// setState imports an export, of a customer or of all, whose clock is taken over too.
func (s *Server) setState(ctx context.Context, customerID string, state control.State) error {
	if state.Now != nil && (state.Now.Year() < minYear || state.Now.Year() > maxYear) {
		return invalid(fault{place: "/now", reason: fmt.Sprintf("the year is not from %d to %d", minYear, maxYear)})
	}
	documents := make([]store.Document, len(state.Documents))
	for i, d := range state.Documents {
		documents[i] = store.Document{
			Key:       store.Key{Kind: store.Kind(d.Kind), CustomerID: d.CustomerID, ID: d.ID},
			CreatedAt: d.CreatedAt.UTC().Truncate(time.Microsecond), CartID: d.CartID, OrderGroup: d.OrderGroup,
			Subscriptions: d.Subscriptions, Body: d.Body,
		}
	}
	if err := s.Import(ctx, customerID, documents); err != nil || state.Now == nil || customerID != "" {
		return err
	}
	return s.operations.clock.restore(ctx, *state.Now, state.Frozen)
}

// bodyOf gives the body of a document as it is stored by this version, however it is printed in an export: nil where it is no
// record of the document, which the API can answer. The orders that a cart has are added to placed.
func (s *Server) bodyOf(d store.Document, placed map[string]bool) []byte {
	if d.Kind == store.Cart {
		record, err := decode[commerce.CartRecord](d)
		if err != nil || record.Cart.ID != d.ID || !isGUID(d.ID) || d.ID != strings.ToLower(d.ID) || !s.isAnswer("Cart", &record.Cart) {
			return nil
		}
		for _, p := range record.Placed {
			placed[d.ID+"/"+p.Order.ID] = true
		}
		body, _, _ := encodeCart(&record) // it was decoded
		return body
	}
	record, err := decode[commerce.OrderRecord](d)
	if err != nil || record.Order.ID != d.ID || !strings.EqualFold(record.Order.ReferenceCustomerID, d.CustomerID) ||
		len(record.Provisioning) != len(record.Order.LineItems) || !s.isAnswer("Order", &record.Order) {
		return nil
	}
	body, _ := encode(&record)
	return body
}

// isAnswer reports whether a value is as a schema of the contract has it.
func (s *Server) isAnswer(schema string, value any) bool {
	data, err := encode(value)
	if err != nil {
		return false
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return false
	}
	return s.contract.Components.Schemas[schema].Value.VisitJSON(v, openapi3.VisitAsResponse()) == nil
}

// Reset removes all carts and orders of a customer. Where customerID is empty it removes all, the clock is that of
// Options.Clock again, no fault is armed, the journal is empty, and the documents' example carts are back if they were added.
func (s *Server) Reset(ctx context.Context, customerID string) error {
	if err := s.Import(ctx, customerID, nil); err != nil || customerID != "" {
		return err
	}
	s.faults.Clear()
	s.journal.Clear()
	s.throttle.reset()
	s.authority.Restore()
	if ids, ok := s.operations.ids.(*sequentialIDs); ok {
		ids.last.Store(0)
	}
	if err := s.operations.clock.reset(ctx); err != nil || !s.examples {
		return err
	}
	return s.AddExamples(ctx)
}

// Provision completes the orders that are pending, whatever they wait for: those of a customer, of all where customerID is
// empty, or one order, which must be there (commerce.ErrOrderNotFound). It tells how many there were.
func (s *Server) Provision(ctx context.Context, customerID, orderID string) (n int, err error) {
	o, found := s.operations, orderID == ""
	if err := o.clock.ask(ctx); err != nil {
		return 0, err
	}
	for d, err := range o.store.All(ctx, store.Order, strings.ToLower(customerID)) {
		if err != nil {
			return n, err
		}
		if orderID != "" && d.ID != strings.ToLower(orderID) {
			continue
		}
		found = true
		pending := false
		err := o.update(ctx, d.ID, func(tx store.Tx) error {
			record, err := lock[commerce.OrderRecord](tx, d.Key, commerce.ErrOrderNotFound)
			if err != nil {
				return err
			}
			now, err := o.clock.in(tx)
			if pending = record.Pending(now); err != nil || !pending {
				return err
			}
			return replace(tx, d.Key, new(record.Provision(now)))
		})
		if err != nil && !errors.Is(err, commerce.ErrOrderNotFound) {
			return n, err
		}
		if pending && err == nil {
			n++
		}
	}
	if !found {
		return 0, commerce.ErrOrderNotFound
	}
	return n, nil
}

// PlacedOrder is an order, with where it came from.
type PlacedOrder struct {
	model.Order
	CartID     string // empty where it was created without a cart
	OrderGroup string // of the cart
}

// Orders gives the orders of a customer, or of all where customerID is empty, the oldest first: as they are now, with prices,
// and also those that the list of orders does not have yet (ORDER-LIST).
func (s *Server) Orders(ctx context.Context, customerID string) ([]PlacedOrder, error) {
	clock, err := s.Clock(ctx)
	if err != nil {
		return nil, err
	}
	var out []PlacedOrder
	for o, err := range s.ordersOf(ctx, customerID) {
		if err != nil {
			return nil, err
		}
		out = append(out, PlacedOrder{o.record.At(clock.Now, true), o.CartID, o.OrderGroup})
	}
	slices.Reverse(out)
	return out, nil
}

// cartsOf goes through the carts of a customer or of all, the newest first, as they are now.
func (s *Server) cartsOf(ctx context.Context, customerID string) iter.Seq2[placedCart, error] {
	return placedIn[commerce.CartRecord](s.operations.store.All(ctx, store.Cart, strings.ToLower(customerID)))
}

// ordersOf goes through the orders of a customer or of all, the newest first.
func (s *Server) ordersOf(ctx context.Context, customerID string) iter.Seq2[placedOrder, error] {
	return placedIn[commerce.OrderRecord](s.operations.store.All(ctx, store.Order, strings.ToLower(customerID)))
}

// placed is a record with the document that it came from.
type placed[T any] struct {
	store.Document
	record T
}

type (
	placedCart  = placed[commerce.CartRecord]
	placedOrder = placed[commerce.OrderRecord]
)

func placedIn[T any](documents iter.Seq2[store.Document, error]) iter.Seq2[placed[T], error] {
	return func(yield func(placed[T], error) bool) {
		for d, err := range documents {
			p := placed[T]{Document: d}
			if err == nil {
				p.record, err = decode[T](d)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// linesOf counts the lines of a cart with their add-ons, and those in error.
func linesOf(lines []model.CartLineItem) (n, wrong int32) {
	for _, l := range lines {
		n++
		if l.Error != nil {
			wrong++
		}
		below, wrongBelow := linesOf(l.AddonItems)
		n, wrong = n+below, wrong+wrongBelow
	}
	return n, wrong
}

// cartStatus is whether a cart can be checked out at now, has been, or is too old for it.
func cartStatus(record commerce.CartRecord, now time.Time) string {
	if !record.Ordered() && record.Expired(now) {
		return "Expired"
	}
	return string(record.Cart.Status)
}
