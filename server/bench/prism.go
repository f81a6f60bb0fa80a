package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// prismPackage is pinned, so that figures can be compared.
const prismPackage = "@stoplight/prism-cli@5.16.0"

// startPrism starts Prism on the contract. Node runs its program itself, so that nothing is counted of what finds it.
func (w *workshop) startPrism(ctx context.Context, dir string) (*process, error) {
	if w.prism == nil {
		fetch := exec.CommandContext(ctx, "npx", "--yes", "--package="+prismPackage, "--", "sh", "-c", `readlink -f "$(command -v prism)"`)
		out, err := fetch.Output()
		if err != nil {
			return nil, fmt.Errorf("npx %s, which needs Node: %w", prismPackage, err)
		}
		w.prism = []string{"node", strings.TrimSpace(string(out))}
	}
	create := w.bodies.create().belowRoot()
	return start(ctx, prism, dir, "", func(address string) []string {
		_, port, _ := strings.Cut(address, ":")
		return append(w.prism, "mock", "--port", port, filepath.Join(w.root, "api/openapi.yaml"))
	}, create)
}

// belowRoot gives the request to a server that has the paths of the contract as they are there, without /v1.
func (r request) belowRoot() request {
	r.path = strings.TrimPrefix(r.path, "/v1")
	return r
}
