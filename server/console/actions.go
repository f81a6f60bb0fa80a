package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// errForm says that a form has a value that can't be read.
var errForm = errors.New("can't be read")

func (c *console) clock(r *http.Request) (*control.Clock, error) {
	var clock control.Clock
	return &clock, c.control.call(r, http.MethodGet, "/clock", nil, &clock)
}

func (c *console) faults(r *http.Request) (*control.FaultList, error) {
	var list control.FaultList
	return &list, c.control.call(r, http.MethodGet, "/faults", nil, &list)
}

// steps are how far the buttons move the clock.
var steps = map[string]string{"1h": "one hour", "1d": "one day", "7d": "seven days"}

func (c *console) advance(r *http.Request) (string, error) {
	by := r.FormValue("by")
	name, known := steps[by]
	if !known {
		name = by
	}
	return fmt.Sprintf("The clock is %s ahead of where it was.", name), c.control.call(r, http.MethodPost, "/clock/advance", control.ClockAdvance{By: by}, nil)
}

func (c *console) provision(r *http.Request) (string, error) {
	var done control.Provisioned
	err := c.control.call(r, http.MethodPost, "/provision", nil, &done)
	switch done.Orders {
	case 0:
		return "No order was pending.", err
	case 1:
		return "One order was pending; it is provisioned.", err
	}
	return fmt.Sprintf("%d orders were pending; they are provisioned.", done.Orders), err
}

func (c *console) disarm(r *http.Request) (string, error) {
	return "The fault is disarmed.", c.control.call(r, http.MethodDelete, "/faults/"+url.PathEscape(r.PathValue("id")), nil, nil)
}

func (c *console) arm(r *http.Request) (string, error) {
	fault, err := readFault(r)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Armed: %s.", fault.Kind), c.control.call(r, http.MethodPost, "/faults", fault, nil)
}

// readFault reads the form. A field that is empty is left out, so that the default of test control holds.
func readFault(r *http.Request) (f control.Fault, err error) {
	text := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	number := func(name string, bits int) int64 {
		if text(name) == "" {
			return 0
		}
		n, wrong := strconv.ParseInt(text(name), 10, bits)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s %q %w: it must be a whole number", name, text(name), errForm))
		}
		return n
	}
	f = control.Fault{
		Kind: control.FaultKind(text("kind")), Always: text("always") != "",
		Operation: text("operation"), CustomerID: text("customerId"), CartID: text("cartId"),
		OrderGroup: text("orderGroup"), Latency: text("latency"), Seed: number("seed", 64),
		Status: control.FaultStatus(number("status", 32)), Code: int32(number("code", 32)),
	}
	if !f.Always {
		f.Count = int32(number("count", 32))
	}
	if text("retryAfter") != "" {
		f.RetryAfter = new(int32(number("retryAfter", 32)))
	}
	if text("rate") != "" {
		rate, wrong := strconv.ParseFloat(text("rate"), 64)
		if f.Rate = rate; wrong != nil {
			err = errors.Join(err, fmt.Errorf("rate %q %w: it must be a number such as 0.5", text("rate"), errForm))
		}
	}
	return f, err
}
