package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// parts are what processor time goes into. A sample counts for the innermost of its functions that a part names; a system call
// for what it is made for.
var parts = []struct {
	name      string
	functions []string // the beginnings of their names
}{
	{"allocating and collecting garbage", []string{"runtime.mallocgc", "runtime.gc", "runtime.bgsweep", "runtime.bgscavenge", "runtime.growslice", "runtime.newobject", "runtime.makeslice", "runtime.wbBuf", "runtime.bulkBarrier", "runtime.typedmemmove"}},
	{"waiting and waking", []string{"runtime.schedule", "runtime.findRunnable", "runtime.mcall", "runtime.ready", "runtime.goready", "runtime.netpoll", "runtime.sysmon", "runtime.mstart", "runtime.wakep", "runtime.gopark", "runtime.notetsleep"}},
	{network, []string{"net/http.", "net.", "net/textproto.", "mime."}},
	{"SQLite and its system calls", []string{"modernc.org/"}},
	{driver, []string{"github.com/jackc/"}},
	{"database/sql", []string{"database/sql"}},
	{"the log", []string{"log/slog.", "main.(*requestLines)"}},
	{"JSON of records and answers", []string{"encoding/json.", "github.com/go-json-experiment/json", module + "gen/recordjson."}},
	{"the request's fingerprint", []string{module + "server.fingerprint"}},
	{"reading and validating", []string{module + "server/plan.", module + "server.(*sure)", "github.com/getkin/"}},
	{"the rules", []string{module + "server/commerce."}},
	{"the store", []string{module + "server/store"}},
	{"Echo and the steps", []string{"github.com/labstack/echo", module + "server.", module + "gen/apiserver.", module + "server/journal."}},
}

const (
	network = "net/http and its system calls"
	driver  = "PostgreSQL's driver and its system calls" // which are made by package net
)

const module = "github.com/cartwright-dev/cartwright/"

// elsewhere is what no part names.
const elsewhere = "all else"

// profile is where the processor time of an operation goes.
type profile struct {
	target string
	cpu    float64            // µs a request
	shares map[string]float64 // by part
}

// profiling is how many times as long as a measurement a profile takes: it has 100 samples a second of each core.
const profiling = 6

// measureProfiles finds where the time of a creation goes, on the floor and on each store.
func (s settings) measureProfiles(ctx context.Context, w *workshop, r *report, progress io.Writer) error {
	for _, target := range append([]string{floor}, s.stores...) {
		say(progress, "profile: %s of %s", creation, target)
		p, err := w.profile(ctx, target, profiling*s.length)
		if err != nil {
			return fmt.Errorf("profile of %s: %w", target, err)
		}
		r.profiles = append(r.profiles, p)
	}
	for round := range s.rounds {
		say(progress, "round %d of %d: the floor, made to work", round+1, s.rounds)
		for _, work := range works {
			cpu, err := w.working(ctx, work, s.length)
			if err != nil {
				return fmt.Errorf("the floor with %v of work: %w", work, err)
			}
			r.works[work] = append(r.works[work], cpu)
		}
	}
	return nil
}

// works are how long the floor is made to work at each request, to show what a server costs that does no more than that.
var works = []time.Duration{0, 5 * time.Microsecond, 10 * time.Microsecond, 20 * time.Microsecond, 40 * time.Microsecond, 60 * time.Microsecond}

// working measures a creation of the floor that works for some time at each request, in µs.
func (w *workshop) working(ctx context.Context, work, length time.Duration) (cpu float64, err error) {
	s, err := w.start(ctx, floor, "-work", work.String())
	if err != nil {
		return 0, err
	}
	r, err := s.warmAndMeasure(ctx, usual, always(w.bodies.create()), length)
	return r.cpu, errors.Join(err, s.stop())
}

func (w *workshop) profile(ctx context.Context, target string, length time.Duration) (p profile, err error) {
	dir, err := w.folder()
	if err != nil {
		return p, err
	}
	file := filepath.Join(dir, "cpu.pprof")
	s, err := w.start(ctx, target, "--cpu-profile", file)
	if err != nil {
		return p, err
	}
	measured, err := s.warmAndMeasure(ctx, usual, always(w.bodies.create()), length)
	if err != nil {
		return p, errors.Join(err, s.stop())
	}
	if err := s.end(); err != nil {
		return p, err
	}
	traces, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", file).Output()
	if err != nil {
		return p, fmt.Errorf("go tool pprof: %w", err)
	}
	return profile{target, measured.cpu, sharesOf(string(traces))}, nil
}

// end lets a server end by itself, which writes what it has to write.
func (s *process) end() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(startLimit):
		return errors.Join(fmt.Errorf("%s does not end", s.name), s.stop())
	}
}

// sharesOf tells which part of the samples of go tool pprof -traces each part has.
func sharesOf(traces string) map[string]float64 {
	shares := make(map[string]float64)
	var total, value float64
	part := ""
	count := func() {
		if value > 0 && part == "" {
			part = elsewhere
		}
		shares[part] += value
		total += value
		value, part = 0, ""
	}
	lines := bufio.NewScanner(strings.NewReader(traces))
	for lines.Scan() {
		fields := strings.Fields(strings.TrimSuffix(lines.Text(), " (inline)"))
		switch {
		case strings.HasPrefix(lines.Text(), "-----"):
			count()
			continue
		case len(fields) == 0:
			continue
		case len(fields) == 2:
			took, err := time.ParseDuration(fields[0])
			if err != nil {
				continue // of the head
			}
			value = took.Seconds()
		}
		if value == 0 || part != "" && part != network {
			continue
		}
		if outer := partOf(fields[len(fields)-1]); part == "" || outer == driver {
			part = outer
		}
	}
	count()
	delete(shares, "")
	for name := range shares {
		shares[name] /= total
	}
	return shares
}

// partOf gives the part that a function is of; empty where none names it.
func partOf(function string) string {
	for _, p := range parts {
		for _, beginning := range p.functions {
			if strings.HasPrefix(function, beginning) {
				return p.name
			}
		}
	}
	return ""
}

// writeProfiles writes where the time goes, in µs a request.
func (r *report) writeProfiles(out *strings.Builder) {
	if len(r.profiles) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## Where the time of a creation goes: %s\n\nµs of processor time a request, by a profile of each server. Profiling costs a little itself.\n\n", connections(usual))
	head, total := []string{"part"}, []string{"together"}
	for _, p := range r.profiles {
		head, total = append(head, p.target), append(total, number(p.cpu))
	}
	table(out, head...)
	for i := range len(parts) + 1 {
		name := elsewhere
		if i < len(parts) {
			name = parts[i].name
		}
		cells, shown := []string{name}, false
		for _, p := range r.profiles {
			cells, shown = append(cells, number(p.cpu*p.shares[name])), shown || p.shares[name] > 0
		}
		if shown {
			row(out, cells...)
		}
	}
	row(out, total...)

	out.WriteString("\nThe floor that is made to work for some time at each request, and does nothing else: what any server costs that does as much.\n\n")
	table(out, "work µs", "CPU µs", "× floor")
	for _, work := range works {
		cpu := r.works[work]
		row(out, number(work.Seconds()*1e6), number(median(cpu)), number(ratio(cpu, r.works[0])))
	}
}
