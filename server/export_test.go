package server

import (
	"bytes"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// CanonicalBody brings the body of an operation's request into the contract's spelling, for the tests from outside.
func CanonicalBody(contract *openapi3.T, operationID string, body []byte) ([]byte, error) {
	f := folding{tolerant: true}
	for _, op := range operationsOf(contract) {
		if op.OperationID == operationID {
			canonical, _, err := canonicalBody(body, newShapes(f).of(op.bodySchema()), f)
			return canonical, err
		}
	}
	return nil, fmt.Errorf("there is no operation %s", operationID)
}

// XMLName is xmlName, for the tests from outside.
var XMLName = xmlName

// WriteXML writes JSON, in parts, as an XML document, for the tests from outside.
func WriteXML(root string, parts ...[]byte) ([]byte, error) {
	var out bytes.Buffer
	x := newXMLWriter(&out, root)
	for _, part := range parts {
		if _, err := x.Write(part); err != nil {
			return out.Bytes(), err
		}
	}
	err := x.Close()
	return out.Bytes(), err
}
