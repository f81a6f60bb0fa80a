package commerce

import (
	"cmp"
	"fmt"
	"reflect"
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
		return record, ErrSubscriptionDeleted
	}
	for _, change := range []func(*Provisioning, model.SubscriptionUpdate, time.Time) error{
		checkBillingCycle, r.changeStatus, r.changeQuantity, changeRenewal,
	} {
		if err := change(&p, update, now); err != nil {
			return record, err
		}
	}
	p.Subscription.FriendlyName = cmp.Or(update.FriendlyName, p.Subscription.FriendlyName)
	if reflect.DeepEqual(p.Subscription, before) && p.Cancelled == record.Provisioning[i].Cancelled {
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
		return refuseChange(CodeBillingCycleByOrder, "billingCycle", "The billing cycle of a subscription can't be updated. Update its order instead.")
	}
	return refuseChange(CodeBillingCycleFixed, "billingCycle", "Can't update the billing cycle for this subscription.")
}

// refuseChange refuses to change a property of a subscription.
func refuseChange(code Code, property, format string, args ...any) *Error {
	text := fmt.Sprintf(format, args...)
	return &Error{Code: code, Description: text, Data: []string{"/" + property + ": " + text}}
}

// changeStatus suspends, resumes or cancels.
func (r Rules) changeStatus(p *Provisioning, update model.SubscriptionUpdate, now time.Time) error {
	current := p.Subscription.status(false)
	if update.Status == nil || *update.Status == model.SubscriptionStatusNone || *update.Status == current {
		return nil
	}
	switch to := *update.Status; {
	case p.Subscription.Expired:
		return refuseChange(CodeUpdateOver, "status", "Update operations are no longer allowed for this subscription: it has expired.")
	case p.Sold.Kind == KindSavingsPlan:
		return refuseChange(CodeSavingsPlan, "status", "This operation is not supported for Azure savings plans. Manage them in the Azure portal.")
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
		return refuseChange(CodeStatusFixed, "status", "Can't update the status for this subscription from %s to %s.", current, to)
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
		return refuseChange(CodeWindowHours, "status", "You have passed your %d-hour cancellation window. We are unable to cancel your purchase.", hours)
	}
	return refuseChange(CodeWindowDays, "status", "You have passed your %d-day cancellation window. We are unable to cancel your purchase.", int(window.Hours())/24)
}

// changeQuantity changes the number of licences: within the SKU's limits, and to fewer only those that were
// added within the window.
func (r Rules) changeQuantity(p *Provisioning, update model.SubscriptionUpdate, now time.Time) error {
	if update.Quantity == nil || *update.Quantity == p.Subscription.Quantity {
		return nil
	}
	switch to := *update.Quantity; {
	case p.Cancelled || p.Subscription.Expired:
		return refuseChange(CodeUpdateOver, "quantity", "Update operations are no longer allowed for this subscription.")
	case !kinds[p.Sold.Kind].seats:
		return refuseChange(CodeQuantityFixed, "quantity", "Can't update the seat quantity for this subscription.")
	case p.Subscription.Suspended:
		return refuseChange(CodeQuantitySuspended, "quantity", "Subscription quantity can't be increased or decreased while the subscription is suspended.")
	case to < p.Sold.Minimum || to > r.mostSeats(p.Sold):
		return refuseChange(CodeQuantityRange, "quantity", "Subscription quantity isn't within the allowed quantity of %d to %d.", p.Sold.Minimum, r.mostSeats(p.Sold))
	case to > p.Subscription.Quantity:
		p.Subscription.Seats = append(slices.Clone(p.Subscription.Seats), Seats{to - p.Subscription.Quantity, instant(now)})
	case !p.Sold.Kind.Legacy():
		back := p.Subscription.Quantity - to
		if left := p.Subscription.refundable(p.window(r.Sandbox), now).TotalQuantity; back > left {
			return refuseChange(CodeQuantityDecrease, "quantity", "Subscription quantity cannot be decreased by %d: %d can be taken back now.", back, left)
		}
		p.Subscription.Seats = takeBack(p.Subscription.Seats, back)
	}
	p.Subscription.Quantity = *update.Quantity
	return nil
}

// takeBack gives what is left of seats, of which the last ones that were added go first.
func takeBack(seats []Seats, n int32) []Seats {
	seats = slices.Clone(seats)
	for i := len(seats) - 1; n > 0 && i >= 0; i-- {
		taken := min(n, seats[i].Quantity)
		seats[i].Quantity -= taken
		n -= taken
	}
	return slices.DeleteFunc(seats, func(s Seats) bool { return s.Quantity == 0 })
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
		return refuseChange(CodeUpdateOver, "autoRenewEnabled", "Update operations are no longer allowed for this subscription: it has expired.")
	case p.Sold.Kind == KindSavingsPlan:
		return refuseChange(CodeSavingsPlan, "autoRenewEnabled", "This operation is not supported for Azure savings plans. Manage them in the Azure portal.")
	case p.Subscription.End.IsZero():
		return refuseChange(CodeNoRenewal, "autoRenewEnabled", "The subscription isn't eligible to be auto-renewed.")
	}
	p.Subscription.AutoRenew = *update.AutoRenewEnabled
	return nil
}
