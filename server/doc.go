// Package server is a stub of Partner Center's cart, checkout and order API: an http.Handler that keeps state, holds
// every request to the contract (api/openapi.yaml), and answers as the documents promise.
//
// It owns the way of a request from bytes to a rule and back, which can be read off New, top to bottom. It does not own
// the rules (package commerce), the storage (package store) or the wire types (gen/model, made from the contract).
//
//	URL, below /v1                                  handler           rule, of package commerce
//	POST  /customers/{}/carts                       carts.go          Rules.NewCart
//	GET   /customers/{}/carts/{}                    carts.go          CartRecord.Read
//	PUT   /customers/{}/carts/{}                    carts.go          Rules.ReplaceLines
//	POST  /customers/{}/carts/{}/checkout           checkout.go       Rules.Checkout
//	GET   /customers/{}/orders[/{}[/…]]             orders.go         OrderRecord.At
//	POST  /customers/{}/orders                      orders.go         Rules.CreateOrder
//	PATCH /customers/{}/orders/{}                   orders.go         Rules.UpdateOrder
//	GET   /customers/{}/subscriptions[/{}[/…]]      subscriptions.go  OrderRecord.Subscriptions
//	PATCH /customers/{}/subscriptions/{}            subscriptions.go  Rules.UpdateSubscription
//	GET   [/customers/{}]/products[/{}/skus…]       products.go       Catalog.Products
//	GET   /offers/{}                                products.go       Catalog.Offer
//	GET   /livez, /readyz, not below /v1            health.go
//	/_cartwright/…, of Server.Control               control.go, state.go, clock.go
//
// What is surely as the contract has it, package plan reads at once (sure.go); kin-openapi judges all the rest, and says what is
// wrong with it.
//
// To use it in a Go test, see package servertest; to run it, cmd/cartwright.
package server
