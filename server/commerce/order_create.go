package commerce

import (
	"fmt"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// CreateOrder buys without a cart: one order of the lines of a request (ORDER-CREATE). A line that can't be bought fails the
// whole, with the code of orders for its reason.
func (r Rules) CreateOrder(request model.NewOrder, by Author, ids IDs) (OrderRecord, error) {
	if by.Customer.NoAgreement {
		return OrderRecord{}, ErrNoAgreement
	}
	lines, err := r.orderLines(request, by)
	if err != nil {
		return OrderRecord{}, err
	}
	if err := r.checkPartner(lines, orderProperties["participants"], request.PartnerOnRecordAttestationAccepted); err != nil {
		return OrderRecord{}, err
	}
	items := make([]Item, len(lines))
	group := orderGroup{}
	for i := range lines {
		s, refused := judge{r, by, lines}.take(&lines[i], nil)
		place := fmt.Sprintf("/lineItems/%d", i)
		switch {
		case refused != nil:
			return OrderRecord{}, refused.orderError(place)
		case s.SKU.Behavior == FailsAlways:
			return OrderRecord{}, s.SKU.Behavior.fails(lines[i].CatalogItemID, 0)
		}
		items[i] = s.Item
		if err := sameOrder(items[0], s.Item, place+"/offerId"); err != nil {
			return OrderRecord{}, err
		}
		group.add(&lines[i], -1)
	}
	return r.newOrder(group, items, by, ids), nil
}

// sameOrder refuses an item that can't be in one order with the first one: an order has one purchase system and one
// currency.
func sameOrder(first, item Item, place string) error {
	switch {
	case item.Product.Kind.Legacy() != first.Product.Kind.Legacy():
		return &Error{
			Code:        CodeOrderNotProcessed,
			Description: "Unable to process this order: legacy offers and other items need an order each.",
			Data:        []string{place + ": " + item.CatalogItemID() + " is not of the same purchase system as the first line"},
		}
	case item.Availability.Currency != first.Availability.Currency:
		return &Error{
			Code:        CodeOrderCurrency,
			Description: "An order has one currency.",
			Data:        []string{place + ": " + item.CatalogItemID() + " is sold in " + item.Availability.Currency + ", the first line in " + first.Availability.Currency},
		}
	}
	return nil
}

// CartLines gives the lines of a request for an order as a cart has them.
func CartLines(request model.NewOrder) []model.CartLineItem {
	lines := make([]model.CartLineItem, len(request.LineItems))
	for i, in := range request.LineItems {
		id := int32(i)
		out := model.CartLineItem{
			ID: &id, CatalogItemID: in.OfferID, Quantity: in.Quantity, FriendlyName: in.FriendlyName, TermDuration: in.TermDuration,
			CurrencyCode: request.CurrencyCode, ProvisioningContext: in.ProvisioningContext, PromotionID: in.PromotionID,
			CustomTermEndDate: in.CustomTermEndDate, RenewsTo: in.RenewsTo, AttestationAccepted: in.AttestationAccepted,
			PurchaseCommitment: in.PurchaseCommitment,
		}
		if in.PartnerIDOnRecord != "" {
			out.Participants = append(out.Participants, model.Participant{Key: model.ParticipantKeyTransactionReseller, Value: in.PartnerIDOnRecord})
		}
		for _, id := range in.AdditionalPartnerIdsOnRecord {
			out.Participants = append(out.Participants, model.Participant{Key: model.ParticipantKeyAdditionalTransactionReseller, Value: id})
		}
		if in.ParentSubscriptionID != "" {
			out.ProvisioningContext = map[string]string{"parentSubscriptionId": in.ParentSubscriptionID}
		}
		lines[i] = out
	}
	return lines
}

// orderLines gives the lines of a request, with the billing cycle and the terms filled in that it leaves open: the first
// that the catalogue sells and that fit what the request says.
func (r Rules) orderLines(request model.NewOrder, by Author) ([]model.CartLineItem, error) {
	lines := CartLines(request)
	cycle := model.BillingCycleUnknown
	if request.BillingCycle != nil {
		cycle = *request.BillingCycle
	}
	for i := range lines {
		line := &lines[i]
		if n := request.LineItems[i].LineItemNumber; n != nil && int(*n) != i {
			return nil, &Error{
				Code:        CodeLineItemNumber,
				Description: "Line item numbers must run from 0.",
				Data:        []string{fmt.Sprintf("/lineItems/%d/lineItemNumber: must be %d, not %d", i, i, *n)},
			}
		}
		if item, ok := r.Catalog.Find(line.CatalogItemID); ok { // else the judgement says so
			for _, t := range item.offered(by.Now) {
				if (cycle == model.BillingCycleUnknown || t.BillingCycle == cycle) && (line.TermDuration == "" || t.Duration == line.TermDuration) {
					cycle, line.TermDuration = t.BillingCycle, t.Duration
					break
				}
			}
		}
		line.BillingCycle = cycle
	}
	return lines, nil
}

// orderCodes gives the code with which an order is refused, by the code that the line of a cart would carry.
var orderCodes = map[Code]Code{
	CodeLineCurrency:       CodeOrderCurrency,
	CodeLineCatalogItem:    CodeOrderOffer,
	CodeLineParticipants:   CodeInvalidInput,
	CodeLineSubscription:   CodeOrderAzureSubscription,
	CodeLineSandbox:        CodeSandboxLimit,
	CodeLineInvalidInput:   CodeOrderQuantity,
	CodeLineAttestation:    CodeOrderAttestation,
	CodeLineBillingCycle:   CodeOrderBillingCycle,
	CodeLinePromotion:      CodeOrderPromotion,
	CodeLineSeats:          CodeOrderSeats,
	CodeLineTermEndProduct: CodeOrderTermEnd,
	CodeLineTermEnd:        CodeOrderTermEnd,
	CodeLineBase:           CodeAddonParent,
	CodeLineTermDuration:   CodeOrderTermDuration,
	CodeNotInSandbox:       CodeNotInSandbox,
}

// orderProperties are the names that orders have for properties of cart lines; "" for what stands above the lines.
var orderProperties = map[string]string{
	"catalogItemId": "offerId",
	"participants":  "partnerIdOnRecord",
	"billingCycle":  "",
	"currencyCode":  "",
}

// orderError refuses an order for the fault of one of its lines. What is no fault of a quantity and has no code of its own is
// 800002.
func (f *fault) orderError(place string) *Error {
	code := orderCodes[f.code]
	if f.code == CodeLineInvalidInput && f.property != "quantity" {
		code = CodeInvalidInput
	}
	property, other := orderProperties[f.property]
	switch {
	case !other:
		place += "/" + f.property
	case property == "":
		place = "/" + f.property
	default:
		place += "/" + property
	}
	return &Error{Code: code, Description: f.text, Data: []string{place + ": " + f.text}}
}
