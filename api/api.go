// Package api embeds the contract, byte for byte as it stands in the repository: openapi.yaml describes the cart,
// checkout and order API. The rule ids in it are explained in sources.md. Nothing here depends on generated code;
// package server validates against these bytes, and tools.go names the generator that turns them into gen/.
package api

import _ "embed"

// OpenAPI is the contract, an OpenAPI 3.0.3 document in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
