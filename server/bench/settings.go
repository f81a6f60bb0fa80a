package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings say what is measured.
type settings struct {
	stores, ops []string
	connections []int
	rounds      int
	length      time.Duration // of one measurement
	peers       bool
	growth      bool
	profile     bool
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
	flags.BoolVar(&s.profile, "profile", false, "find where the time of a creation goes")
	load := flags.Bool("load", true, "measure the operations; off with -growth or -profile unless it is asked for")
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
	if !*load || (s.growth || s.profile) && !asked {
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
