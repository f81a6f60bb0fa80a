package console

import (
	"regexp"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/gen/control"
)

// kind is a kind of faults as the form offers it.
type kind struct {
	Name control.FaultKind
	Text string // what goes wrong, for a person
	Also string // the fields of this kind only, separated by spaces
	Code string // the default of the field code
}

// kinds are all kinds of faults, in the order in which people look for them.
var kinds = []kind{
	{control.FaultKindDropAfterCommit, "The work is done and committed, then the connection is cut before the answer.", "", ""},
	{control.FaultKindThrottle, "429 in the gateway's body, with Retry-After. Nothing is done.", "retryAfter", ""},
	{control.FaultKindStatus, "An error of the server. Nothing is done.", "status retryAfter", ""},
	{control.FaultKindHtml502, "A gateway's page in HTML. Nothing is done.", "", ""},
	{control.FaultKindLatency, "The answer comes later.", "latency", ""},
	{control.FaultKindPartial, "At a checkout one order group fails, the others are ordered.", "orderGroup code", "800020"},
	{control.FaultKindLineItemError, "A line of a cart that is made or changed carries an error.", "code", "10001"},
	{control.FaultKindBusy, "409 / 800064: another request is at work on the cart.", "retryAfter", ""},
	{control.FaultKindInProgress, "409 / 800060: the order is still worked on.", "retryAfter", ""},
	{control.FaultKindAlreadySubmitted, "400 / 800065: the cart has an order already.", "", ""},
	{control.FaultKindAvailabilityGone, "At a checkout one order group fails with 400019.", "orderGroup", ""},
	{control.FaultKindProvisioningStuck, "An order that is placed stays pending.", "orderGroup", ""},
	{control.FaultKindProvisioningFailed, "The provisioning of an order that is placed fails.", "orderGroup", ""},
	{control.FaultKindAuth, "401: the token is refused.", "code", "800001"},
	{control.FaultKindBom, "The answer begins with a byte-order mark.", "", ""},
}

var operationID = regexp.MustCompile(`(?m)^ +operationId: (\w+)$`)

// operations gives the operations of the emulated API, in the order of its contract.
func operations() []string {
	var all []string
	for _, found := range operationID.FindAllSubmatch(api.OpenAPI, -1) {
		all = append(all, string(found[1]))
	}
	return all
}
