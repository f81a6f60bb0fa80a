package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// banner is what the stub prints when it serves, with lines to copy.
func (c *config) banner(url string) string {
	return fmt.Sprintf(`Cartwright, a stub of Partner Center's cart, checkout and order API
  URL       %[1]s, the API is below /v1
  store     %[2]s, auth %[3]s, provisioned after %[4]v

Create a cart:

  curl -i %[1]s/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts \
    -H 'Authorization: Bearer any' -H 'Content-Type: application/json' \
    -d '{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}'

Nothing leaves this machine, no order is real. Ctrl-C stops.

`, url, shownStore(c.Store), c.Auth, c.ProvisionDelay)
}

// newLogger logs as text for people, else as JSON.
func newLogger(form string, out io.Writer) *slog.Logger {
	terminal := isTerminal(out)
	if form == "text" || (form == "auto" && terminal) {
		return slog.New(tint.NewTextHandler(out, &tint.Options{NoColor: !terminal || os.Getenv("NO_COLOR") != "", TimeFormat: "15:04:05.000"}))
	}
	return slog.New(slog.NewJSONHandler(out, nil))
}

// progress shows how much of a file is read, where a person waits for it. Small files are read before anybody looks.
func progress(out io.Writer) func(path string, size int64, file io.Reader) io.Reader {
	if !isTerminal(out) {
		return nil
	}
	return func(path string, size int64, file io.Reader) io.Reader {
		bar := progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription(filepath.Base(path)),
			progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		return io.TeeReader(file, bar)
	}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
