// Command buy buys for a customer what a cart file lists: once, however often it is run, and wherever it was killed.
//
//	buy [flags] CART.json
//
// The file is a cart as the contract has it:
//
//	{"lineItems": [
//	  {"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", "quantity": 2, "termDuration": "P1Y", "billingCycle": "monthly"}
//	]}
//
// It makes the cart and shows its lines and prices. That is all by default: a cart is no purchase. With --dry-run=false it
// asks, buys, waits for the subscriptions and lists them.
//
// # What survives a crash
//
// Before the cart is made, and again before it is checked out, the ids of these calls are stored in the state file,
// CART.json.state. The next run with the same cart file goes on with the same cart; what was ordered is not ordered again.
// To buy the same once more, name another state file with --state. One state file is for one run at a time.
//
// # Where it buys
//
// At the stub, whose URL is in CARTWRIGHT_BASE_URL, by default http://127.0.0.1:8080; no other server is sent anything. The
// token is that of CARTWRIGHT_TOKEN, by default any. With --real it spends real money at Partner Center, as the application
// and user of AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and the refresh token in the file that
// PARTNER_CENTER_REFRESH_TOKEN_FILE names, into which the next refresh token is written.
//
// # Exit codes
//
//	0  it is bought, by this run or an earlier one, and provisioned
//	1  it failed; what is ordered by then is told
//	2  the command line, the environment or a file is wrong; nothing was sent
//	3  nothing was ordered, as it was to be: a dry run, or the answer was not yes
//	4  it is bought, but not provisioned, or not yet
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/mattn/go-isatty"
)

// The exit codes.
const (
	exitBought         = 0
	exitFailed         = 1
	exitUsage          = 2
	exitNothing        = 3
	exitNotProvisioned = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := program{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv,
		bar: isatty.IsTerminal(os.Stderr.Fd()),
	}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// program is what a run has of the world.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer // tables; and the question, progress and errors
	getenv         func(string) string
	bar            bool              // stderr is a terminal, where a bar can move
	transport      http.RoundTripper // to the server; nil for the network
}

// say writes a line of what the program is asked for. Who can't read it sees that himself.
func (p program) say(format string, args ...any) { _, _ = fmt.Fprintf(p.stdout, format+"\n", args...) }

// tell writes what else is to be said: the question, progress, errors.
func (p program) tell(format string, args ...any) { _, _ = fmt.Fprintf(p.stderr, format, args...) }

// run does what the command line says, and gives the exit code.
func (p program) run(ctx context.Context, args []string) int {
	a, err := parse(args, p.stdout)
	if errors.Is(err, errHelp) {
		return exitBought
	}
	if err == nil {
		err = p.buy(ctx, a)
	}
	for _, line := range problems(err) {
		p.tell("buy: %s\n", line)
	}
	return exitCode(err)
}

// usageError is a fault of the command line, the environment or a file. Nothing was sent.
type usageError struct{ cause error }

func (e usageError) Error() string { return e.cause.Error() }
func (e usageError) Unwrap() error { return e.cause }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// What ends a run without a purchase, or before all is there.
var (
	errHelp           = errors.New("the help was printed")
	errDryRun         = errors.New("a dry run: nothing is ordered; --dry-run=false buys this cart")
	errDeclined       = errors.New("nothing is ordered: the answer was not yes")
	errNotProvisioned = errors.New("all is ordered; run the same command again to look whether it is provisioned")
)

func exitCode(err error) int {
	_, isUsage := errors.AsType[usageError](err)
	switch {
	case err == nil:
		return exitBought
	case isUsage:
		return exitUsage
	case errors.Is(err, errDryRun), errors.Is(err, errDeclined):
		return exitNothing
	case errors.Is(err, errNotProvisioned):
		return exitNotProvisioned
	}
	return exitFailed
}
