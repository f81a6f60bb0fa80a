// Command cartwright runs the stub of Partner Center's cart, checkout and order API.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	collectLater()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "cartwright:", err)
		os.Exit(1)
	}
}

// collectLater has the garbage collector wait with what a start makes: most of it stays, and at 4 MB, where it usually begins, it
// would look at it more than once before the first answer. After a second it is as usual, and gives back what is garbage.
func collectLater() {
	const percent = 400
	usual := debug.SetGCPercent(percent)
	time.AfterFunc(time.Second, func() {
		debug.SetGCPercent(usual)
		debug.FreeOSMemory()
	})
}

// commands are what the binary can do. What stands first is done where no command is named.
type commands struct {
	Serve       config      `cmd:"" default:"withargs" help:"Serve until a signal comes. This is what is done without a command, too."`
	Healthcheck healthcheck `cmd:"" help:"Ask a stub whether it can serve; for containers, which have no curl."`
	Routes      routes      `cmd:"" help:"List the operations of the API and of test control."`
	Catalog     struct {
		Check catalogCheck `cmd:"" help:"Read catalogues and price lists as serve would, and tell what is in them or where they are wrong."`
	} `cmd:"" help:"Work on files of what can be bought."`
	Token   token   `cmd:"" help:"Print an access token for a stub that serves with --auth basic."`
	Version version `cmd:"" help:"Print the version."`
}

// output is where a command writes what it was asked for, and what else is to be said.
type output struct{ stdout, stderr io.Writer }

// run reads the command line and the environment, and does what they say until that is done or ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c commands
	var help bool
	parser, err := kong.New(&c,
		kong.Name("cartwright"),
		kong.Description("A stub of Partner Center's cart, checkout and order API. Nothing leaves this machine, no order is real."),
		kong.DefaultEnvars("CARTWRIGHT"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { help = true }),
		kong.Help(printHelp),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(output{stdout, stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if help {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (see cartwright --help)", err)
	}
	if err := command.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// printHelp prints the help of a command; where none is named, the commands and the flags of serve, which can do without its
// name.
func printHelp(options kong.HelpOptions, c *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, c); err != nil || c.Selected() != nil {
		return err
	}
	serve, err := kong.Trace(c.Kong, []string{"serve"})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(c.Stdout, "\n"); err != nil {
		return err
	}
	return kong.DefaultHelpPrinter(options, serve)
}
