package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report has what was measured, and writes it down.
type report struct {
	command, commit, machine string
	took                     time.Duration

	groups  []group
	results map[key][]result // one of each round
	starts  map[string][]first
	growth  []growth
	listing []listing
	cart    *cartMemory // nil where it was not measured

	profiles []profile
	works    map[time.Duration][]float64 // µs a request, one of each round
}

func newReport(ctx context.Context, root string, args []string) *report {
	return &report{
		command: strings.TrimSpace("go run ./server/bench " + quoted(args)),
		commit:  commit(ctx, root),
		machine: machine(),
		results: make(map[key][]result),
		starts:  make(map[string][]first),
		works:   make(map[time.Duration][]float64),
	}
}

// quoted gives arguments as a shell has them.
func quoted(args []string) string {
	var out []string
	for _, a := range args {
		if strings.ContainsAny(a, " *$\"") {
			a = "'" + a + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

// commit names what is measured.
func commit(ctx context.Context, root string) string {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	name := git("rev-parse", "--short=12", "HEAD")
	switch {
	case name == "":
		return "unknown"
	case git("status", "--porcelain", "--untracked-files=no") != "":
		return name + " with changes"
	}
	return name
}

// machine says what it was measured on.
func machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	release, _, _ := strings.Cut(strings.TrimSpace(string(kernel)), "-")
	return fmt.Sprintf("%s, %d cores, Linux %s, %s", model, runtime.NumCPU(), release, runtime.Version())
}

// markdown gives the whole report.
func (r *report) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# What a request costs\n\nMade by `%s` in %v. Commit %s. %s.\n", r.command, r.took.Round(time.Second), r.commit, r.machine)
	out.WriteString(`
Processor time is that of the server's process only, user's and system's, from ` + "`/proc/PID/stat`" + `: not that of the load
generator, which runs on the same cores, nor that of PostgreSQL. "× floor" is the ratio to bare Echo, which reads a six-line
cart and answers 1.6 kB, in the same round with as many connections; figures are medians over the rounds. Each figure is of a
process and a store of its own, with the stub's own settings: journal and test control on, SQLite at FULL with group commit,
the log in a file. Every request has an MS-RequestId of its own, so its answer is kept for a repetition. Requests a second and
latencies depend on what else the machine does; ratios of processor time hardly do.

`)
	r.writeGoals(&out)
	for _, n := range r.connections() {
		fmt.Fprintf(&out, "\n## Load: %s\n\n", connections(n))
		r.writeLoad(&out, n)
	}
	if len(r.starts) > 0 {
		out.WriteString("\n## Start\n\n")
		r.writeStarts(&out)
	}
	r.writeProfiles(&out)
	r.writeGrowth(&out)
	return out.String()
}

// connections gives the numbers of connections that were measured.
func (r *report) connections() []int {
	var out []int
	for _, g := range r.groups {
		if !slices.Contains(out, g.connections) {
			out = append(out, g.connections)
		}
	}
	return out
}

// column gives one figure of each round.
func column(results []result, figure func(result) float64) []float64 {
	out := make([]float64, len(results))
	for i, r := range results {
		out[i] = figure(r)
	}
	return out
}

func cpu(r result) float64  { return r.cpu }
func rate(r result) float64 { return r.rate }
func p50(r result) float64  { return r.p50 }
func p99(r result) float64  { return r.p99 }
func peak(r result) float64 { return r.peak }

// of gives the median of a figure; NaN where it was not measured.
func (r *report) of(k key, figure func(result) float64) float64 {
	return median(column(r.results[k], figure))
}

// toFloor gives the ratio of a figure to the floor's.
func (r *report) toFloor(k key, figure func(result) float64) float64 {
	return ratio(column(r.results[k], figure), column(r.results[key{k.op, k.connections, floor}], figure))
}

// writeLoad writes the table of all operations at a number of connections.
func (r *report) writeLoad(out *strings.Builder, n int) {
	table(out, "operation", "server", "CPU µs", "× floor", "requests/s", "p50 ms", "p99 ms", "p99 × floor", "peak MB")
	for _, g := range r.groups {
		if g.connections != n {
			continue
		}
		for _, target := range g.targets {
			k := key{g.op.name, n, target}
			row(out, g.op.name, target, number(r.of(k, cpu)), number(r.toFloor(k, cpu)), number(r.of(k, rate)), number(r.of(k, p50)),
				number(r.of(k, p99)), number(r.toFloor(k, p99)), number(r.of(k, peak)))
		}
	}
}

// writeStarts writes how the servers begin.
func (r *report) writeStarts(out *strings.Builder) {
	out.WriteString("From the start of the process; memory is what is resident after the first cart.\n\n")
	table(out, "server", "first /livez ms", "first cart ms", "idle MB", "starts")
	for _, target := range []string{floor, inMemory, onSQLite, onPostgres, prism} {
		all := r.starts[target]
		if len(all) == 0 {
			continue
		}
		var alive, created, idle []float64
		for _, f := range all {
			alive, created, idle = append(alive, f.alive), append(created, f.created), append(idle, f.idle)
		}
		livez := number(median(alive))
		if target == prism {
			livez = "has none"
		}
		row(out, target, livez, number(median(created)), number(median(idle)), number(float64(len(all))))
	}
}

// table begins a table: the first column has words, the others numbers.
func table(out *strings.Builder, names ...string) {
	row(out, names...)
	row(out, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(names)-1)...)...)
}

func row(out *strings.Builder, cells ...string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// number writes a figure with three digits that count, and all of those before the point.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.Abs(v) >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
