package commerce

import "time"

// Rules is what the rules go by beside a request.
type Rules struct {
	Catalog        *Catalog
	Strict         bool          // hold requests to the rules, too, that the documents' own examples break
	Sandbox        bool          // the integration sandbox with its limits (CART-LINE-ERROR, ORDER-PATCH)
	DirectBill     bool          // the partner sells without resellers (CART-PARTICIPANTS)
	ProvisionDelay time.Duration // from the order to its subscriptions, for modern items; 0 provisions at once
	RejectRepeat   bool          // refuse the checkout of an ordered cart instead of repeating its answer
}

// Author is who asks for something, for which customer, and when.
type Author struct {
	Customer Customer
	User     string // object id of the user or application
	Now      time.Time
	Faults   Faults // of the request
}

// Customer is who is bought for.
type Customer struct {
	ID          string
	Country     string  // ISO 3166; empty where it is not known: then items of every country can be bought
	NoAgreement bool    // the Microsoft Customer Agreement is not accepted
	Owned       []Owned // its active subscriptions; needed only where NeedsOwned says so
}

// IDs draws ids. Each call must give one that was not given before; a store refuses the rare repetition of a short one.
type IDs interface {
	GUID() string    // lower case, for carts, legacy orders and subscriptions
	OrderID() string // 12 lower-case hexadecimal digits, for modern orders
}

// instant is a time as documents carry it: UTC, at most microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
