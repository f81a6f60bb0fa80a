package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cartwright-dev/cartwright/client"
)

// problems gives a line for each thing that went wrong, with what to do about it.
func problems(err error) (lines []string) {
	for _, text := range told(err) {
		lines = append(lines, printable(strings.ReplaceAll(strings.TrimPrefix(text, "cartwright: "), "\n", " ")))
	}
	return lines
}

// told gives the texts. What the client gave has only been joined with others, not wrapped.
func told(err error) []string {
	switch e := err.(type) { //nolint:errorlint // see above
	case nil:
		return nil
	case *client.CheckoutError:
		return toldOfGroups(e)
	case *client.CartLineItemsError:
		return toldOfLines(e)
	case interface{ Unwrap() []error }:
		var texts []string
		for _, one := range e.Unwrap() {
			texts = append(texts, told(one)...)
		}
		return texts
	}
	if errors.Is(err, client.ErrNotStub) {
		return []string{err.Error() + "; start the stub (cartwright serve), name its URL in CARTWRIGHT_BASE_URL, or buy with --real"}
	}
	return []string{err.Error()}
}

func toldOfLines(failed *client.CartLineItemsError) (texts []string) {
	for _, line := range failed.Lines {
		texts = append(texts, line.Error())
	}
	return append(texts, "nothing is ordered: correct the cart file and run again")
}

// toldOfGroups says of each order group whether it is ordered, and why not.
func toldOfGroups(failed *client.CheckoutError) (texts []string) {
	why := make(map[string]error)
	partial, isPartial := errors.AsType[*client.PartialCheckoutError](failed)
	if isPartial {
		for _, g := range partial.Failed {
			why[g.OrderGroup] = g
		}
	}
	for _, g := range failed.Groups {
		switch {
		case g.State == client.Unknown:
			texts = append(texts, fmt.Sprintf("group %s: it is not known whether it is ordered", g.OrderGroup))
		case g.Order != nil:
			texts = append(texts, fmt.Sprintf("group %s is ordered: %s", g.OrderGroup, g.Order.ID))
		case g.State == client.NotOrdered && why[g.OrderGroup] != nil:
			texts = append(texts, "not ordered: "+why[g.OrderGroup].Error())
		default:
			texts = append(texts, fmt.Sprintf("group %s is %s", g.OrderGroup, g.State))
		}
		for _, order := range g.Candidates {
			texts = append(texts, fmt.Sprintf("group %s may be order %s", g.OrderGroup, order.ID))
		}
	}
	if !isPartial {
		texts = append(texts, told(failed.Err)...)
	}
	return append(texts, "run the same command again: it goes on with this cart, and what is ordered is not ordered again")
}
