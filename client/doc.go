// Package client buys at Microsoft Partner Center: carts, their checkout, orders, subscriptions, and the catalogue. It talks
// to the real service, or to the stub of this project, and is made so that no purchase happens twice.
//
//	c, err := client.New(credential)
//	cart, err := c.Carts.Create(ctx, customerID, &client.Cart{LineItems: []client.CartLineItem{{
//		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", Quantity: 1, TermDuration: "P1Y", BillingCycle: client.BillingCycleMonthly,
//	}}})
//	// look at cart.LineItems[i].Pricing, and store cart.ID
//	result, err := c.Carts.CheckoutOnce(ctx, customerID, cart.ID)
//	for _, placed := range result.Orders {
//		order, err := c.Orders.WaitProvisioned(ctx, customerID, placed.ID)
//		// order.LineItems[i].SubscriptionID
//	}
//
// That is a purchase, without its errors. The command client/examples/buy is one with all that belongs to it: it reads a cart
// from a file, shows prices, asks, and may be killed at any time.
//
// Words in capitals, such as CHECKOUT-RETRY, name rules of the service; api/sources.md says of each where it is documented,
// and what was decided where it is not.
//
// # Services
//
// A [Client] has four: Carts, Orders, Subscriptions and Products. Every call takes a context and the ids of what it is about,
// then options of its own, such as [Locale] or [RequestID], and gives a value and an error. Lists are iterators, to be ranged
// over; they are not paged, as the service's are not:
//
//	for order, err := range c.Orders.List(ctx, customerID) { … }
//
// [Cart] and the other types of the service are those of package gen/model, which is made from the contract: go doc shows
// their fields there. A line names what it buys by the CatalogItemID of an availability, which changes over time: read it from
// Products before each purchase.
//
// # Failures
//
// What fails is one of these, found with errors.As or errors.AsType. The message of each is one line for a log, and says what
// to do next where that is known.
//
//	*Error                the call failed: the service refused it, or no answer came that can be read
//	*CartLineItemsError   Carts.Create and Update: the cart is made, and lines of it can't be bought
//	*PartialCheckoutError Carts.Checkout: some order groups are ordered, others are answered with an error
//	*CheckoutError        Carts.CheckoutOnce: not all is ordered, or not known to be; of each group, what is known
//	*ProvisioningError    Orders.WaitProvisioned: the order ended in another way, or not in time
//
// The second and the third hide in a success of the service, a 201. With them comes the value too: the cart, or the result
// with the orders that were placed.
//
// Which failure it is, errors.Is tells by the sentinels of this package, through all of these types:
//
//	ErrCartBusy, ErrOrderInProgress, ErrTryAgain  check out the same cart again later; CheckoutOnce does
//	ErrThrottled                                  ask less often; RetryAfter of the *Error says when
//	ErrCartNotFound                               a cart lives for seven days
//	ErrCartSubmitted                              it has an order already, and can't be changed
//	ErrAvailabilityGone                           read the availability again, and make a new cart with it
//	ErrNoAgreement, ErrNotEligible, ErrSeatLimit  the customer can't buy this, or not so much of it
//	ErrUnauthorized, ErrMFARequired               the credential; see package auth
//
// Where a call that changes something fails, [Error.Unclear] tells whether it may have been done all the same.
//
// An order group is what becomes one order. The service makes groups of a cart's lines, by their billing cycles among other
// things (CART-GROUP).
//
// # Retries and request ids
//
// Each call is tried up to four times, with growing delays, where the connection breaks or the answer is 408, 429, 500, 502,
// 503 or 504; [WithRetry] changes that. A Retry-After is waited for, up to five minutes. Every try has the same body and the
// same MS-RequestId, by which the service knows a repetition and does the work once (HTTP-IDEMPOTENCY). The client makes that
// id for each call. Make and store one yourself, with [NewRequestID] and [RequestID], where the same call is to be repeated
// by another process.
//
// # What survives a crash
//
// A cart is no purchase, and the service orders each group of a cart once, however often it is checked out. So a purchase
// needs one thing that survives: the cart's id, stored before the checkout.
//
//	create the cart            a crash here leaves a cart behind, which expires
//	store its id
//	CheckoutOnce               a crash here leaves it unknown what is ordered
//	store the orders' ids
//
// The program that comes after the crash calls CheckoutOnce with the stored id: it gets the orders that were placed, and
// places those that were not. What must not be done while the outcome is unknown is to make a new cart: that is a second
// purchase. Orders.Create, the legacy way, has no cart behind it; only a stored RequestID protects it, and only for a time.
//
// # Credentials
//
// [New] takes any azcore.TokenCredential: those of azidentity for an application (App); those of package auth for an
// application and a user (App+User), for an oauth2.TokenSource, or for a token that is there already. Tokens are asked for
// when the first request needs one, and are never logged. Over plain http they are sent to a loopback address only.
//
// # Clouds
//
// [Global] is the default; [WithCloud] takes [USGovernment], [China21Vianet] or a [Custom] one. The credential needs the same
// cloud, for its authority.
//
// # In tests
//
// Package servertest starts the stub inside a Go test, and gives a client of it; the stub also runs as a program. Point any
// client at it by [WithBaseURL], with any word as token:
//
//	client.New(auth.StaticToken("any"), client.WithBaseURL("http://127.0.0.1:8080"), client.WithStubOnly())
//
// [WithStubOnly] belongs into every program that is not to spend money: it sends nothing to a server that does not say that
// it is the stub.
//
// # Logs and traces
//
// [WithLogger] takes a slog.Logger and writes a record for each call, at Debug also its bodies. [WithTransport] is the place
// for traces and counters, such as otelhttp.NewTransport, and for a proxy.
//
// # What the service sends
//
// Answers are read as it really sends them: with or without a byte-order mark, with names in any case, with codes as numbers
// or as strings. Words that an enum does not know are kept as they are. Properties that this package does not know are not
// lost: policy.WithCaptureResponse of azcore gives the whole answer of a call, see the example UnknownProperties.
//
// # Versions
//
// Until v1 a minor version may change what programs see; the changelog says what. Types of the contract, such as [Cart], get
// new fields without notice: name the fields where you make one.
package client
