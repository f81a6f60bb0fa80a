// Package server is a stub of Partner Center's cart, checkout and order API: an http.Handler that keeps state, holds
// every request to the contract (api/openapi.yaml), and answers as the documents promise.
//
// It owns the way of a request from bytes to a rule and back, which can be read off New, top to bottom. It does not own
// the rules (package commerce), the storage (package store) or the wire types (gen/model, made from the contract).
//
//	URL                                             handler          rule
//	POST /v1/customers/{}/carts                     carts.go         commerce.NewCart
//	GET  /v1/customers/{}/carts/{}                  carts.go         commerce.CartRecord.Read
//	PUT  /v1/customers/{}/carts/{}                  carts.go         commerce.CartRecord.Replace
//	POST /v1/customers/{}/carts/{}/checkout         checkout.go      commerce.Checkout
//	GET  /v1/customers/{}/orders[/{}]               orders.go        commerce.OrderRecord.At
//	GET  /livez, /readyz                            health.go
//
// To use it in a Go test, see package servertest; to run it, cmd/cartwright.
package server
