// Command floor is what the benchmark's figures are ratios to: a bare Echo server that reads the body of a request and answers
// it with a fixed JSON of 1.6 kB, the size of a cart with six lines. It checks nothing and keeps nothing. It can be made to work
// for some time at each request: that shows what a server costs that does as much as that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
)

const size = 1600 // bytes of an answer

func main() {
	profile := flag.String("cpu-profile", "", "write a CPU profile to this file")
	work := flag.Duration("work", 0, "work so long at each request")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: floor [-cpu-profile FILE] [-work DURATION] HOST:PORT")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *profile, *work); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// run serves until a signal comes, and profiles that where a file is named.
func run(address, profile string, work time.Duration) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := newFloor(work)
	context.AfterFunc(ctx, func() { _ = e.Close() })
	if err := e.Start(address); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func newFloor(work time.Duration) *echo.Echo {
	const frame = `{"text":""}`
	answer := []byte(frame[:len(frame)-2] + strings.Repeat("x", size-len(frame)) + frame[len(frame)-2:])
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/livez", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/v1/customers/:customer/carts", func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
			return err
		}
		for begun := time.Now(); time.Since(begun) < work; {
			continue
		}
		return c.JSONBlob(http.StatusCreated, answer)
	})
	return e
}
