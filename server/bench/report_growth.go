package main

import (
	"fmt"
	"strings"
)

// writeGrowth writes what was measured of full stores.
func (r *report) writeGrowth(out *strings.Builder) {
	if len(r.growth) == 0 {
		return
	}
	fmt.Fprintf(out, `
## Growth: %s

CPU µs a request, in a store with %d carts and in a full one, and the ratio as the median over the rounds. Carts in databases
were copied by the store itself, those in memory made by requests. Memory is that of the server with the full store, before the
rounds and at most.

`, connections(usual), almostEmpty)
	table(out, "store, operation", "carts", fmt.Sprintf("with %d", almostEmpty), "full", "ratio", "MB before", "MB at most")
	for _, g := range r.growth {
		row(out, g.store+", "+g.op, number(float64(g.full)), number(median(column(g.few, cpu))), number(median(column(g.many, cpu))),
			number(g.ratio()), number(g.before), number(g.peak))
	}
	out.WriteString("\n## All orders of a customer\n\nOne `GET orders`, and the server's memory before it and at most meanwhile.\n\n")
	table(out, "store", "orders", "answer MB", "seconds", "CPU µs an order", "MB before", "MB at most")
	for _, l := range r.listing {
		row(out, l.store, number(float64(l.orders)), number(l.size), number(l.p50/1e3), number(l.cpu/float64(l.orders)), number(l.before), number(l.peak))
	}
	fmt.Fprintf(out, "\nA six-line cart in the memory store keeps %s kB alive on the heap; %s kB with the answer that is kept for a repetition\nof its MS-RequestId. The process has up to twice that.\n",
		number(r.cart.live), number(r.cart.answered))
}
