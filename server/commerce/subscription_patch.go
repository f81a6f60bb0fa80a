package commerce

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// sandboxWindow is how long orders of the sandbox can be cancelled.
const sandboxWindow = 60 * 24 * time.Hour

// window is how long after its beginning a purchase can be taken back; 0 for always.
func (p Provisioning) window(sandbox bool) time.Duration {
	t := kinds[p.Sold.Kind].subscription
	switch {
	case t == nil && sandbox, p.Sold.Kind == KindSoftwareSubscription && sandbox:
		return sandboxWindow
	case t == nil:
		return softwareWindow
	}
	return time.Duration(t.cancelDays)*24*time.Hour + time.Duration(t.cancelHours)*time.Hour
}

// softwareWindow is how long software can be returned.
const softwareWindow = 30 * 24 * time.Hour

// UpdateSubscription changes the subscription that has this id (SUBSCRIPTION-PATCH). ifMatch is the header of that name,
// empty for none; only legacy subscriptions have an etag (ETAG). An update that changes nothing gives the record as it is.
func (r Rules) UpdateSubscription(record OrderRecord, id string, update model.SubscriptionUpdate, ifMatch string, now time.Time) (OrderRecord, error) {
	i, err := record.find(id, now)
	if err != nil {
		return record, err
	}
	p := record.Provisioning[i]
	legacy := p.Sold.Kind.Legacy()
	if legacy && !etagMatches(ifMatch, etag(p.SubscriptionID, p.Subscription.Version)) {
		return record, ErrEtag
	}
	before := p.Subscription.at(now)
	p.Subscription = before
	if p.Cancelled {
		return record, &Error{Code: CodeSubscriptionDeleted, Description: "The subscription is deleted and can't be updated."}
	}
	for _, change := range []func(*Provisioning, model.SubscriptionUpdate, time.Time) error{
		checkBillingCycle, r.changeStatus, r.changeQuantity, changeRenewal,
	} {
		if err := change(&p, update, now); err != nil {
			return record, err
		}
	}
	p.Subscription.FriendlyName = cmp.Or(update.FriendlyName, p.Subscription.FriendlyName)
	if p.Subscription == before && p.Cancelled == record.Provisioning[i].Cancelled {
		return record, nil
	}
	p.Subscription.Version++
	record.Provisioning = slices.Clone(record.Provisioning)
	record.Provisioning[i] = p
	return record, nil
}

// etagMatches tells whether an If-Match header allows a change; without one every change is allowed.
func etagMatches(ifMatch, etag string) bool {
	sent := strings.Trim(strings.TrimPrefix(ifMatch, "W/"), `"`)
	return sent == "" || sent == "*" || sent == etag
}

// checkBillingCycle refuses another billing cycle, which an order changes.
func checkBillingCycle(p *Provisioning, update model.SubscriptionUpdate, _ time.Time) error {
	switch {
	case update.BillingCycle == nil || *update.BillingCycle == model.BillingCycleUnknown || *update.BillingCycle == p.Subscription.BillingCycle:
		return nil
	case p.Sold.Kind.Legacy():
		return &Error{Code: CodeBillingCycleByOrder, Description: "The billing cycle of a subscription can't be updated. Update its order instead."}
	}
	return &Error{Code: CodeBillingCycleFixed, Description: "Can't update the billing cycle for this subscription."}
}

// changeStatus suspends, resumes or cancels.
func (r Rules) changeStatus(p *Provisioning, update model.SubscriptionUpdate, now time.Time) error {
	current := p.Subscription.status(false)
	if update.Status == nil || *update.Status == model.SubscriptionStatusNone || *update.Status == current {
		return nil
	}
	switch to := *update.Status; {
	case p.Subscription.Expired:
		return &Error{Code: CodeUpdateOver, Description: "Update operations are no longer allowed for this subscription: it has expired."}
	case p.Sold.Kind == KindSavingsPlan:
		return &Error{Code: CodeSavingsPlan, Description: "This operation is not supported for Azure savings plans. Manage them in the Azure portal."}
	case to == model.SubscriptionStatusDeleted && !p.Sold.Kind.Legacy():
		if err := r.checkWindow(*p, p.Subscription.Start, now); err != nil {
			return err
		}
		p.Cancelled = true
	case to == model.SubscriptionStatusSuspended && p.Sold.Kind != KindSoftwareSubscription:
		p.Subscription.Suspended = true
	case to == model.SubscriptionStatusActive:
		p.Subscription.Suspended = false
	default:
		return &Error{Code: CodeStatusFixed, Description: fmt.Sprintf("Can't update the status for this subscription from %s to %s.", current, to)}
	}
	return nil
}

// checkWindow refuses to take back what began too long ago.
func (r Rules) checkWindow(p Provisioning, since, now time.Time) error {
	window := p.window(r.Sandbox)
	if window == 0 || now.Before(since.Add(window)) {
		return nil
	}
	if hours := int(window.Hours()); hours <= 24 {
		return &Error{Code: CodeWindowHours, Description: fmt.Sprintf("You have passed your %d-hour cancellation window. We are unable to cancel your purchase.", hours)}
	}
	return &Error{Code: CodeWindowDays, Description: fmt.Sprintf("You have passed your %d-day cancellation window. We are unable to cancel your purchase.", int(window.Hours())/24)}
}

// changeQuantity changes the number of licences: within the SKU's limits, and to fewer only within the window.
func (r Rules) changeQuantity(p *Provisioning, update model.SubscriptionUpdate, now time.Time) error {
	if update.Quantity == nil || *update.Quantity == p.Subscription.Quantity {
		return nil
	}
	switch to := *update.Quantity; {
	case p.Cancelled || p.Subscription.Expired:
		return &Error{Code: CodeUpdateOver, Description: "Update operations are no longer allowed for this subscription."}
	case !kinds[p.Sold.Kind].seats:
		return &Error{Code: CodeQuantityFixed, Description: "Can't update the seat quantity for this subscription."}
	case p.Subscription.Suspended:
		return &Error{Code: CodeQuantitySuspended, Description: "Subscription quantity can't be increased or decreased while the subscription is suspended."}
	case to < p.Sold.Minimum || to > p.Sold.Maximum || r.Sandbox && to > sandboxSeats:
		return &Error{Code: CodeQuantityRange, Description: fmt.Sprintf(
			"Subscription quantity isn't within the allowed quantity of %d to %d.", p.Sold.Minimum, r.mostSeats(p.Sold))}
	case to < p.Subscription.Quantity && !p.Sold.Kind.Legacy() && r.checkWindow(*p, p.Subscription.Start, now) != nil:
		return &Error{Code: CodeQuantityDecrease, Description: "Subscription quantity cannot be decreased."}
	default:
		p.Subscription.Quantity = to
	}
	return nil
}

func (r Rules) mostSeats(s Sold) int32 {
	if r.Sandbox {
		return min(s.Maximum, sandboxSeats)
	}
	return s.Maximum
}

// changeRenewal changes whether a subscription renews.
func changeRenewal(p *Provisioning, update model.SubscriptionUpdate, _ time.Time) error {
	switch {
	case update.AutoRenewEnabled == nil || *update.AutoRenewEnabled == p.Subscription.AutoRenew || p.Cancelled:
		return nil
	case p.Subscription.Expired:
		return &Error{Code: CodeUpdateOver, Description: "Update operations are no longer allowed for this subscription: it has expired."}
	case p.Sold.Kind == KindSavingsPlan:
		return &Error{Code: CodeSavingsPlan, Description: "This operation is not supported for Azure savings plans. Manage them in the Azure portal."}
	case p.Subscription.End.IsZero():
		return &Error{Code: CodeNoRenewal, Description: "The subscription isn't eligible to be auto-renewed."}
	}
	p.Subscription.AutoRenew = *update.AutoRenewEnabled
	return nil
}
