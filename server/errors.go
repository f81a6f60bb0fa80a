package server

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// statuses is the one table from codes to HTTP statuses (HTTP-ERRORS).
var statuses = map[commerce.Code]int{
	commerce.CodeQuantitySuspended:      http.StatusBadRequest,
	commerce.CodeQuantityRange:          http.StatusBadRequest,
	commerce.CodeSubscriptionDeleted:    http.StatusBadRequest,
	commerce.CodeBillingCycleByOrder:    http.StatusBadRequest,
	commerce.CodeEtag:                   http.StatusBadRequest,
	commerce.CodeOrderNotProcessed:      http.StatusBadRequest,
	commerce.CodeCycleInactive:          http.StatusBadRequest,
	commerce.CodeCycleNotOffered:        http.StatusBadRequest,
	commerce.CodeOrderPromotion:         http.StatusBadRequest,
	commerce.CodeInvalidInput:           http.StatusBadRequest,
	commerce.CodeOrderOffer:             http.StatusBadRequest,
	commerce.CodeCartItems:              http.StatusBadRequest,
	commerce.CodeOrderAzureSubscription: http.StatusBadRequest,
	commerce.CodeSandboxLimit:           http.StatusBadRequest,
	commerce.CodeAddonParent:            http.StatusBadRequest,
	commerce.CodeNotSupported:           http.StatusBadRequest,
	commerce.CodeOrderNotCancelled:      http.StatusBadRequest,
	commerce.CodeCancelSubscription:     http.StatusBadRequest,
	commerce.CodeCartSubmitted:          http.StatusBadRequest,
	commerce.CodeLineItemNumber:         http.StatusBadRequest,
	commerce.CodeQuantityDecrease:       http.StatusBadRequest,
	commerce.CodeNoRenewal:              http.StatusBadRequest,
	commerce.CodeQuantityFixed:          http.StatusBadRequest,
	commerce.CodeStatusFixed:            http.StatusBadRequest,
	commerce.CodeBillingCycleFixed:      http.StatusBadRequest,
	commerce.CodeOrderTermDuration:      http.StatusBadRequest,
	commerce.CodeWindowDays:             http.StatusBadRequest,
	commerce.CodeInvalidCustomerID:      http.StatusBadRequest,
	commerce.CodeInvalidEnum:            http.StatusBadRequest,
	commerce.CodeCatalogItemIDMissing:   http.StatusBadRequest,
	commerce.CodeOrderCurrency:          http.StatusBadRequest,
	commerce.CodeOrderAttestation:       http.StatusBadRequest,
	commerce.CodeAttestationMissing:     http.StatusBadRequest,
	commerce.CodeWindowHours:            http.StatusBadRequest,
	commerce.CodeOrderTermEnd:           http.StatusBadRequest,
	commerce.CodeOrderBillingCycle:      http.StatusBadRequest,
	commerce.CodeOrderQuantity:          http.StatusBadRequest,
	commerce.CodeUpdateOver:             http.StatusBadRequest,

	commerce.CodeUnauthorized: http.StatusUnauthorized,

	commerce.CodeNoAgreement:   http.StatusForbidden,
	commerce.CodeTargetSegment: http.StatusForbidden,
	commerce.CodeTargetView:    http.StatusForbidden,
	commerce.CodeSandboxOnly:   http.StatusForbidden,
	commerce.CodeNotEligible:   http.StatusForbidden,
	commerce.CodeCancelSaaS:    http.StatusForbidden,
	commerce.CodeOrderSeats:    http.StatusForbidden,
	commerce.CodeSavingsPlan:   http.StatusForbidden,
	commerce.CodeNotInSandbox:  http.StatusForbidden,

	commerce.CodeNotFound:             http.StatusNotFound,
	commerce.CodeOrderNotFound:        http.StatusNotFound,
	commerce.CodeSubscriptionNotFound: http.StatusNotFound,
	commerce.CodeTenantNotFound:       http.StatusNotFound,
	commerce.CodeProductNotFound:      http.StatusNotFound,
	commerce.CodeSKUNotFound:          http.StatusNotFound,
	commerce.CodeAvailabilityNotFound: http.StatusNotFound,
	commerce.CodeCartNotFound:         http.StatusNotFound,

	commerce.CodeUnexpected:     http.StatusInternalServerError,
	commerce.CodeSomethingWrong: http.StatusInternalServerError,
}

// refusal is an error of HTTP itself, whose status does not follow from its code.
type refusal struct {
	status      int
	code        commerce.Code
	description string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.code, r.description) }

// refusalOf tells what a request is answered that failed with err. Whatever is not meant for the client becomes a 500 that
// says nothing.
func refusalOf(err error) (r refusal, data []string) {
	var (
		rule     *commerce.Error
		own      *refusal
		tooLarge *http.MaxBytesError
		routing  *echo.HTTPError
	)
	switch {
	case errors.As(err, &rule) && statuses[rule.Code] != 0:
		return refusal{statuses[rule.Code], rule.Code, rule.Description}, rule.Data
	case errors.As(err, &own):
		return *own, nil
	case errors.As(err, &tooLarge):
		return refusal{
			http.StatusRequestEntityTooLarge, commerce.CodeInvalidInput,
			fmt.Sprintf("The body is larger than %d bytes.", tooLarge.Limit),
		}, nil
	case errors.Is(err, errHeld) || errors.Is(err, store.ErrBusy):
		return refusal{http.StatusServiceUnavailable, commerce.CodeUnexpected, "Other requests are at work on this. Try again."}, nil
	case errors.Is(err, store.ErrUnavailable):
		return refusal{http.StatusServiceUnavailable, commerce.CodeUnexpected, "The service can't store anything now. Try again."}, nil
	case errors.As(err, &routing) && routing.Code == http.StatusMethodNotAllowed: // so for carts too, CART-NO-DELETE
		return refusal{routing.Code, commerce.CodeInvalidInput, "This path does not have this method. The Allow header lists those that it has."}, nil
	case errors.As(err, &routing) && routing.Code == http.StatusNotFound:
		return refusal{routing.Code, commerce.CodeNotFound, "This server has no operation with this path. The contract lists those that it has."}, nil
	}
	return refusal{http.StatusInternalServerError, commerce.CodeUnexpected, "An unexpected error occurred."}, nil
}

// answerError answers a request that failed. It is the only place that does.
func answerError(err error, c echo.Context) {
	x := exchangeOf(c.Request().Context())
	if errors.Is(err, errThrottled) {
		x.note("%v", err)
		if err := throttled(c, 1); err != nil {
			x.note("answer: %v", err)
		}
		return
	}
	r, data := refusalOf(err)
	x.note("%s", shorten(err.Error(), 5*maxText))
	if c.Response().Committed {
		return // the answer broke off; observe cuts the connection
	}
	if (r.status == http.StatusServiceUnavailable || r.status == http.StatusConflict) && c.Response().Header().Get("Retry-After") == "" {
		c.Response().Header().Set("Retry-After", "1")
	}
	if r.status == http.StatusInternalServerError {
		r.description += " Its correlation id is " + x.correlationID + "."
	}
	source := "PartnerFD"
	if r.status < http.StatusInternalServerError && r.code == commerce.CodeInvalidInput {
		source = "PartnerApiServiceControllers"
	}
	body := model.ErrorResponse{Code: int32(r.code), Description: shorten(r.description, 5*maxText), Data: firstOf(data), Source: source}
	if err := c.JSON(r.status, body); err != nil {
		x.note("answer: %v", err)
	}
}

// maxData is how many faults one answer names.
const maxData = 50

// firstOf gives as much of data as one answer names.
func firstOf(data []string) []string {
	out := make([]string, 0, min(len(data), maxData+1))
	for i, entry := range data {
		if i == maxData {
			return append(out, fmt.Sprintf("and %d more", len(data)-i))
		}
		out = append(out, shorten(entry, 3*maxText))
	}
	return out
}
