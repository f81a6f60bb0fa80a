//go:build generate

// Package tools carries the code generator: its version stands in go.mod, its settings in gen/*.cfg.yaml, and these are
// the lines that run it. `make generate` and `go generate ./...` do the same.
package tools

//go:generate go tool oapi-codegen -config gen/model.cfg.yaml api/openapi.yaml
//go:generate go tool oapi-codegen -config gen/apiserver.cfg.yaml api/openapi.yaml
//go:generate go tool oapi-codegen -config gen/apiclient.cfg.yaml api/openapi.yaml
//go:generate go tool oapi-codegen -config gen/control.cfg.yaml api/control.yaml
//go:generate go run ./server/internal/contractgen gen/contract/contract.gen.go API=api/openapi.yaml Control=api/control.yaml
//go:generate go run ./server/internal/recordgen gen/recordjson/recordjson.gen.go

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
