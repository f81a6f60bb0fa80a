package commerce

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// UpdateOrder cancels an order or lines of it, buys an add-on for a legacy order, or changes a legacy order's billing cycle
// (ORDER-PATCH). ifMatch is the header of that name, empty for none; only legacy orders have an etag (ETAG). An update
// that has nothing to change gives the record as it is.
func (r Rules) UpdateOrder(record OrderRecord, update model.OrderUpdate, ifMatch string, by Author, ids IDs) (OrderRecord, error) {
	if record.legacy() && !etagMatches(ifMatch, etag(record.Order.ID, record.Version)) {
		return record, ErrEtag
	}
	old := record
	record.Provisioning = slices.Clone(old.Provisioning)
	record.Order.LineItems = slices.Clone(old.Order.LineItems)
	if update.Status != nil && *update.Status != old.statusAt(by.Now) {
		if *update.Status != model.OrderStatusCancelled {
			return old, invalidInput("/status", "an order's status can only be set to %s, not %s", model.OrderStatusCancelled, *update.Status)
		}
		return record.cancel(r, update.LineItems, by)
	}
	changed := false
	if cycle := update.BillingCycle; cycle != nil && *cycle != model.BillingCycleUnknown && *cycle != old.Order.BillingCycle {
		if err := record.changeBillingCycle(*cycle, r, by); err != nil {
			return old, err
		}
		changed = true
	}
	for i, line := range update.LineItems {
		if old.has(line) {
			continue // as the order was read
		}
		if err := record.addAddon(i, line, r, by, ids); err != nil {
			return old, err
		}
		changed = true
	}
	if changed {
		record.Version++
		record.Order.TotalPrice = totalPrice(record.Order.LineItems)
	}
	return record, nil
}

// has tells whether a line of an update is one that the order has, so that there is nothing to buy.
func (r OrderRecord) has(line model.OrderLineUpdate) bool {
	n := line.LineItemNumber
	return n != nil && int(*n) < len(r.Order.LineItems) && (line.OfferID == "" || strings.EqualFold(line.OfferID, r.Order.LineItems[*n].OfferID))
}

// cancel cancels all lines, or those that are named; what is cancelled already stays so. A line that is cancelled alone has the quantity 0 from then on, an
// order that is cancelled as a whole keeps its quantities, as the samples of the documents do.
func (r OrderRecord) cancel(rules Rules, named []model.OrderLineUpdate, by Author) (OrderRecord, error) {
	numbers, err := r.numbers(named)
	if err != nil {
		return r, err
	}
	for _, n := range numbers {
		if r.Provisioning[n].Cancelled {
			continue
		}
		if err := rules.checkCancel(r, r.Provisioning[n], by); err != nil {
			return r, err
		}
		r.Provisioning[n].Cancelled = true
		if len(named) > 0 {
			r.Order.LineItems[n].Quantity = 0
		}
	}
	if !slices.ContainsFunc(r.Provisioning, func(p Provisioning) bool { return !p.Cancelled }) {
		r.Order.Status = model.OrderStatusCancelled
	}
	return r, nil
}

// numbers gives the positions of the lines that are named, or of all that are not cancelled.
func (r OrderRecord) numbers(named []model.OrderLineUpdate) ([]int, error) {
	var out []int
	if len(named) == 0 {
		for i, p := range r.Provisioning {
			if !p.Cancelled {
				out = append(out, i)
			}
		}
	}
	for i, line := range named {
		place := fmt.Sprintf("/lineItems/%d", i)
		switch {
		case line.LineItemNumber == nil:
			return nil, invalidInput(place+"/lineItemNumber", "is missing: which line is to be cancelled?")
		case int(*line.LineItemNumber) >= len(r.Order.LineItems):
			return nil, invalidInput(place+"/lineItemNumber", "the order has no line %d", *line.LineItemNumber)
		case line.OfferID != "" && !strings.EqualFold(line.OfferID, r.Order.LineItems[*line.LineItemNumber].OfferID):
			return nil, invalidInput(place+"/offerId", "line %d of the order is %s", *line.LineItemNumber, r.Order.LineItems[*line.LineItemNumber].OfferID)
		}
		out = append(out, int(*line.LineItemNumber))
	}
	return out, nil
}

// checkCancel tells whether a line can be cancelled through its order, by its product and the environment.
func (r Rules) checkCancel(record OrderRecord, p Provisioning, by Author) error {
	switch kind := p.Sold.Kind; {
	case kind.Legacy():
		return &Error{Code: CodeOrderNotCancelled, Description: "The order can't be cancelled."}
	case kind == KindReservation && !r.Sandbox:
		return &Error{Code: CodeSandboxOnly, Description: "Outside the sandbox only software subscriptions and perpetual software can be cancelled."}
	case kind == KindSavingsPlan:
		return &Error{Code: CodeSavingsPlan, Description: "This operation is not supported for Azure savings plans. Manage them in the Azure portal."}
	case kind == KindSaaS:
		return &Error{Code: CodeCancelSaaS, Description: "Seat-based SaaS is cancelled through its subscription, not through the order."}
	case kind == KindLicense, kind == KindAzurePlan:
		return &Error{Code: CodeCancelSubscription, Description: fmt.Sprintf(
			"The order %s can't be cancelled. Use PATCH /customers/%s/subscriptions/{id}.", record.Order.ID, by.Customer.ID)}
	}
	return r.checkWindow(p, record.Order.CreationDate, by.Now)
}

// changeBillingCycle changes the billing cycle of a legacy order of licences, and with it the prices.
func (r *OrderRecord) changeBillingCycle(cycle model.BillingCycle, rules Rules, by Author) error {
	if !r.legacy() {
		return &Error{Code: CodeNotSupported, Description: "Not supported: only legacy orders can change their billing cycle."}
	}
	for i, p := range r.Provisioning {
		line := &r.Order.LineItems[i]
		var terms []Term
		item, ok := rules.Catalog.Find(line.OfferID)
		if ok {
			terms = item.offered(by.Now)
		}
		n := slices.IndexFunc(terms, func(t Term) bool { return t.BillingCycle == cycle && t.Duration == line.TermDuration })
		switch {
		case n < 0 || p.Sold.Kind != KindOffer:
			return &Error{
				Code:        CodeCycleNotOffered,
				Description: "The billing cycle couldn't be changed because " + line.OfferID + " doesn't support it.",
				Data:        []string{"/billingCycle: " + line.OfferID + " is not sold " + string(cycle)},
			}
		case p.Cancelled || p.Subscription.at(by.Now).status(false) != model.SubscriptionStatusActive:
			return &Error{
				Code:        CodeCycleInactive,
				Description: "The billing cycle couldn't be changed because the order contains a subscription that isn't active.",
				Data:        []string{"/billingCycle: subscription " + p.SubscriptionID + " is not active"},
			}
		}
		bought := sale{Item: item, term: terms[n], price: terms[n].price(line.Quantity, by.Now)}
		line.Pricing = bought.pricing(&model.CartLineItem{Quantity: line.Quantity}, by.Now)
		r.Provisioning[i].Subscription.BillingCycle = cycle
	}
	r.Order.BillingCycle = cycle
	return nil
}

// addAddon appends an add-on of a subscription of this legacy order.
func (r *OrderRecord) addAddon(i int, update model.OrderLineUpdate, rules Rules, by Author, ids IDs) error {
	place := fmt.Sprintf("/lineItems/%d", i)
	switch {
	case update.OfferID == "":
		return invalidInput(place+"/lineItemNumber", "is no line of the order, and there is no offerId to buy")
	case update.ParentSubscriptionID == "":
		return invalidInput(place+"/parentSubscriptionId", "is missing: this is no line of the order, and an add-on needs its base")
	case !r.legacy():
		return &Error{
			Code:        CodeNotSupported,
			Description: "Not supported: only legacy orders can have add-ons added.",
			Data:        []string{place + "/parentSubscriptionId: is not supported for this order"},
		}
	case by.Customer.NoAgreement:
		return ErrNoAgreement
	}
	quantity := int32(1)
	if update.Quantity != nil {
		quantity = *update.Quantity
	}
	number := int32(len(r.Order.LineItems))
	line := model.CartLineItem{
		ID: &number, CatalogItemID: update.OfferID, Quantity: quantity, BillingCycle: r.Order.BillingCycle, FriendlyName: update.FriendlyName,
		ProvisioningContext: map[string]string{"parentSubscriptionId": update.ParentSubscriptionID},
	}
	if update.PartnerIDOnRecord != "" {
		line.Participants = []model.Participant{{Key: model.ParticipantKeyTransactionReseller, Value: update.PartnerIDOnRecord}}
	}
	by.Customer.Owned = r.Owned(by.Now)
	s, refused := judge{rules, by, nil}.take(&line, nil)
	switch {
	case refused != nil:
		return refused.orderError(place)
	case len(s.SKU.Prerequisites) == 0:
		return &Error{
			Code:        CodeAddonParent,
			Description: "The add-on isn't related to the parent subscription.",
			Data:        []string{place + "/offerId: " + s.CatalogItemID() + " is no add-on"},
		}
	}
	out := newOrderLineItem(int(number), &line, s.Item)
	out.ProvisioningContext = nil
	p := rules.newProvisioning(out, line.BillingCycle, s.Item, instant(by.Now), ids)
	p.ParentSubscriptionID = update.ParentSubscriptionID
	r.Order.LineItems = append(r.Order.LineItems, out)
	r.Provisioning = append(r.Provisioning, p)
	return nil
}
