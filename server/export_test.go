package server

import "github.com/getkin/kin-openapi/openapi3"

// CanonicalCart brings a cart into the contract's spelling, for the tests from outside.
func CanonicalCart(contract *openapi3.T, body []byte) ([]byte, error) {
	f := folding{tolerant: true}
	canonical, _, err := canonicalBody(body, newShapes(f).of(contract.Components.Schemas["Cart"].Value), f)
	return canonical, err
}
