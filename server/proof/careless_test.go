package proof_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/internal/faultdb"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// Where this process, when these are set, serves a careless store, and where it writes its URL, instead of running tests.
const (
	carelessStore = "CARELESS_STORE"
	carelessURL   = "CARELESS_URL"
)

// startCareless runs a server that does not wait for the disk: with synchronous=NORMAL, which the binary has no flag for. A
// proof of power cuts that finds nothing lost there proves nothing.
func startCareless(t *testing.T, path string) *process {
	t.Helper()
	p := run(t, func(urlFile string) *exec.Cmd {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = []string{carelessStore + "=" + path, carelessURL + "=" + urlFile}
		return cmd
	})
	p.serves()
	return p
}

func serveCareless(path string) error {
	faults := &faultdb.Faults{Rewrite: func(statement string) string {
		return strings.Replace(statement, "synchronous=FULL", "synchronous=NORMAL", 1)
	}}
	documents, err := sqlite.OpenThrough(context.Background(), path, faults.Wrap)
	if err != nil {
		return err
	}
	handler, err := server.New(server.Options{Store: documents, ProvisionDelay: server.ProvisionAtOnce})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := os.Getenv(carelessURL)
	if err := errors.Join(os.WriteFile(url+".new", []byte("http://"+listener.Addr().String()), 0o600), os.Rename(url+".new", url)); err != nil {
		return err
	}
	return http.Serve(listener, handler)
}
