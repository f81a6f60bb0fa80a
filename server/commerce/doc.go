// Package commerce has the rules of carts, checkout and orders, as pure functions on the generated model types.
//
// It owns what a cart, an order and the catalogue mean: which lines can be bought, how lines become order groups and
// order groups become orders, what things cost, when a cart expires and when an order is provisioned. It does not own
// HTTP (package server), storage (package store) or files (package catalog). Nothing here reads a clock, draws a random
// number or does I/O: the time and the source of ids are arguments.
//
// # Rules
//
// Each rule carries the id under which api/sources.md explains it:
//
//	cart.go                CART-CREATE, CART-PUT, CART-READ-ONLY, CART-ATTESTATION
//	cart_expiry.go         CART-EXPIRY
//	lineitem.go            CART-LINES
//	judge.go, term_end.go  CART-LINE-ERROR, CART-PARTICIPANTS
//	ordergroup.go          CART-GROUP
//	pricing.go             CART-PRICING, ORDER-PRICE
//	checkout.go            CHECKOUT-RESULT, CHECKOUT-REPEAT, CHECKOUT-RETRY, CHECKOUT-LINE-ERROR, CHECKOUT-MAGIC
//	sandbox.go             the limits of the integration sandbox
//	order.go               ORDER-ID, CART-PARTICIPANTS
//	order_create.go        ORDER-CREATE
//	order_patch.go         ORDER-PATCH, ETAG
//	provisioning.go        ORDER-STATUS, ORDER-SUBSCRIPTION, ORDER-PROVISIONING, ACTIVATION
//	subscription.go        SUBSCRIPTION
//	subscription_patch.go  SUBSCRIPTION-PATCH, ETAG
//	catalog.go, kind.go    what can be bought: products, SKUs, availabilities, promotions
//	products.go            CATALOG
//	links.go               LINKS-RESOLVE
//	errors.go              the codes
//
// # Times
//
// All times are UTC, cut to microseconds, which is what every store keeps. A cart's creation starts its seven days; its
// expiry and an order's provisioning are instants fixed at that moment, and what follows from them (expired, completed,
// a subscription id that shows) is computed for the time of each reading and never stored.
package commerce
