package commerce

import (
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Faults are what goes wrong on purpose with what is asked for (CONTROL-FAULTS). The zero value is nothing.
type Faults struct {
	LineError  Code   // the first good line of a cart that is made or changed gets it
	GroupError Code   // an order group fails at a checkout
	OrderGroup string // the only one that is meant; where it is empty, for GroupError the first that has no order, else all
	Stuck      bool   // a modern order that is placed stays pending
	Failed     bool   // the provisioning of a modern order that is placed fails
}

// spoil puts the error on a line.
func (f Faults) spoil(lines []model.CartLineItem) {
	if f.LineError == 0 {
		return
	}
	for _, line := range eachLine(lines) {
		if line.Error == nil {
			line.Error = &model.CartError{ErrorCode: int32(f.LineError), ErrorDescription: onPurpose}
			line.Pricing = nil
			return
		}
	}
}

// fails gives how an order group of a cart fails, or nil.
func (f Faults) fails(group orderGroup, record *CartRecord, groups []orderGroup) *Error {
	name := f.OrderGroup
	for _, g := range groups {
		if name == "" && record.placed(g.name) == nil {
			name = g.name
		}
	}
	if f.GroupError == 0 || group.name != name {
		return nil
	}
	return &Error{Code: f.GroupError, Description: onPurpose}
}

const onPurpose = "A fault was armed for this request."

// provisioning gives what becomes of a line of an order group's order instead.
func (f Faults) provisioning(p Provisioning, group string) Provisioning {
	if f.OrderGroup != "" && f.OrderGroup != group {
		return p
	}
	if f.Stuck && !p.Sold.Kind.Legacy() {
		p.ReadyAt = time.Time{}
	}
	p.Failed = f.Failed && !p.Sold.Kind.Legacy()
	return p
}

// Pending reports whether the order waits at now for what Provision does.
func (r OrderRecord) Pending(now time.Time) bool {
	switch r.statusAt(now) {
	case model.OrderStatusPending, model.OrderStatusPendingReview, model.OrderStatusPendingPoUpload:
		return true
	}
	return false
}

// Provision completes a pending order, whatever it waits for.
func (r OrderRecord) Provision(now time.Time) OrderRecord {
	now = instant(now)
	lines := make([]Provisioning, len(r.Provisioning))
	for i, p := range r.Provisioning {
		if !p.Cancelled && !p.Ready(now) {
			p.ReadyAt = now
			if p.Sold.Kind == KindSaaS {
				p.Subscription = p.Subscription.beginning(now)
			}
		}
		lines[i] = p
	}
	r.Order.Status, r.Provisioning = model.OrderStatusPending, lines
	return r
}

// beginning gives a subscription that has not begun as one that begins at now.
func (s Subscription) beginning(now time.Time) Subscription {
	s.Start, s.Anchor, s.Months = now, day(now), 0
	s.Seats = []Seats{{s.Quantity, now}}
	s.lengthen(s.Duration)
	return s
}
