package commerce

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// OrderRecord is the stored document of an order: the order as it was placed, with prices, and what becomes of its lines.
// An order and its subscriptions are one document.
type OrderRecord struct {
	Order        model.Order    `json:"order"`
	Provisioning []Provisioning `json:"provisioning"` // one for each line, in the same order
	Version      int            `json:"version"`      // of a legacy order, from 1 (ETAG)
}

// newOrder places the order of one group, whose lines buy these items (CHECKOUT-RESULT).
func (r Rules) newOrder(group orderGroup, items []Item, by Author, ids IDs) OrderRecord {
	first := group.lines[0]
	record := OrderRecord{Version: 1, Order: model.Order{
		ReferenceCustomerID: by.Customer.ID,
		BillingCycle:        first.BillingCycle,
		CurrencyCode:        first.CurrencyCode,
		CreationDate:        instant(by.Now),
		TransactionType:     model.OrderTransactionTypeUserPurchase,
		Attributes:          model.ResourceAttributes{ObjectType: "Order"},
	}}
	record.identify(items, ids)
	for i, line := range group.lines {
		out := newOrderLineItem(i, line.CartLineItem, items[i])
		p := by.Faults.provisioning(r.newProvisioning(out, line.BillingCycle, items[i], instant(by.Now), ids), group.name)
		switch {
		case line.base >= 0:
			p.ParentSubscriptionID = record.Provisioning[line.base].SubscriptionID
		case items[i].Product.Kind.Legacy() && len(items[i].SKU.Prerequisites) > 0:
			p.ParentSubscriptionID = line.ProvisioningContext["parentSubscriptionId"]
		}
		record.Order.LineItems = append(record.Order.LineItems, out)
		record.Provisioning = append(record.Provisioning, p)
	}
	record.Order.TotalPrice = totalPrice(record.Order.LineItems)
	return record
}

// identify gives the order its id, status and links (ORDER-ID): a legacy order has a GUID, an etag, and is completed at
// once; a modern one has 12 hexadecimal digits, a currency symbol, and is pending until it is provisioned, which a link
// of it tells.
func (r *OrderRecord) identify(items []Item, ids IDs) {
	order, customerID := &r.Order, r.Order.ReferenceCustomerID
	if items[0].Product.Kind.Legacy() {
		order.ID = ids.GUID()
		order.Status = model.OrderStatusCompleted
	} else {
		order.ID = ids.OrderID()
		order.Status = statusOf(items)
		order.CurrencySymbol = items[0].Availability.CurrencySymbol
		order.Links.ProvisioningStatus = linkTo("GET", "customers", customerID, "orders", order.ID, "provisioningstatus")
	}
	order.AlternateID = order.ID
	order.Links.Self = linkTo("GET", "customers", customerID, "orders", order.ID)
	order.Links.PatchOperation = linkTo("PATCH", "customers", customerID, "orders", order.ID)
}

// statusOf is the status of a modern order in the beginning: pending, or as an item of it says (CHECKOUT-MAGIC).
func statusOf(items []Item) model.OrderStatus {
	for _, item := range items {
		switch item.SKU.Behavior {
		case PendingReview:
			return model.OrderStatusPendingReview
		case PendingPOUpload:
			return model.OrderStatusPendingPoUpload
		}
	}
	return model.OrderStatusPending
}

// legacy tells whether the order was placed in the legacy purchase system, which alone gives etags.
func (r OrderRecord) legacy() bool { return r.Order.Links.ProvisioningStatus == nil }

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
	if item.Product.Kind == KindSavingsPlan {
		out.Pricing = commitmentPricing(line)
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

// At gives the order as it is at now: its status, and the subscriptions that are provisioned. Prices are left out unless
// they are asked for (ORDER-PRICE).
func (r OrderRecord) At(now time.Time, withPrice bool) model.Order {
	order := r.Order
	order.LineItems = make([]model.OrderLineItem, len(r.Order.LineItems))
	for i, line := range r.Order.LineItems {
		if !withPrice {
			line.Pricing = nil
		}
		order.LineItems[i] = r.Provisioning[i].line(now, order, line)
	}
	if !withPrice {
		order.TotalPrice = nil
	}
	order.Status = r.statusAt(now)
	if r.legacy() {
		order.Attributes.Etag = etag(order.ID, r.Version)
	}
	return order
}

// etag is made as the real one is: base64 of the id and the version.
func etag(id string, version int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"id":%q,"version":%d}`, id, version))
}
