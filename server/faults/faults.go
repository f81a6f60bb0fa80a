// Package faults says what is to go wrong at which requests: faults that are armed for the next requests that match, and
// those that a request asks for itself by the header Cartwright-Fault. It decides whether a fault fires, and does nothing
// else: what it does is for the server to do (CONTROL-FAULTS).
//
// The same calls give the same faults: counts go down in the order of the requests, and draws come from a seed.
package faults

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what goes wrong.
type Kind string

// The kinds of faults.
const (
	Status             Kind = "status"
	HTML502            Kind = "html-502"
	Throttle           Kind = "throttle"
	Latency            Kind = "latency"
	Busy               Kind = "busy"
	InProgress         Kind = "in-progress"
	AlreadySubmitted   Kind = "already-submitted"
	Auth               Kind = "auth"
	BOM                Kind = "bom"
	DropAfterCommit    Kind = "drop-after-commit"
	Partial            Kind = "partial"
	LineItemError      Kind = "line-item-error"
	AvailabilityGone   Kind = "availability-gone"
	ProvisioningStuck  Kind = "provisioning-stuck"
	ProvisioningFailed Kind = "provisioning-failed"
)

// operations says of which operations a kind is; a kind that is not here is of all.
var operations = map[Kind][]string{
	Partial:            {"checkoutCart"},
	AvailabilityGone:   {"checkoutCart"},
	LineItemError:      {"createCart", "updateCart"},
	ProvisioningStuck:  {"checkoutCart", "createOrder"},
	ProvisioningFailed: {"checkoutCart", "createOrder"},
}

// Kinds are all kinds, in the order in which people look for them.
var Kinds = []Kind{
	DropAfterCommit, Throttle, Status, HTML502, Latency, Partial, LineItemError, Busy, InProgress, AlreadySubmitted,
	AvailabilityGone, ProvisioningStuck, ProvisioningFailed, Auth, BOM,
}

// Fault is one thing that goes wrong. What is left out has a default, which Complete fills in.
type Fault struct {
	ID    int64 // of an armed fault
	Fired int   // how often it has fired

	Kind   Kind
	Count  int     // how often it fires; 1 by default
	Always bool    // without a count
	Rate   float64 // the part of the requests at which it fires; 0 stands for all
	Seed   int64   // of the draws of Rate

	Operation  string
	CustomerID string // in any case
	CartID     string // in any case
	OrderGroup string // of Partial and AvailabilityGone, the first by default; of ProvisioningStuck and ProvisioningFailed, all

	Status     int           // of Status: 500, 502, 503 or 504
	RetryAfter *int          // seconds, of Throttle, Busy, InProgress and Status; nil for none, of Throttle 1
	Delay      time.Duration // of Latency; 1 s by default
	Code       int           // of Partial 800020, LineItemError 10001 and Auth 800001 by default
}

// Error is what is wrong with a fault.
type Error struct {
	Name   string // of the property
	Reason string
}

func (e *Error) Error() string { return e.Name + ": " + e.Reason }

// codes are what a kind can have as its code; the first by default.
var codes = map[Kind][]int{
	Partial: {800020, 900192, 400019, 800029},
	LineItemError: {
		10001, 10000, 10004, 10005, 10006, 10007, 10008, 10009, 10010, 10011, 10012, 10013, 10014, 10015, 10016, 10017, 10018, 10019, 400039, 500600,
	},
	Auth: {800001, 900420, 900421},
}

// Complete gives the fault with its defaults, or what is wrong with it.
func (f Fault) Complete() (Fault, error) {
	if !slices.Contains(Kinds, f.Kind) {
		return f, &Error{"kind", fmt.Sprintf("must be one of %s", join(Kinds))}
	}
	if f.Count < 0 {
		return f, &Error{"count", "must be at least 1"}
	}
	if f.Count > 1 && f.Always {
		return f, &Error{"count", "has no meaning beside always"}
	}
	if f.Count == 0 && !f.Always {
		f.Count = 1
	}
	if f.Rate < 0 || f.Rate > 1 {
		return f, &Error{"rate", "must be from 0 to 1"}
	}
	if of := operations[f.Kind]; of != nil && f.Operation != "" && !slices.Contains(of, f.Operation) {
		return f, &Error{"operation", fmt.Sprintf("%s is of %s", f.Kind, strings.Join(of, " and "))}
	}
	return f.completeDetails()
}

func (f Fault) completeDetails() (Fault, error) {
	for _, p := range []struct {
		name  string
		given bool
		kinds []Kind
	}{
		{"status", f.Status != 0, []Kind{Status}},
		{"retryAfter", f.RetryAfter != nil, []Kind{Throttle, Busy, InProgress, Status}},
		{"latency", f.Delay != 0, []Kind{Latency}},
		{"code", f.Code != 0, []Kind{Partial, LineItemError, Auth}},
		{"orderGroup", f.OrderGroup != "", []Kind{Partial, AvailabilityGone, ProvisioningStuck, ProvisioningFailed}},
	} {
		if p.given && !slices.Contains(p.kinds, f.Kind) {
			return f, &Error{p.name, fmt.Sprintf("is of %s", join(p.kinds))}
		}
	}
	switch f.Kind {
	case Status:
		if f.Status == 0 {
			f.Status = 500
		}
		if !slices.Contains([]int{500, 502, 503, 504}, f.Status) {
			return f, &Error{"status", "must be one of 500, 502, 503, 504"}
		}
	case Throttle:
		if f.RetryAfter == nil {
			f.RetryAfter = new(1)
		}
	case Latency:
		if f.Delay == 0 {
			f.Delay = time.Second
		}
		if f.Delay < 0 || f.Delay > maxDelay {
			return f, &Error{"latency", fmt.Sprintf("must be at most %v", maxDelay)}
		}
	case Partial, LineItemError, Auth:
		if f.Code == 0 {
			f.Code = codes[f.Kind][0]
		}
		if !slices.Contains(codes[f.Kind], f.Code) {
			return f, &Error{"code", fmt.Sprintf("must be one of %s", join(codes[f.Kind]))}
		}
	}
	if f.RetryAfter != nil && (*f.RetryAfter < 0 || *f.RetryAfter > maxRetryAfter) {
		return f, &Error{"retryAfter", fmt.Sprintf("must be from 0 to %d", maxRetryAfter)}
	}
	return f, nil
}

const (
	maxDelay      = 10 * time.Minute
	maxRetryAfter = 3600
)

func join[T any](words []T) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(words), " ", ", "), "[]")
}

// Parse reads a fault as the header has it: a kind, and then properties, each after a semicolon:
// "throttle;retryAfter=2;always".
func Parse(header string) (Fault, error) {
	var f Fault
	for i, part := range strings.Split(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if i == 0 {
			f.Kind = Kind(name)
			continue
		}
		if err := f.set(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return f, err
		}
	}
	return f.Complete()
}

// set sets a property to the value that a header gives it.
func (f *Fault) set(name, value string) (err error) {
	number := func(into *int) {
		if *into, err = strconv.Atoi(value); err != nil {
			err = errors.New("must be an integer")
		}
	}
	switch name {
	case "":
	case "always":
		f.Always = value == "" || value == "true"
	case "operation":
		f.Operation = value
	case "orderGroup":
		f.OrderGroup = value
	case "status":
		number(&f.Status)
	case "code":
		number(&f.Code)
	case "retryAfter":
		f.RetryAfter = new(int)
		number(f.RetryAfter)
	case "latency":
		if f.Delay, err = time.ParseDuration(value); err != nil {
			err = errors.New("must be a duration such as 2s")
		}
	default:
		err = errors.New("is unknown; there are always, operation, orderGroup, status, code, retryAfter and latency")
	}
	if err != nil {
		return &Error{name, err.Error()}
	}
	return nil
}

// Request is what of a request a fault's filters look at.
type Request struct {
	Operation  string
	CustomerID string
	CartID     string
}

// matches reports whether a fault is for a request.
func (f *Fault) matches(r Request) bool {
	of := operations[f.Kind]
	return (of == nil || slices.Contains(of, r.Operation)) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		(f.CustomerID == "" || strings.EqualFold(f.CustomerID, r.CustomerID)) &&
		(f.CartID == "" || strings.EqualFold(f.CartID, r.CartID))
}
