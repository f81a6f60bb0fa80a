package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/api"
)

// routes lists the operations of both contracts.
type routes struct{}

// Run prints one line for each operation, in the order of the contracts.
func (routes) Run(o output) error {
	out := tabwriter.NewWriter(o.stdout, 0, 0, 2, ' ', 0)
	for _, contract := range [][]byte{api.OpenAPI, api.Control} {
		operations, err := operationsOf(contract)
		if err != nil {
			return fmt.Errorf("read the contract: %w", err)
		}
		for _, op := range operations {
			if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", op.method, op.path, op.OperationID, op.Summary); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// operation is what a contract says of an operation, as far as it is listed.
type operation struct {
	method, path string
	OperationID  string `yaml:"operationId"`
	Summary      string
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// operationsOf gives the operations of a contract in its own order, which a map would lose.
func operationsOf(contract []byte) ([]operation, error) {
	var document struct {
		Servers []struct{ URL string }
		Paths   yaml.Node
	}
	if err := yaml.Unmarshal(contract, &document); err != nil {
		return nil, err
	}
	server, err := url.Parse(document.Servers[0].URL)
	if err != nil {
		return nil, err
	}
	var operations []operation
	for path, item := range members(&document.Paths) {
		for name, node := range members(item) {
			op := operation{method: strings.ToUpper(name), path: server.Path + path}
			if !slices.Contains(methods, op.method) {
				continue // what all operations of the path share
			}
			if err := node.Decode(&op); err != nil {
				return nil, err
			}
			operations = append(operations, op)
		}
	}
	return operations, nil
}

// members goes through a mapping in its order.
func members(mapping *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i].Value, mapping.Content[i+1]) {
				return
			}
		}
	}
}
