// Command cartwright runs the stub of Partner Center's cart, checkout and order API.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "cartwright:", err)
		os.Exit(1)
	}
}

// run reads the command line and the environment, and serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c config
	var help bool
	parser, err := kong.New(&c,
		kong.Name("cartwright"),
		kong.Description("A stub of Partner Center's cart, checkout and order API. Nothing leaves this machine, no order is real."),
		kong.DefaultEnvars("CARTWRIGHT"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { help = true }),
	)
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil && !help {
		return fmt.Errorf("%w (see cartwright --help)", err)
	}
	if help {
		return nil
	}
	if err := c.serve(ctx, stdout, stderr); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
