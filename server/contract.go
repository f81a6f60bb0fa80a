package server

import (
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/cartwright-dev/cartwright/gen/contract"
)

// operation is one operation of the contract, with its place.
type operation struct {
	*openapi3.Operation
	document *openapi3.T
	path     string
	item     *openapi3.PathItem
	method   string
}

// loadContract and loadControl make the contracts, once: they are the same for all servers, and nothing changes them. They are
// compiled in as Go, which is made from api/ by tools.go.
var (
	loadContract = sync.OnceValues(contract.API)
	loadControl  = sync.OnceValues(contract.Control)
)

// operationsOf gives all operations of a contract.
func operationsOf(document *openapi3.T) []operation {
	var all []operation
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, operation{op, document, path, item, method})
		}
	}
	return all
}

// route is what openapi3filter wants to know of the operation.
func (op operation) route() *routers.Route {
	return &routers.Route{Spec: op.document, Path: op.path, PathItem: op.item, Method: op.method, Operation: op.Operation}
}

// parameters gives those of the operation and those of its path.
func (op operation) parameters() []*openapi3.Parameter {
	var all []*openapi3.Parameter
	for _, list := range []openapi3.Parameters{op.item.Parameters, op.Parameters} {
		for _, p := range list {
			all = append(all, p.Value)
		}
	}
	return all
}

// bodySchema gives the schema of the request's body, or nil where the operation has none.
func (op operation) bodySchema() *openapi3.Schema {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Value.Content.Get("application/json").Schema.Value
}
