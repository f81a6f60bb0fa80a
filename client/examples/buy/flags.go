package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// exampleCustomer is the customer of Microsoft's pages, whom the stub has.
const exampleCustomer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// arguments are what the command line says.
type arguments struct {
	cartFile, stateFile string
	customerID          string
	dryRun, yes, real   bool
	wait                time.Duration
}

// parse reads the command line.
func parse(args []string, stdout io.Writer) (arguments, error) {
	var a arguments
	flags := flag.NewFlagSet("buy", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // its errors are told once, by run
	flags.BoolVar(&a.dryRun, "dry-run", true, "make the cart and show it, order nothing")
	flags.StringVar(&a.customerID, "customer", "", "the customer's id, a GUID; at the stub by default "+exampleCustomer)
	flags.StringVar(&a.stateFile, "state", "", "the `file` that survives a crash (default CART.json.state)")
	flags.BoolVar(&a.yes, "yes", false, "do not ask before buying")
	flags.BoolVar(&a.real, "real", false, "buy at Partner Center and spend real money, not at the stub")
	flags.DurationVar(&a.wait, "wait", 15*time.Minute, "how long to wait for the subscriptions; an order may wait for people")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "usage: buy [flags] CART.json")
		flags.PrintDefaults()
		return a, errHelp
	}
	if err != nil {
		return a, wrong("%w (see buy --help)", err)
	}
	if flags.NArg() > 1 && strings.HasPrefix(flags.Arg(1), "-") {
		return a, wrong("flags go before the cart file (see buy --help)")
	}
	if flags.NArg() != 1 {
		return a, wrong("want one cart file, got %d (see buy --help)", flags.NArg())
	}
	a.cartFile = flags.Arg(0)
	a.stateFile = cmp.Or(a.stateFile, a.cartFile+".state")
	if a.real && a.customerID == "" {
		return a, wrong("--real needs --customer")
	}
	a.customerID = cmp.Or(a.customerID, exampleCustomer)
	return a, nil
}
