// Package client talks to Partner Center's cart, checkout and order API: the real one, or the stub of this project.
//
//	c, err := client.New(credential)
//	cart, err := c.Carts.Create(ctx, customerID, &client.Cart{LineItems: []client.CartLineItem{{
//		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5",
//		Quantity:      1,
//		BillingCycle:  client.BillingCycleMonthly,
//		TermDuration:  "P1Y",
//	}}})
//	result, err := c.Carts.Checkout(ctx, customerID, cart.ID)
//
// The credential is any azcore.TokenCredential, for example one of azidentity; package auth has one for a fixed token.
//
// # Failures
//
// Every call that fails gives an *Error, found with errors.As: what the service answered, or that nothing came back, and
// the request's ids for a support case. Two failures hide in a success, as the API has it, and must be looked for: a
// cart line that cannot be bought carries an Error of its own while the cart is created (CART-LINE-ERROR), and a
// checkout may leave order groups out, which stand in OrderErrors (CHECKOUT-RETRY).
//
// # Reading
//
// Answers are read as the real service sends them: with or without a byte-order mark, with property names in any case,
// with codes as numbers or as strings.
package client
