package commerce

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// sandboxSeats is how many licences a subscription of the sandbox may have.
const sandboxSeats = 25

// judge judges the lines of one cart.
type judge struct {
	Rules
	by   Author
	cart []model.CartLineItem // all lines
}

// sale is what a line buys: an item in one of its terms.
type sale struct {
	Item
	term      Term
	price     *Price // nil where the catalogue has none
	promotion *Promotion
}

// assess judges each line by the catalogue, and each add-on by its base too: one that can't be bought gets an error, the
// others their currency, promotion and price.
func (j judge) assess(lines []model.CartLineItem, base *model.CartLineItem) {
	for i := range lines {
		_, err := j.take(&lines[i], base)
		lines[i].Error = err.cartError()
		j.assess(lines[i].AddonItems, &lines[i])
	}
}

// take gives a line that can be bought its currency, promotion and price, and tells what it buys.
func (j judge) take(line, base *model.CartLineItem) (sale, *fault) {
	s, err := j.sell(line, base)
	if err != nil {
		return s, err
	}
	line.CurrencyCode = s.Availability.Currency
	if s.promotion != nil {
		line.PromotionID = s.promotion.ID
	}
	line.Pricing = s.pricing(line, j.by.Now)
	if s.Product.Kind == KindLicense && line.ProvisioningContext == nil {
		line.ProvisioningContext = map[string]string{}
	}
	return s, nil
}

// sell finds what a line buys, or the first reason why it can't (CART-LINE-ERROR).
func (j judge) sell(line, base *model.CartLineItem) (sale, *fault) {
	s, err := j.find(line)
	if err != nil {
		return s, err
	}
	for _, check := range []func(judge, *model.CartLineItem, *sale) *fault{
		judge.checkQuantity, judge.checkProvisioning, judge.checkCommitment, judge.checkAcceptance,
		judge.checkParticipants, judge.checkPromotion, judge.checkTermEnd, judge.checkRenewal,
	} {
		if err := check(j, line, &s); err != nil {
			return s, err
		}
	}
	return s, j.checkBase(line, base, s.Item)
}

// find finds the item of a line, and the term in which it is sold.
func (j judge) find(line *model.CartLineItem) (sale, *fault) {
	item, ok := j.Catalog.Find(line.CatalogItemID)
	if !ok {
		return sale{}, refuse(CodeLineCatalogItem, "catalogItemId",
			"Catalog item %q of line item %d is not in the catalogue.", line.CatalogItemID, *line.ID)
	}
	s := sale{Item: item}
	if home := j.by.Customer.Country; home != "" && !strings.EqualFold(home, item.Availability.Country) {
		return s, refuse(CodeLineCatalogItem, "catalogItemId", "Catalog item %q of line item %d is sold in %s, the customer is in %s.",
			line.CatalogItemID, *line.ID, item.Availability.Country, home)
	}
	if line.CurrencyCode != "" && !strings.EqualFold(line.CurrencyCode, item.Availability.Currency) {
		return s, refuse(CodeLineCurrency, "currencyCode", "Line item %d asks for currency %s; this market's is %s.",
			*line.ID, line.CurrencyCode, item.Availability.Currency)
	}
	terms := item.offered(j.by.Now)
	if !slices.ContainsFunc(terms, func(t Term) bool { return t.Duration == line.TermDuration }) {
		return s, refuse(CodeLineTermDuration, "termDuration", "Availability %s referenced by line item %d does not support term '%s'. It supports %s.",
			line.CatalogItemID, *line.ID, line.TermDuration, ways(terms))
	}
	i := slices.IndexFunc(terms, func(t Term) bool { return t.Duration == line.TermDuration && t.BillingCycle == line.BillingCycle })
	if i < 0 {
		return s, refuse(CodeLineBillingCycle, "billingCycle", "Availability %s referenced by line item %d does not support billing cycle '%s' for term '%s'. It supports %s.",
			line.CatalogItemID, *line.ID, line.BillingCycle, line.TermDuration, ways(terms))
	}
	s.term = terms[i]
	return s, nil
}

// ways lists terms, for an error's text.
func ways(terms []Term) string {
	texts := make([]string, 0, len(terms))
	for _, t := range terms {
		duration := t.Duration
		if duration == "" {
			duration = "no term"
		}
		texts = append(texts, fmt.Sprintf("%s (%s)", duration, t.BillingCycle))
	}
	if len(texts) == 0 {
		return "nothing now"
	}
	return strings.Join(texts, ", ")
}

// checkQuantity holds a quantity to the SKU's limits, to the tiers of its price and to the sandbox's limit.
func (j judge) checkQuantity(line *model.CartLineItem, s *sale) *fault {
	low, high := s.SKU.MinimumQuantity, s.SKU.MaximumQuantity
	seats := kinds[s.Product.Kind].seats
	switch {
	case line.Quantity > high && seats:
		err := refuse(CodeLineSeats, "quantity", "The requested number of %d seats of line item %d exceeds the limit of %d seats allowed per subscription for the catalog item %s.",
			line.Quantity, *line.ID, high, line.CatalogItemID)
		none := int32(0)
		err.seats = &model.CartErrorInformation{AvailableQuantity: &high, PurchasedQuantity: &none}
		return err
	case line.Quantity < low || line.Quantity > high:
		return refuse(CodeLineInvalidInput, "quantity", "Quantity %d of line item %d is not between %d and %d.", line.Quantity, *line.ID, low, high)
	case j.Sandbox && seats && line.Quantity > sandboxSeats:
		return refuse(CodeLineSandbox, "quantity", "Quantity %d of line item %d is over the sandbox limit of %d licences a subscription.",
			line.Quantity, *line.ID, sandboxSeats)
	case j.Sandbox && s.Product.Kind == KindSavingsPlan:
		return refuse(CodeNotInSandbox, "catalogItemId", "%s of line item %d is not available to purchase in the sandbox.", s.SKU.Title, *line.ID)
	}
	if len(s.term.Prices) == 0 {
		return nil
	}
	if s.price = s.term.price(line.Quantity, j.by.Now); s.price == nil {
		return refuse(CodeLineInvalidInput, "quantity", "Quantity %d of line item %d is in no tier of the price list.", line.Quantity, *line.ID)
	}
	return nil
}

// checkProvisioning asks for what the SKU needs to be provisioned: the Azure subscription of a reservation, the Azure plan
// or subscription of a savings plan.
func (j judge) checkProvisioning(line *model.CartLineItem, s *sale) *fault {
	variables := s.SKU.ProvisioningVariables
	given := line.ProvisioningContext
	subscription := "subscriptionId"
	if s.Product.Kind == KindSavingsPlan {
		variables = []string{"Scope", "SubscriptionId"}
		if strings.EqualFold(given["scope"], "single") {
			subscription = "entitlementId"
		}
	}
	for _, variable := range variables {
		switch variable {
		case "SubscriptionId":
			if uuid.Validate(given[subscription]) != nil {
				return refuse(CodeLineSubscription, "provisioningContext/"+subscription,
					"Line item %d needs an Azure subscription: provisioningContext.%s must be a GUID, not %q.",
					*line.ID, subscription, given[subscription])
			}
		case "Scope":
			if scope := strings.ToLower(given["scope"]); scope != "shared" && scope != "single" {
				return refuse(CodeLineInvalidInput, "provisioningContext/scope",
					"Line item %d needs provisioningContext.scope, shared or single, not %q.", *line.ID, given["scope"])
			}
		default:
			if name := strings.ToLower(variable[:1]) + variable[1:]; given[name] == "" {
				return refuse(CodeLineInvalidInput, "provisioningContext/"+name, "Line item %d needs provisioningContext.%s.", *line.ID, name)
			}
		}
	}
	return nil
}

// checkCommitment asks a savings plan for what it commits to spend.
func (judge) checkCommitment(line *model.CartLineItem, s *sale) *fault {
	if s.Product.Kind != KindSavingsPlan {
		return nil
	}
	least, currency := s.SKU.MinimumCommitment, s.Availability.Currency
	given := line.PurchaseCommitment
	if given == nil || !strings.EqualFold(given.Currency, currency) || !strings.EqualFold(given.Grain, "hourly") ||
		decimal.NewFromFloat(given.Amount).LessThan(least) {
		return refuse(CodeLineInvalidInput, "purchaseCommitment", "Line item %d needs a purchaseCommitment of at least %s %s hourly.", *line.ID, least, strings.ToLower(currency))
	}
	return nil
}

// checkAcceptance asks for the acceptance that a SKU enforces (CART-ATTESTATION).
func (judge) checkAcceptance(line *model.CartLineItem, s *sale) *fault {
	if isTrue(s.SKU.EnforceAttestation) && !isTrue(line.AttestationAccepted) {
		return refuse(CodeLineAttestation, "attestationAccepted", "Catalog item %s of line item %d requires attestation acceptance.", line.CatalogItemID, *line.ID)
	}
	return nil
}

// euAndEFTA are the countries in which a sale may have more than one reseller.
const euAndEFTA = "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

// checkParticipants refuses more partners on record than an order line can name, and those that the partner or the market
// can't have (CART-PARTICIPANTS).
func (j judge) checkParticipants(line *model.CartLineItem, s *sale) *fault {
	if j.DirectBill && len(line.Participants) > 0 {
		return refuse(CodeLineParticipants, "participants", "Line item %d has participants; a direct-bill partner sells without resellers.", *line.ID)
	}
	additional := model.ParticipantKeyAdditionalTransactionReseller
	if country := s.Availability.Country; j.Strict && hasParticipant(line, additional) && !strings.Contains(euAndEFTA, strings.ToUpper(country)) {
		return refuse(CodeLineParticipants, "participants", "Line item %d has an %s, which only sales in the EU and EFTA may have, not in %s.", *line.ID, additional, country)
	}
	for _, limit := range []struct {
		key model.ParticipantKey
		max int
	}{{model.ParticipantKeyTransactionReseller, 1}, {additional, 5}} {
		n := 0
		for _, p := range line.Participants {
			if p.Key == limit.key {
				n++
			}
		}
		if n > limit.max {
			return refuse(CodeLineInvalidInput, "participants", "Line item %d has %d participants with the key %s; at most %d may have it.", *line.ID, n, limit.key, limit.max)
		}
	}
	return nil
}

func hasParticipant(line *model.CartLineItem, key model.ParticipantKey) bool {
	return slices.ContainsFunc(line.Participants, func(p model.Participant) bool { return p.Key == key })
}

// checkPromotion finds the promotion that a line asks for, or one that applies by itself. One that came with an earlier answer
// since it applied by itself, and does not any more, is no fault of the line's.
func (j judge) checkPromotion(line *model.CartLineItem, s *sale) *fault {
	asked := line.PromotionID
	promotions := j.Catalog.promotionsOf(s.Item)
	for i := range promotions {
		p := &promotions[i]
		if p.Automatic && strings.EqualFold(asked, p.ID) && !p.applies(s.term, line.Quantity, j.by.Now) {
			asked, line.PromotionID = "", ""
		}
	}
	for i := range promotions {
		p := &promotions[i]
		if (asked == "" && p.Automatic || strings.EqualFold(asked, p.ID)) && p.applies(s.term, line.Quantity, j.by.Now) {
			s.promotion = p
			return nil
		}
	}
	if asked != "" {
		return refuse(CodeLinePromotion, "promotionId", "Promotion %q does not apply to line item %d.", asked, *line.ID)
	}
	return nil
}

// checkRenewal holds renewsTo to trials and to the terms that can follow one.
func (judge) checkRenewal(line *model.CartLineItem, s *sale) *fault {
	switch {
	case line.RenewsTo == nil || line.RenewsTo.TermDuration == "":
		return nil
	case !isTrue(s.SKU.Trial):
		return refuse(CodeLineInvalidInput, "renewsTo", "Line item %d has renewsTo and is no trial.", *line.ID)
	case line.RenewsTo.TermDuration != "P1M" && line.RenewsTo.TermDuration != "P1Y":
		return refuse(CodeLineInvalidInput, "renewsTo", "Line item %d renews to %q; a trial renews to P1M or P1Y.", *line.ID, line.RenewsTo.TermDuration)
	}
	return nil
}

// checkBase asks an add-on for its base. Below a line only legacy offers can stand, of its billing cycle, since they become
// part of its order; of new commerce an add-on is a line of its own, and its base is in the same cart or owned.
func (j judge) checkBase(line, base *model.CartLineItem, item Item) *fault {
	needed := item.SKU.Prerequisites
	switch {
	case base != nil && !item.Product.Kind.Legacy():
		return refuse(CodeLineInvalidInput, "catalogItemId", "Line item %d is an add-on of line item %d; only legacy offers are bought so. Make it a line of its own.",
			*line.ID, *base.ID)
	case base != nil && line.BillingCycle != base.BillingCycle:
		return refuse(CodeLineBillingCycle, "billingCycle", "Line item %d is an add-on of line item %d and must have its billing cycle '%s'.",
			*line.ID, *base.ID, base.BillingCycle)
	case base != nil && containsFold(needed, base.CatalogItemID),
		base == nil && len(needed) == 0,
		base == nil && j.hasBase(line, item):
		return nil
	}
	return refuse(CodeLineBase, "catalogItemId", "Line item %d is an add-on and needs its base, one of %s.", *line.ID, strings.Join(needed, ", "))
}

// hasBase tells whether the customer owns, or buys in the same cart, what an add-on needs. A legacy add-on names the
// subscription that it is for.
func (j judge) hasBase(line *model.CartLineItem, item Item) bool {
	needed := item.SKU.Prerequisites
	parent := line.ProvisioningContext["parentSubscriptionId"]
	owns := slices.ContainsFunc(j.by.Customer.Owned, func(o Owned) bool {
		return containsFold(needed, o.base) && (!item.Product.Kind.Legacy() || strings.EqualFold(o.SubscriptionID, parent))
	})
	return owns || !item.Product.Kind.Legacy() && slices.ContainsFunc(j.cart, func(other model.CartLineItem) bool {
		bought, ok := j.Catalog.Find(other.CatalogItemID)
		return ok && containsFold(needed, bought.base())
	})
}

// base is how a prerequisite names the item.
func (i Item) base() string {
	if i.Product.Kind.Legacy() {
		return i.SKU.ID
	}
	return i.Product.ID + ":" + i.SKU.ID
}

// NeedsOwned tells whether the lines can be judged only by what the customer owns already: add-ons can, and under strict
// rules lines that end with another subscription.
func (r Rules) NeedsOwned(lines []model.CartLineItem) bool {
	for _, line := range eachLine(lines) {
		item, ok := r.Catalog.Find(line.CatalogItemID)
		if ok && len(item.SKU.Prerequisites) > 0 || r.Strict && line.CustomTermEndDate != nil {
			return true
		}
	}
	return false
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// fault is why a line can't be bought, and which property of the line is to blame.
type fault struct {
	code     Code
	property string // below the line, as a JSON pointer without its first slash
	text     string
	seats    *model.CartErrorInformation // with 10015
}

func refuse(code Code, property, format string, args ...any) *fault {
	return &fault{code: code, property: property, text: fmt.Sprintf(format, args...)}
}

// cartError is the fault as a cart line carries it; nil for none.
func (f *fault) cartError() *model.CartError {
	if f == nil {
		return nil
	}
	return &model.CartError{
		ErrorCode:             int32(f.code),
		ErrorDescription:      f.text,
		AdditionalInformation: f.seats,
		Attributes:            model.ResourceAttributes{ObjectType: "CartError"},
	}
}
