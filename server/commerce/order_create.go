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
	if err := r.checkAttestation(lines, request.PartnerOnRecordAttestationAccepted); err != nil {
		return OrderRecord{}, err
	}
	judge{r, by, lines}.assess(lines, nil)
	items := make([]Item, len(lines))
	group := orderGroup{}
	for i := range lines {
		place := fmt.Sprintf("/lineItems/%d", i)
		if lines[i].Error != nil {
			return OrderRecord{}, orderError(place, lines[i].Error)
		}
		items[i], _ = r.Catalog.Find(lines[i].CatalogItemID)
		if items[i].Product.Kind.Legacy() != items[0].Product.Kind.Legacy() {
			return OrderRecord{}, &Error{
				Code:        CodeOrderNotProcessed,
				Description: "Unable to process this order: legacy offers and other items need an order each.",
				Data:        []string{place + "/offerId: " + lines[i].CatalogItemID + " is not of the same purchase system as the first line"},
			}
		}
		if items[i].SKU.Behavior == FailsAlways {
			return OrderRecord{}, items[i].SKU.Behavior.fails(lines[i].CatalogItemID, 0)
		}
		group.add(&lines[i], -1)
	}
	return r.newOrder(group, items, by, ids), nil
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
// that the catalogue sells.
func (r Rules) orderLines(request model.NewOrder, by Author) ([]model.CartLineItem, error) {
	lines := CartLines(request)
	cycle := model.BillingCycleUnknown
	if request.BillingCycle != nil {
		cycle = *request.BillingCycle
	}
	for i := range lines {
		if n := request.LineItems[i].LineItemNumber; n != nil && int(*n) != i {
			return nil, &Error{
				Code:        CodeLineItemNumber,
				Description: "Line item numbers must run from 0.",
				Data:        []string{fmt.Sprintf("/lineItems/%d/lineItemNumber: must be %d, not %d", i, i, *n)},
			}
		}
		item, ok := r.Catalog.Find(lines[i].CatalogItemID)
		if !ok {
			continue // the judgement says so
		}
		for _, t := range item.offered(by.Now) {
			if cycle == model.BillingCycleUnknown {
				cycle = t.BillingCycle
			}
			if lines[i].TermDuration == "" && t.BillingCycle == cycle {
				lines[i].TermDuration = t.Duration
				break
			}
		}
		lines[i].BillingCycle = cycle
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

// orderError refuses an order for the error of one of its lines.
func orderError(place string, err *model.CartError) *Error {
	return &Error{
		Code:        orderCodes[Code(err.ErrorCode)],
		Description: err.ErrorDescription,
		Data:        []string{place + ": " + err.ErrorDescription},
	}
}
