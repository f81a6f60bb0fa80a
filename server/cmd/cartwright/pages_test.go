package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

// The docs page is there in any case; the console and what belongs to test control is where --control says.
func TestPages(t *testing.T) {
	t.Parallel()
	apart := freeAddress(t)
	const console = "/_cartwright/console"
	beside := []string{console, console + "/assets/console.css", "/_cartwright/docs", "/_cartwright/openapi.yaml", "/_cartwright/openapi.json", "/_cartwright/version"}
	always := []string{"/docs", "/docs/swagger-ui.css", "/openapi.yaml", "/openapi.json", "/livez"}
	for control, there := range map[string]bool{"on": true, "off": false, apart: false} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			p := start(t, t.TempDir(), "--store", "memory", "--control", control)
			for _, path := range append(always, beside...) {
				want := http.StatusOK
				if !there && strings.HasPrefix(path, "/_cartwright") {
					want = http.StatusNotFound
				}
				if status, header, body := get(t, p.url+path); status != want || header.Get("X-Cartwright") == "" {
					t.Errorf("%s answers %d with %v\n%s", path, status, header, body)
				}
			}
			if control != apart {
				return
			}
			for _, path := range beside {
				status, header, body := get(t, "http://"+apart+path)
				if status != http.StatusOK || header.Get("X-Cartwright") == "" {
					t.Errorf("%s%s answers %d with %v", apart, path, status, header)
				}
				if path == console && (!strings.Contains(body, p.url+"/docs") || !strings.Contains(body, "curl -i "+p.url+"/v1/")) {
					t.Errorf("the console does not lead to %s:\n%s", p.url, body)
				}
			}
			if status, _, _ := get(t, "http://"+apart+"/docs"); status != http.StatusNotFound {
				t.Errorf("the API's docs page is at the address of test control too: %d", status)
			}
		})
	}
}

// freeAddress gives an address that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
