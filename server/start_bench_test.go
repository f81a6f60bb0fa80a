package server_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/api"
	compiled "github.com/cartwright-dev/cartwright/gen/contract"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/catalog"
)

// BenchmarkStart measures the parts of a start, each alone and warm. What a process needs to its first answer, package bench
// measures.
func BenchmarkStart(b *testing.B) {
	sold, err := catalog.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	stub, err := server.New(server.Options{Catalog: sold, Control: true})
	if err != nil {
		b.Fatal(err)
	}
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"contract", func() error { _, err := compiled.API(); return err }},
		{"contract, read as YAML", func() error { _, err := openapi3.NewLoader().LoadFromData(api.OpenAPI); return err }},
		{"catalogue", func() error { _, err := catalog.Load(catalog.Options{Builtin: true}); return err }},
		{"server", func() error { _, err := server.New(server.Options{Catalog: sold, Control: true}); return err }},
		{"test control", func() error { _, err := stub.Control(); return err }},
		{"examples", func() error { return stub.AddExamples(b.Context()) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := part.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
