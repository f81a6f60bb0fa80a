// Command bench measures whole servers: the stub on each of its stores, and bare Echo, the floor, which does nothing but read a
// body and answer 1.6 kB. All of them get the same load on the loopback, in turns, so that what else the machine does meets all.
//
//	make bench                                                              # about 8 minutes
//	make bench ARGS="-stores memory -ops create -connections 16 -rounds 5"  # a minute or so
//	make bench-peers                                                        # with Prism, which needs Node
//	make bench ARGS="-growth"                                               # with a million carts, instead of the load
//	make bench ARGS="-profile"                                              # where the time of a creation goes
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
	if err := s.measureLoad(ctx, w, r, progress); err != nil {
		return err
	}
	if s.profile {
		if err := s.measureProfiles(ctx, w, r, progress); err != nil {
			return err
		}
	}
	if !s.growth {
		return nil
	}
	return s.measureGrowth(ctx, w, r, progress)
}
