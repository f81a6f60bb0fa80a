package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthcheck asks a stub whether it can serve.
type healthcheck struct {
	URL     string        `arg:"" optional:"" help:"The base URL of the stub. By default that of --addr on this machine."`
	Addr    string        `default:"127.0.0.1:8080" help:"Where the stub listens, as serve has it."`
	TLS     bool          `name:"tls" help:"The stub serves https, as serve has it. Its certificate is not checked: nothing secret is sent."`
	TLSCert string        `name:"tls-cert" placeholder:"FILE" help:"The same, as serve has it."`
	Timeout time.Duration `default:"3s" env:"-" help:"How long to wait for an answer."`
}

// Run succeeds where the stub says that it is ready.
func (h *healthcheck) Run(ctx context.Context) error {
	url, err := h.url()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	direct := &http.Client{Transport: &http.Transport{ // past a proxy that the environment names
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // it was made by another process, and nothing secret is sent
	}}
	response, err := direct.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	reason, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/readyz answers %d: %q", url, response.StatusCode, bytes.TrimSpace(reason))
	}
	return nil
}

// url gives the base URL of the stub, by which this machine reaches it.
func (h *healthcheck) url() (string, error) {
	if h.URL != "" {
		return strings.TrimRight(h.URL, "/"), nil
	}
	host, port, err := net.SplitHostPort(h.Addr)
	if err != nil {
		return "", fmt.Errorf("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := (&tlsFlags{TLS: h.TLS, TLSCert: h.TLSCert}).scheme()
	return scheme + "://" + net.JoinHostPort(host, port), nil
}
