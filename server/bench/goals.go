package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// goal is something that is to be reached, at most or at least.
type goal struct {
	what     string
	limit    float64
	atLeast  bool
	unit     string
	measured float64 // NaN where it was not
}

// goals gives those of the project with what was measured.
func (r *report) goals() []goal {
	create := func(target string) key { return key{creation, usual, target} }
	starts := func(figure func(first) float64) float64 {
		var all []float64
		for _, f := range r.starts[onSQLite] {
			all = append(all, figure(f))
		}
		return median(all)
	}
	rejected := func(target string) float64 {
		return r.of(key{"rejected create", usual, target}, cpu) / r.of(create(target), cpu)
	}
	cart := cartMemory{live: math.NaN(), answered: math.NaN()}
	if r.cart != nil {
		cart = *r.cart
	}
	return []goal{
		{what: "create, validated, memory", limit: 1.5, unit: "× floor", measured: r.toFloor(create(inMemory), cpu)},
		{what: "create, validated and durable (SQLite, FULL)", limit: 2.8, unit: "× floor", measured: r.toFloor(create(onSQLite), cpu)},
		{what: "create, validated and durable (PostgreSQL)", limit: 3.2, unit: "× floor", measured: r.toFloor(create(onPostgres), cpu)},
		{what: "rejected create, memory", limit: 1.5, unit: "× accepted", measured: rejected(inMemory)},
		{what: "rejected create, SQLite", limit: 1.5, unit: "× accepted", measured: rejected(onSQLite)},
		{what: "create, answers checked, memory", limit: 4, unit: "× floor", measured: r.toFloor(create(inMemory+checked), cpu)},
		{what: "create, answers checked, SQLite", limit: 4, unit: "× floor", measured: r.toFloor(create(onSQLite+checked), cpu)},
		{what: "p99 of create, SQLite", limit: 1.5, unit: "× floor", measured: r.toFloor(create(onSQLite), p99)},
		{what: "Prism's CPU to SQLite's", limit: 10, atLeast: true, unit: "×", measured: r.of(create(prism), cpu) / r.of(create(onSQLite), cpu)},
		{what: "SQLite's requests/s to Prism's", limit: 10, atLeast: true, unit: "×", measured: r.of(create(onSQLite), rate) / r.of(create(prism), rate)},
		{what: "start to the first answer, SQLite", limit: 40, unit: "ms", measured: starts(func(f first) float64 { return f.alive })},
		{what: "start to the first cart, SQLite", limit: 40, unit: "ms", measured: starts(func(f first) float64 { return f.created })},
		{what: "idle memory, SQLite", limit: 30, unit: "MB", measured: starts(func(f first) float64 { return f.idle })},
		{what: "memory of a six-line cart, alive on the heap", limit: 4, unit: "kB", measured: cart.live},
		{what: "the same with the answer kept for a repetition", limit: 4, unit: "kB", measured: cart.answered},
		{what: "cost in a full store, the worst of all", limit: 1.15, unit: "× with 10 carts", measured: r.worstGrowth()},
	}
}

// worstGrowth gives the highest ratio of the cost in a full store to that in one almost empty.
func (r *report) worstGrowth() float64 {
	worst := math.NaN()
	for _, g := range r.growth {
		if v := g.ratio(); math.IsNaN(worst) || v > worst {
			worst = v
		}
	}
	return worst
}

// writeGoals writes the goals of which something was measured.
func (r *report) writeGoals(out *strings.Builder) {
	goals := slices.DeleteFunc(r.goals(), func(g goal) bool { return math.IsNaN(g.measured) })
	if len(goals) == 0 {
		return
	}
	fmt.Fprintf(out, "## Goals\n\nOf %s, where they are of a load.\n\n", connections(usual))
	table(out, "", "goal", "measured", "reached")
	for _, g := range goals {
		sign, reached := "≤", g.measured <= g.limit
		if g.atLeast {
			sign, reached = "≥", g.measured >= g.limit
		}
		word := "no"
		if reached {
			word = "yes"
		}
		row(out, g.what, fmt.Sprintf("%s %s %s", sign, number(g.limit), g.unit), number(g.measured), word)
	}
}
