package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/client"
)

// Each known code is of one kind, for calls, lines and order groups alike, and has a hint that says what to do.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status, code int
		want         error
	}{
		{400, 2055, client.ErrEtag},
		{403, 13605, client.ErrNoAgreement},
		{404, 20000, client.ErrOrderNotFound},
		{404, 20003, client.ErrSubscriptionNotFound},
		{404, 60003, client.ErrCustomerNotFound},
		{404, 400019, client.ErrAvailabilityGone},
		{401, 800001, client.ErrUnauthorized},
		{400, 800002, client.ErrInvalidRequest},
		{500, 800003, client.ErrTryAgain},
		{404, 800008, client.ErrCartNotFound},
		{400, 800009, client.ErrCartItems},
		{400, 800018, client.ErrSandboxLimit},
		{403, 800020, client.ErrNotEligible},
		{409, 800060, client.ErrOrderInProgress},
		{409, 800064, client.ErrCartBusy},
		{400, 800065, client.ErrCartSubmitted},
		{403, 800088, client.ErrSeatLimit},
		{403, 800089, client.ErrAssetLimit},
		{400, 900117, client.ErrCancellationWindow},
		{500, 900192, client.ErrTryAgain},
		{400, 900203, client.ErrAttestation},
		{400, 900206, client.ErrAttestation},
		{400, 900213, client.ErrCancellationWindow},
		{401, 900420, client.ErrWrongAudience},
		{401, 900421, client.ErrMFARequired},
		{401, 0, client.ErrUnauthorized},
		{403, 0, client.ErrForbidden},
		{404, 0, client.ErrNotFound},
		{429, 0, client.ErrThrottled},
	} {
		t.Run(fmt.Sprint(tc.status, tc.code), func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, tc.status, fmt.Sprintf(`{"code":%d,"description":"x"}`, tc.code))
			_, err := c.Orders.Get(t.Context(), customer, "a")
			e, ok := errors.AsType[*client.Error](fmt.Errorf("wrapped: %w", err))
			if !ok || !errors.Is(err, tc.want) || e.Hint == "" || !strings.Contains(err.Error(), e.Hint) {
				t.Errorf("it is %v, with the hint %q", err, e.Hint)
			}
			if errors.Is(err, client.ErrNotStub) || tc.status != 429 && errors.Is(err, client.ErrThrottled) {
				t.Errorf("%v is of another kind too", err)
			}
			if byStatus := map[int]error{401: client.ErrUnauthorized, 403: client.ErrForbidden, 404: client.ErrNotFound}[tc.status]; byStatus != nil && !errors.Is(err, byStatus) {
				t.Errorf("%v is not %v", err, byStatus)
			}
		})
	}
	for code, want := range map[int]error{10001: client.ErrAvailabilityGone, 10009: client.ErrSandboxLimit, 10012: client.ErrAttestation, 10015: client.ErrSeatLimit} {
		line, group := &client.LineItemError{Code: code}, &client.OrderGroupError{Code: code}
		if !errors.Is(line, want) || !errors.Is(group, want) || errors.Is(line, client.ErrCartBusy) {
			t.Errorf("%d is not %v", code, want)
		}
	}
}
