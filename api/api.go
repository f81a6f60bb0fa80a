// Package api embeds the contracts, byte for byte as they stand in the repository: openapi.yaml describes the cart,
// checkout and order API, control.yaml what a tester does to the stub, which is no part of it. The rule ids in it are explained in sources.md. Nothing here depends on generated code;
// tools.go names the generators that turn them into gen/, also into gen/contract, against which package server validates.
package api

import _ "embed"

// OpenAPI is the contract, an OpenAPI 3.0.3 document in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Control is the contract of test control, an OpenAPI 3.0.3 document in YAML.
//
//go:embed control.yaml
var Control []byte
