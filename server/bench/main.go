// Command bench measures whole servers: the stub on each of its stores, and bare Echo, the floor, which does nothing but read a
// body and answer 1.6 kB. All of them get the same load on the loopback, in turns, so that what else the machine does meets all.
//
//	make bench                                                              # about 7 minutes
//	make bench ARGS="-stores memory -ops create -connections 16 -rounds 5"  # half a minute
//	make bench-peers                                                        # with Prism, which needs Node
//	make bench ARGS="-growth"                                               # with a million carts, instead of the load
//
// The figure to look at is the processor time of the server's own process for a request, as a ratio to the floor's in the same
// round: it means the same on a machine that is busy. It counts what Linux's /proc/PID/stat does, user's and system's time; that
// of this program, which sends the load, and that of PostgreSQL is not in it. Requests a second and latencies are of a machine
// on which this program runs as well.
//
// Where it stands in the code: operations.go has what is measured, targets.go what is compared, load.go how.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings say what is measured.
type settings struct {
	stores, ops []string
	connections []int
	rounds      int
	length      time.Duration // of one measurement
	peers       bool
	growth      bool
	carts       int // of growth, in a database
	memoryCarts int // and in memory
	orders      int // of a customer, that are listed
	out         string
	stub        string
	dir         string
}

// everything has a flag's list stand for its default.
const everything = "all"

func readSettings(args []string, stderr io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	stores := flags.String("stores", "memory,sqlite,postgres", "which stores the stub is measured on")
	ops := flags.String("ops", everything, "which operations: names divided by commas. All are measured at 16 connections, at others create and checkout")
	connections := flags.String("connections", "16,1,64", "how many connections are busy at once")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each is measured, in turns; the figures are medians")
	seconds := flags.Float64("seconds", 1, "how long each is measured")
	flags.BoolVar(&s.peers, "peers", false, "measure Prism too (create, 16 connections); it is fetched by npx")
	flags.BoolVar(&s.growth, "growth", false, "measure full stores against almost empty ones")
	load := flags.Bool("load", true, "measure the operations; off with -growth unless it is asked for")
	flags.IntVar(&s.carts, "carts", 1_000_000, "how many carts a full database has")
	flags.IntVar(&s.memoryCarts, "memory-carts", 100_000, "how many carts a full store in memory has; they are made by requests, and need some kB each")
	flags.IntVar(&s.orders, "orders", 100_000, "how many orders of a customer are listed with -growth")
	flags.StringVar(&s.out, "out", "", "write the report to this file too")
	flags.StringVar(&s.stub, "stub", "", "measure this program, instead of what the working folder has")
	flags.StringVar(&s.dir, "dir", os.TempDir(), "where the stores are; on a disk, since the durable ones wait for it")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	s.length = time.Duration(*seconds * float64(time.Second))
	s.stores = strings.Split(*stores, ",")
	if *ops != everything {
		s.ops = strings.Split(*ops, ",")
	}
	for _, word := range strings.Split(*connections, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-connections: %q is no number above 0", word)
		}
		s.connections = append(s.connections, n)
	}
	asked := false
	flags.Visit(func(f *flag.Flag) { asked = asked || f.Name == "load" })
	if !*load || s.growth && !asked {
		s.connections = nil
	}
	return s, s.check()
}

// check refuses what can't be measured.
func (s settings) check() error {
	for _, name := range s.stores {
		if !slices.Contains([]string{inMemory, onSQLite, onPostgres}, name) {
			return fmt.Errorf("-stores: %q is none of memory, sqlite and postgres", name)
		}
	}
	var names []string
	for _, op := range (bodies{}).operations() {
		names = append(names, op.name)
	}
	for _, name := range s.ops {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-ops: %q is none of %s", name, strings.Join(names, ", "))
		}
	}
	if s.rounds < 1 || s.length <= 0 || s.carts < 1 || s.memoryCarts < 1 || s.orders < 1 {
		return errors.New("-rounds, -seconds, -carts, -memory-carts and -orders must be above 0")
	}
	return nil
}

// run measures and prints the report.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	s, err := readSettings(args, stderr)
	if err != nil {
		return err
	}
	w, err := newWorkshop(ctx, s.stub, s.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if s.stores, err = w.available(s.stores, stderr); err != nil {
		return err
	}
	begun := time.Now()
	r := newReport(ctx, w.root, args)
	if err := s.measure(ctx, w, r, stderr); err != nil {
		return err
	}
	r.took = time.Since(begun)
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil || s.out == "" {
		return err
	}
	return os.WriteFile(s.out, []byte(text), 0o644)
}

// available leaves PostgreSQL out, and says so, where there is none.
func (w *workshop) available(stores []string, stderr io.Writer) ([]string, error) {
	i := slices.Index(stores, onPostgres)
	if i < 0 {
		return stores, nil
	}
	var err error
	w.cluster, err = newCluster()
	if errors.Is(err, errLacking) {
		say(stderr, "postgres is %v", err)
		return slices.Delete(stores, i, i+1), nil
	}
	return stores, err
}

// measure measures all that is wanted.
func (s settings) measure(ctx context.Context, w *workshop, r *report, progress io.Writer) error {
	if err := s.measureLoad(ctx, w, r, progress); err != nil || !s.growth {
		return err
	}
	return s.measureGrowth(ctx, w, r, progress)
}
