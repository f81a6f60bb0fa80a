package commerce

import (
	"maps"
	"slices"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// CartRecord is the stored document of a cart: the cart as it is answered, and what its checkouts did.
type CartRecord struct {
	Cart model.Cart `json:"cart"`
	// Placed has one entry for each order group that is bought, in the order in which they were bought.
	Placed []PlacedOrder `json:"placed,omitempty"`
	// Failures counts the checkouts at which an order group failed (CHECKOUT-MAGIC).
	Failures map[string]int `json:"failures,omitempty"`
}

// PlacedOrder is an order group that is bought, with the order as it was answered then (CHECKOUT-REPEAT).
type PlacedOrder struct {
	OrderGroup string      `json:"orderGroup"`
	Order      model.Order `json:"order"`
}

// clone copies what a checkout changes in place.
func (r CartRecord) clone() CartRecord {
	r.Placed = slices.Clone(r.Placed)
	r.Failures = maps.Clone(r.Failures)
	return r
}

// NewCart makes a cart with this id out of a request (CART-CREATE). Only what a client may set is taken from the
// request (CART-READ-ONLY). It fails with 800002 when two lines have the same id, and with 900206 when the attestation
// is missing that strict rules ask for.
func (r Rules) NewCart(id string, request model.Cart, by Author) (CartRecord, error) {
	now := instant(by.Now)
	cart := model.Cart{
		ID:                  id,
		CreationTimestamp:   now,
		ExpirationTimestamp: now.Add(CartLifetime),
		Status:              model.CartStatusActive,
		Links:               model.CartLinks{Self: link("GET", "customers", by.Customer.ID, "carts", id)},
		Attributes:          model.ResourceAttributes{ObjectType: "Cart"},
	}
	return r.fill(CartRecord{Cart: cart}, request, by)
}

// ReplaceLines gives a cart with all line items replaced by those of a request; id, creation and expiry stay (CART-PUT).
// It fails as NewCart does, with 800008 when the cart has expired, and with 800065 when it has any order.
func (r Rules) ReplaceLines(record CartRecord, request model.Cart, by Author) (CartRecord, error) {
	switch {
	case record.Expired(by.Now):
		return record, ErrCartNotFound
	case len(record.Placed) > 0:
		return record, &Error{
			Code:        CodeCartSubmitted,
			Description: "The cart has an order already and cannot be changed. Put what remains into a new cart.",
		}
	}
	return r.fill(record, request, by)
}

// Ordered reports whether all of the cart is bought.
func (r CartRecord) Ordered() bool { return r.Cart.Status == model.CartStatusOrdered }

// fill takes from the request what a client may set, and derives the rest.
func (r Rules) fill(record CartRecord, request model.Cart, by Author) (CartRecord, error) {
	lines, err := newLineItems(request.LineItems)
	if err != nil {
		return record, err
	}
	if err := r.checkPartner(lines, "participants", request.PartnerOnRecordAttestationAccepted); err != nil {
		return record, err
	}
	judge{r, by, lines}.assess(lines, nil)
	by.Faults.spoil(lines)
	assignOrderGroups(lines, r.Catalog)
	record.Cart.LineItems = lines
	record.Cart.LastModifiedTimestamp = instant(by.Now)
	record.Cart.LastModifiedUser = by.User
	return record, nil
}

// checkPartner refuses a purchase for a reseller whose partner has not attested, if the rules are strict
// (CART-ATTESTATION). The attestation itself is accepted and not kept.
func (r Rules) checkPartner(lines []model.CartLineItem, property string, accepted *bool) error {
	if !r.Strict || isTrue(accepted) {
		return nil
	}
	for at, line := range eachLine(lines) {
		if hasParticipant(line, model.ParticipantKeyTransactionReseller) {
			return &Error{
				Code:        CodeAttestationMissing,
				Description: "Partner attestation is missing. Send partnerOnRecordAttestationAccepted with true.",
				Data:        []string{at.String() + "/" + property + ": names a reseller, for whom the partner must attest"},
			}
		}
	}
	return nil
}

func isTrue(b *bool) bool { return b != nil && *b }
