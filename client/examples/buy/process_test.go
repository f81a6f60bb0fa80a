package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// TestMain is the program itself where a test starts it as a process.
func TestMain(m *testing.M) {
	if os.Getenv("BUY_TEST_AS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// The process is killed after the orders were placed, before their answer comes, and started again.
func TestProcess_Killed(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = server.ProvisionAtOnce })
	u, err := url.Parse(stub.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	placed := make(chan struct{}, 1)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if !strings.HasSuffix(answer.Request.URL.Path, "/checkout") || len(stub.Requests(servertest.CheckoutCart)) > 1 {
			return nil
		}
		placed <- struct{}{}
		<-answer.Request.Context().Done() // until the program is dead
		return context.Cause(answer.Request.Context())
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	between := httptest.NewServer(proxy)
	defer between.Close()

	cart := filepath.Join(t.TempDir(), "cart.json")
	if err := os.WriteFile(cart, []byte(twoGroups), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "--dry-run=false", "--yes", cart)
		cmd.Env = append(os.Environ(), "BUY_TEST_AS_PROGRAM=1", "CARTWRIGHT_BASE_URL="+between.URL)
		return cmd
	}
	first := start()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-placed
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	stub.RequireOrders(t, 2)

	told, err := start().CombinedOutput()
	if err != nil || !strings.Contains(string(told), "what is ordered is not ordered again") || !strings.Contains(string(told), "It is ordered already") {
		t.Errorf("the second run: %v\n%s", err, told)
	}
	stub.RequireOrders(t, 2)
}
