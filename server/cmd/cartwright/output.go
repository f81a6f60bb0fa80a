package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/entra"
)

// banner is what the stub prints when it serves, with lines to copy.
func (c *config) banner(l *listening) string {
	return fmt.Sprintf(`Cartwright %[1]s, a stub of Partner Center's cart, checkout and order API
  URL       %[2]s, the API is below /v1
  docs      %[2]s/docs
  console   %[7]s
  control   %[3]s
  store     %[4]s, auth %[5]s, provisioned after %[6]v
%[8]s
Create a cart:

  curl %[9]s%[2]s/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts \
    -H %[10]s -H 'Content-Type: application/json' \
    -d '{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}'

Nothing leaves this machine, no order is real. Ctrl-C stops.

`, server.Version, l.url(), cmp.Or(l.controlURL(), "off"), shownStore(c.Store), c.Auth, c.ProvisionDelay, l.consoleURL(), c.credentials(l), c.curlTLS(), c.bearer())
}

// credentials are those that the token endpoint takes; nothing where no token is judged.
func (c *config) credentials(l *listening) string {
	if c.Auth != string(server.AuthBasic) {
		return ""
	}
	return fmt.Sprintf(`
Well-known credentials, which are no secrets:

  authority      %s
  tenant         %s
  application    %s
  secret         %s
  refresh token  %s, or %s
`, l.url(), entra.TenantID, entra.ApplicationID, entra.ClientSecret, entra.RefreshToken, entra.RefreshTokenWithoutMFA)
}

// curlTLS lets curl trust the stub.
func (c *config) curlTLS() string {
	switch {
	case c.TLSCAOut != "":
		return "-i --cacert " + c.TLSCAOut + " "
	case c.scheme() == "https":
		return "-ik "
	}
	return "-i "
}

// bearer is the header that lets curl in.
func (c *config) bearer() string {
	if c.Auth == string(server.AuthBasic) {
		return `"Authorization: Bearer $(cartwright token)"`
	}
	return "'Authorization: Bearer any'"
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
