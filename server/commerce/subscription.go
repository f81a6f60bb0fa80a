package commerce

import (
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Subscription is what can change of a subscription. All else follows from its order line and from what was sold.
type Subscription struct {
	FriendlyName string             `json:"friendlyName"`
	Quantity     int32              `json:"quantity"`
	Suspended    bool               `json:"suspended,omitempty"`
	Expired      bool               `json:"expired,omitempty"`
	AutoRenew    bool               `json:"autoRenew"`
	Version      int                `json:"version"` // of a legacy subscription, from 1 (ETAG)
	Trial        bool               `json:"trial,omitempty"`
	Duration     string             `json:"duration"` // of the current term
	BillingCycle model.BillingCycle `json:"billingCycle"`
	RenewsTo     string             `json:"renewsTo"`         // the duration of the next term
	Start        time.Time          `json:"start"`            // of the current term
	End          time.Time          `json:"end,omitzero"`     // of the current term, not part of it; zero for what has none
	Anchor       time.Time          `json:"anchor"`           // the day from which the terms are counted, so that none drifts
	Months       int64              `json:"months"`           // from the anchor to the end
	Seats        []Seats            `json:"seats"`            // of the current term, as they were added
	ItemIDs      [3]string          `json:"itemIds,omitzero"` // product, SKU and availability
}

// Seats are licences that were added at once, for a window of time in which they can be taken back.
type Seats struct {
	Quantity int32     `json:"quantity"`
	Since    time.Time `json:"since"`
}

// never is how the documents print the end of what has none.
var never = time.Date(9999, 12, 10, 0, 0, 0, 0, time.UTC)

// newSubscription gives the subscription of an order line as it begins: with the order, a legacy one with its day, that of
// SaaS when it is provisioned.
func newSubscription(line model.OrderLineItem, cycle model.BillingCycle, item Item, ready, now time.Time) Subscription {
	traits := kinds[item.Product.Kind].subscription
	s := Subscription{
		FriendlyName: line.FriendlyName,
		Quantity:     line.Quantity,
		AutoRenew:    traits.autoRenew,
		Version:      1,
		Trial:        isTrue(item.SKU.Trial),
		Duration:     line.TermDuration,
		BillingCycle: cycle,
		RenewsTo:     line.TermDuration,
		Start:        now,
		ItemIDs:      [3]string{item.Product.ID, item.SKU.ID, item.Availability.ID},
	}
	switch {
	case item.Product.Kind.Legacy():
		s.Start = day(now)
	case item.Product.Kind == KindSaaS && !ready.IsZero():
		s.Start = ready
	}
	if line.RenewsTo != nil && line.RenewsTo.TermDuration != "" {
		s.RenewsTo = line.RenewsTo.TermDuration
	}
	s.Seats = []Seats{{s.Quantity, s.Start}}
	if traits.endless {
		return s
	}
	s.Anchor = day(s.Start)
	s.lengthen(s.Duration)
	if end := line.CustomTermEndDate; end != nil && !day(*end).Before(s.Anchor) && day(*end).Before(s.End) {
		s.End = day(*end).AddDate(0, 0, 1)
		s.Anchor, s.Months = s.End, 0
	}
	return s
}

// lengthen sets the end of a term that begins at the end of the one before. Legacy licences have no term and are for a
// year.
func (s *Subscription) lengthen(duration string) {
	length, _ := months(duration)
	if length == 0 {
		length = 12
	}
	s.Months += length
	s.End = addMonths(s.Anchor, int(s.Months))
}

// at gives the subscription as it is at now: each term that has ended is followed by the next, or by nothing.
func (s Subscription) at(now time.Time) Subscription {
	for !s.End.IsZero() && !s.Expired && !now.Before(s.End) {
		if !s.AutoRenew {
			s.Expired = true
			break
		}
		if s.Trial && s.BillingCycle == model.BillingCycleNone {
			s.BillingCycle = model.BillingCycleMonthly
		}
		s.Trial = false
		s.Duration = s.RenewsTo
		s.Start = s.End
		s.Seats = []Seats{{s.Quantity, s.Start}}
		s.lengthen(s.Duration)
	}
	return s
}

// Subscriptions gives the subscriptions of an order as they are at now, those that are provisioned (SUBSCRIPTION).
func (r OrderRecord) Subscriptions(now time.Time) []model.Subscription {
	var out []model.Subscription
	for i, p := range r.Provisioning {
		if p.subscribed(now) {
			out = append(out, r.subscription(i, now))
		}
	}
	return out
}

// Subscription gives one subscription as it is at now; 20003 until it is provisioned.
func (r OrderRecord) Subscription(id string, now time.Time) (model.Subscription, error) {
	i, err := r.find(id, now)
	if err != nil {
		return model.Subscription{}, err
	}
	return r.subscription(i, now), nil
}

// find gives the position of the line that has this subscription at now.
func (r OrderRecord) find(subscriptionID string, now time.Time) (int, error) {
	i := slices.IndexFunc(r.Provisioning, func(p Provisioning) bool {
		return strings.EqualFold(p.SubscriptionID, subscriptionID) && p.subscribed(now)
	})
	if i < 0 {
		return 0, ErrSubscriptionNotFound
	}
	return i, nil
}

// subscription gives the subscription of a line at now.
func (r OrderRecord) subscription(i int, now time.Time) model.Subscription {
	line, p := r.Order.LineItems[i], r.Provisioning[i]
	state, traits, customer := p.Subscription.at(now), kinds[p.Sold.Kind], r.Order.ReferenceCustomerID
	out := model.Subscription{
		ID:                   p.SubscriptionID,
		OfferID:              line.OfferID,
		OfferName:            p.Sold.Title,
		FriendlyName:         state.FriendlyName,
		Quantity:             state.Quantity,
		UnitType:             traits.subscription.unitType,
		ParentSubscriptionID: p.ParentSubscriptionID,
		CreationDate:         r.Order.CreationDate,
		EffectiveStartDate:   state.Start,
		CommitmentEndDate:    never,
		Status:               state.status(p.Cancelled),
		AutoRenewEnabled:     state.AutoRenew && !p.Cancelled,
		BillingType:          model.SubscriptionBillingType(traits.subscription.billingType),
		ContractType:         "subscription",
		Links:                r.subscriptionLinks(i),
		OrderID:              r.Order.ID,
		PromotionID:          line.PromotionID,
		Attributes:           model.ResourceAttributes{ObjectType: "Subscription"},
	}
	if p.ParentSubscriptionID != "" {
		out.Links.ParentSubscription = linkTo("GET", "customers", customer, "subscriptions", p.ParentSubscriptionID)
	}
	if !state.End.IsZero() {
		last := state.End.AddDate(0, 0, -1)
		end := state.End.Add(-time.Second)
		out.CommitmentEndDate, out.CommitmentEndDateTime = last, &end
	}
	if p.Sold.Kind.Legacy() {
		out.EntitlementID = p.EntitlementID
		out.Attributes.Etag = etag(p.SubscriptionID, state.Version)
		return out
	}
	r.describe(&out, line, p, state, now)
	return out
}

// describe adds what only modern subscriptions print.
func (r OrderRecord) describe(out *model.Subscription, line model.OrderLineItem, p Provisioning, state Subscription, now time.Time) {
	no, microsoft, renewal := false, p.Sold.Kind != KindSaaS, ""
	if state.RenewsTo != state.Duration {
		renewal = state.RenewsTo
	}
	out.ProductType = p.Sold.Kind.itemType()
	out.HasPurchasableAddons, out.AttentionNeeded, out.ActionTaken = &no, &no, &no
	out.IsTrial, out.IsMicrosoftProduct = &state.Trial, &microsoft
	out.BillingCycle, out.TermDuration = &state.BillingCycle, state.Duration
	out.RenewalTermDuration, out.PartnerID = &renewal, &line.PartnerIDOnRecord
	out.PublisherName = p.Sold.Publisher
	window := p.window(false)
	switch p.Sold.Kind {
	case KindSoftwareSubscription:
		until := day(r.Order.CreationDate.Add(window)).Add(24*time.Hour - time.Minute)
		out.CancellationAllowedUntilDate = &until
	case KindLicense, KindSaaS:
		until := state.Start.Add(window)
		out.RefundOptions = []model.RefundOption{{Type: "Full", ExpiresAt: until}}
		if p.Sold.Kind == KindLicense {
			out.RefundableQuantity = state.refundable(window, now)
		}
	case KindSavingsPlan:
		out.BillingCycleEndDate, out.BillingCycleEndDateTime = &out.CommitmentEndDate, out.CommitmentEndDateTime
		out.LineItems = []model.SubscriptionLineItem{benefit(line, p, state)}
		out.ProductOrderID = out.LineItems[0].ID
	}
	if state.Trial && state.AutoRenew {
		out.ScheduledNextTermInstructions = &model.ScheduledNextTermInstructions{
			Product: model.NextTermProduct{
				ProductID: state.ItemIDs[0], SKUID: state.ItemIDs[1], AvailabilityID: state.ItemIDs[2],
				BillingCycle: model.BillingCycleMonthly, TermDuration: state.RenewsTo,
			},
			Quantity: state.Quantity,
		}
	}
}

// refundable lists the licences that can be taken back at now, by the window since they were added.
func (s Subscription) refundable(window time.Duration, now time.Time) *model.RefundableQuantity {
	out := &model.RefundableQuantity{Details: []model.RefundableQuantityDetail{}}
	for _, seats := range s.Seats {
		if until := seats.Since.Add(window); now.Before(until) {
			out.TotalQuantity += seats.Quantity
			out.Details = append(out.Details, model.RefundableQuantityDetail{Quantity: seats.Quantity, AllowedUntilDateTime: until})
		}
	}
	return out
}

// benefit is the one benefit of a savings plan. Subscriptions print the grain of its commitment with a capital.
func benefit(line model.OrderLineItem, p Provisioning, state Subscription) model.SubscriptionLineItem {
	scope := strings.ToLower(line.ProvisioningContext["scope"])
	commitment := *line.PurchaseCommitment
	commitment.Grain = "Hourly"
	out := model.SubscriptionLineItem{
		ID:                 p.EntitlementID,
		FriendlyName:       state.FriendlyName,
		Scope:              model.BenefitScope{Type: scope, SubscriptionID: line.ProvisioningContext["subscriptionId"]},
		AutoRenewEnabled:   state.AutoRenew,
		Status:             state.status(p.Cancelled),
		PurchaseCommitment: &commitment,
	}
	if scope == "single" {
		out.Scope = model.BenefitScope{Type: scope, EntitlementID: line.ProvisioningContext["entitlementId"]}
	}
	return out
}

func (s Subscription) status(cancelled bool) model.SubscriptionStatus {
	switch {
	case cancelled:
		return model.SubscriptionStatusDeleted
	case s.Expired:
		return model.SubscriptionStatusExpired
	case s.Suspended:
		return model.SubscriptionStatusSuspended
	}
	return model.SubscriptionStatusActive
}

// subscriptionLinks gives the links of a line's subscription: into the catalogue as its order line has them, or to the
// legacy offer.
func (r OrderRecord) subscriptionLinks(i int) model.SubscriptionLinks {
	line, p := r.Order.LineItems[i], r.Provisioning[i]
	out := model.SubscriptionLinks{Self: link("GET", "customers", r.Order.ReferenceCustomerID, "subscriptions", p.SubscriptionID)}
	if p.Sold.Kind.Legacy() {
		offer := inCountry(p.Sold.Country, "offers", line.OfferID)
		out.Offer = &offer
		return out
	}
	out.Product, out.SKU, out.Availability = line.Links.Product, line.Links.SKU, line.Links.Availability
	if p.Sold.Kind == KindSaaS && !p.Cancelled {
		out.ActivationLinks = activationLinksOf(r.Order, line.LineItemNumber)
	}
	return out
}

// SubscriptionProvisioning tells whether a subscription's licences are there. They are, once it exists, until it is cancelled.
func (r OrderRecord) SubscriptionProvisioning(id string, now time.Time) (model.SubscriptionProvisioningStatus, error) {
	i, err := r.find(id, now)
	if err != nil {
		return model.SubscriptionProvisioningStatus{}, err
	}
	s := r.subscription(i, now)
	if r.Provisioning[i].Cancelled {
		s.Quantity = 0
	}
	return model.SubscriptionProvisioningStatus{
		SKUID:      r.Provisioning[i].Sold.ProductID,
		Status:     "success",
		Quantity:   s.Quantity,
		EndDate:    s.CommitmentEndDate,
		Attributes: model.ResourceAttributes{ObjectType: "SubscriptionProvisioningStatus"},
	}, nil
}

// Activate activates a SaaS subscription; doing it again changes nothing (ACTIVATION). It fails with 20003, with 2011
// when it is cancelled, and with 800042 for other products, which need no activation.
func (r OrderRecord) Activate(id string, now time.Time) (model.SubscriptionActivation, error) {
	i, err := r.find(id, now)
	if err != nil {
		return model.SubscriptionActivation{}, err
	}
	if r.Provisioning[i].Cancelled {
		return model.SubscriptionActivation{}, ErrSubscriptionDeleted
	}
	if r.Provisioning[i].Sold.Kind != KindSaaS {
		return model.SubscriptionActivation{}, &Error{Code: CodeNotSupported, Description: "Not supported: only SaaS subscriptions are activated."}
	}
	return model.SubscriptionActivation{SubscriptionID: r.Provisioning[i].SubscriptionID, Status: "Success"}, nil
}

// Owned is an active subscription of a customer, as far as the judgement of a cart asks for it.
type Owned struct {
	SubscriptionID string
	base           string // as prerequisites name it
	kind           Kind
	trial          bool
	termDuration   string
	lastDay        time.Time
}

// Owned gives the active subscriptions of an order at now.
func (r OrderRecord) Owned(now time.Time) []Owned {
	var out []Owned
	for i, p := range r.Provisioning {
		if !p.subscribed(now) || p.Cancelled {
			continue
		}
		state := p.Subscription.at(now)
		if state.status(false) != model.SubscriptionStatusActive {
			continue
		}
		o := Owned{SubscriptionID: p.SubscriptionID, kind: p.Sold.Kind, trial: state.Trial, termDuration: state.Duration}
		if o.base = state.ItemIDs[0] + ":" + state.ItemIDs[1]; p.Sold.Kind.Legacy() {
			o.base = r.Order.LineItems[i].OfferID
		}
		if !state.End.IsZero() {
			o.lastDay = state.End.AddDate(0, 0, -1)
		}
		out = append(out, o)
	}
	return out
}
