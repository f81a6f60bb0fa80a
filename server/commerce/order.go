package commerce

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// IDs draws ids. Each call must give one that was not given before; a store refuses the rare repetition of a short one.
type IDs interface {
	GUID() string    // lower case, for carts, legacy orders and subscriptions
	OrderID() string // 12 lower-case hexadecimal digits, for modern orders
}

// newOrder places the order of one group (CHECKOUT-RESULT). The result is an OrderError instead when an item has left
// the catalogue since the cart was made.
func newOrder(group orderGroup, purchase Purchase, catalog *Catalog) (OrderRecord, *model.OrderError) {
	items := make([]Item, len(group.lines))
	for i, line := range group.lines {
		item, ok := catalog.Find(line.CatalogItemID)
		if !ok {
			return OrderRecord{}, &model.OrderError{
				OrderGroupID: group.name,
				Code:         int32(CodeAvailabilityNotFound),
				Description:  fmt.Sprintf("Availability not found: %s. Read it again and put it into a new cart.", line.CatalogItemID),
				Attributes:   &model.ResourceAttributes{ObjectType: "OrderError"},
			}
		}
		items[i] = item
	}
	now := instant(purchase.Now)
	first := group.lines[0]
	record := OrderRecord{Order: model.Order{
		ReferenceCustomerID: purchase.CustomerID,
		BillingCycle:        first.BillingCycle,
		CurrencyCode:        first.CurrencyCode,
		CreationDate:        now,
		TransactionType:     model.OrderTransactionTypeUserPurchase,
		Attributes:          model.ResourceAttributes{ObjectType: "Order"},
	}}
	record.identify(items[0], purchase)
	for i, line := range group.lines {
		record.Order.LineItems = append(record.Order.LineItems, newOrderLineItem(i, line, items[i]))
		record.Provisioning = append(record.Provisioning, newProvisioning(items[i], now, purchase))
	}
	record.Order.TotalPrice = totalPrice(record.Order.LineItems)
	return record, nil
}

// identify gives the order its id, status and links (ORDER-ID): a legacy order has a GUID, an etag, and is completed at
// once; a modern one has 12 hexadecimal digits, a currency symbol, and is pending until it is provisioned, which a link
// of it tells.
func (r *OrderRecord) identify(item Item, purchase Purchase) {
	order := &r.Order
	if item.Product.Legacy() {
		order.ID = purchase.IDs.GUID()
		order.Status = model.OrderStatusCompleted
		order.Attributes.Etag = etag(order.ID, 1)
	} else {
		order.ID = purchase.IDs.OrderID()
		order.Status = model.OrderStatusPending
		order.CurrencySymbol = item.Availability.CurrencySymbol
		order.Links.ProvisioningStatus = linkTo("GET", "customers", purchase.CustomerID, "orders", order.ID, "provisioningstatus")
	}
	order.AlternateID = order.ID
	order.Links.Self = linkTo("GET", "customers", purchase.CustomerID, "orders", order.ID)
	order.Links.PatchOperation = linkTo("PATCH", "customers", purchase.CustomerID, "orders", order.ID)
}

// newOrderLineItem takes a cart line over into an order, with the partners on record where they belong
// (CART-PARTICIPANTS).
func newOrderLineItem(number int, line *model.CartLineItem, item Item) model.OrderLineItem {
	out := model.OrderLineItem{
		LineItemNumber:      int32(number),
		OfferID:             item.CatalogItemID(),
		TermDuration:        line.TermDuration,
		TransactionType:     "New",
		FriendlyName:        line.FriendlyName,
		Quantity:            line.Quantity,
		Pricing:             line.Pricing,
		ProvisioningContext: line.ProvisioningContext,
		PromotionID:         line.PromotionID,
		CustomTermEndDate:   line.CustomTermEndDate,
		RenewsTo:            line.RenewsTo,
		AttestationAccepted: line.AttestationAccepted,
		PurchaseCommitment:  line.PurchaseCommitment,
		Links:               itemLinks(item),
	}
	if len(out.ProvisioningContext) == 0 {
		out.ProvisioningContext = nil
	}
	if out.FriendlyName == "" {
		out.FriendlyName = item.SKU.Title
	}
	for _, p := range line.Participants {
		switch p.Key {
		case model.ParticipantKeyTransactionReseller:
			out.PartnerIDOnRecord = p.Value
		case model.ParticipantKeyAdditionalTransactionReseller:
			out.AdditionalPartnerIdsOnRecord = append(out.AdditionalPartnerIdsOnRecord, p.Value)
		}
	}
	return out
}

// etag is made as the real one is: base64 of the id and the version.
func etag(id string, version int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"id":%q,"version":%d}`, id, version))
}

// At gives the order as it is at now: its status, and the subscriptions that are provisioned. Prices are left out unless
// they are asked for (ORDER-PRICE).
func (r OrderRecord) At(now time.Time, withPrice bool) model.Order {
	order := r.Order
	order.LineItems = make([]model.OrderLineItem, len(r.Order.LineItems))
	for i, line := range r.Order.LineItems {
		if !withPrice {
			line.Pricing = nil
		}
		order.LineItems[i] = r.Provisioning[i].at(now, order.ReferenceCustomerID, line)
	}
	if !withPrice {
		order.TotalPrice = nil
	}
	order.Status = r.statusAt(now)
	return order
}
