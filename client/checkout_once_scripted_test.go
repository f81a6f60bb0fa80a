package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

type answer = func(*http.Request) (*http.Response, error)

const (
	twoGroups = `{"id":"c","status":"Active","creationTimestamp":"2000-01-01T00:00:00Z","lineItems":[
		{"id":0,"catalogItemId":"a:1:x","quantity":1,"billingCycle":"monthly","orderGroup":"0"},
		{"id":1,"catalogItemId":"b:1:x","quantity":1,"billingCycle":"annual","orderGroup":"1","addonItems":[{"catalogItemId":"b:2:x","quantity":2}]}]}`
	orderA   = `{"id":"A","billingCycle":"monthly","creationDate":"2000-01-01T00:00:00Z","lineItems":[{"offerId":"A:1:X","quantity":1}]}`
	orderB   = `{"id":"B","billingCycle":"annual","creationDate":"2000-01-01T00:00:00Z","lineItems":[{"offerId":"b:2:x","quantity":2},{"offerId":"b:1:x","quantity":1}]}`
	orderC   = `{"id":"C","billingCycle":"one_time","creationDate":"2000-01-01T00:00:00Z","lineItems":[{"offerId":"c:1:x","quantity":1}]}`
	noOrders = `{"totalCount":0,"items":[]}`

	threeGroups = `{"id":"c","status":"Active","creationTimestamp":"2000-01-01T00:00:00Z","lineItems":[
		{"id":0,"catalogItemId":"a:1:x","quantity":1,"billingCycle":"monthly","orderGroup":"0"},
		{"id":1,"catalogItemId":"b:1:x","quantity":1,"billingCycle":"annual","orderGroup":"1","addonItems":[{"catalogItemId":"b:2:x","quantity":2}]},
		{"id":2,"catalogItemId":"c:1:x","quantity":1,"billingCycle":"one_time","orderGroup":"2"}]}`
)

// service plays a script for checkouts, and answers the same to all who read.
type service struct {
	cart, orders string
	checkouts    *scripted
}

func (s service) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.Method == http.MethodPost:
		return s.checkouts.RoundTrip(r)
	case strings.HasSuffix(r.URL.Path, "/orders"):
		return status(200, s.orders)(r)
	}
	return status(200, s.cart)(r)
}

func groupError(group, code string) string {
	return `{"orderGroupId":"` + group + `","code":` + code + `,"description":"x"}`
}

// What is told of each group, from what a service has said.
func TestCheckoutOnce_Outcomes(t *testing.T) {
	t.Parallel()
	ordered := strings.Replace(twoGroups, "Active", "Ordered", 1)
	equal := strings.NewReplacer("b:1:x", "a:1:x", "annual", "monthly", `,"addonItems":[{"catalogItemId":"b:2:x","quantity":2}]`, "").Replace(twoGroups)
	inError := strings.Replace(twoGroups, `"orderGroup":"1"`, `"orderGroup":"1","error":{"errorCode":10001,"errorDescription":"x"}`, 1)
	for name, tc := range map[string]struct {
		cart, orders string
		answers      []answer
		want         []client.GroupState // none for a success
		ids          []string            // of the orders by group
		candidates   []int
		is           error
	}{
		"all":              {answers: []answer{status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B"}},
		"in another order": {answers: []answer{status(200, `{"orders":[`+orderB+`,`+orderA+`]}`)}, ids: []string{"A", "B"}},
		"of other lines": {
			answers: []answer{status(200, `{"orders":[`+strings.ReplaceAll(orderA, "A:1:X", "?")+`,`+orderB+`]}`)}, ids: []string{"A", "B"},
		},
		"an answer without orders": {
			answers: []answer{status(201, `{"orders":[]}`), status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B"},
		},
		"never an order for the second": {
			answers: []answer{status(201, `{"orders":[`+orderA+`]}`)}, want: []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""},
		},
		"orders without ids": {answers: []answer{status(201, `{"orders":[{},{}]}`)}, want: []client.GroupState{client.Unknown, client.Unknown}},
		"an order that a later answer leaves out": {
			answers: []answer{
				status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "800060")+`]}`),
				status(201, `{"orders":[],"orderErrors":[`+groupError("1", "400019")+`]}`),
			},
			want: []client.GroupState{client.Ordered, client.NotOrdered}, ids: []string{"A", ""}, is: client.ErrAvailabilityGone,
		},
		"in progress for ever": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "800060")+`]}`)},
			orders:  `{"items":[` + orderA + `,` + orderB + `]}`,
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""}, candidates: []int{0, 1}, is: client.ErrOrderInProgress,
		},
		"an unknown code": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "912345")+`]}`)},
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""},
		},
		"equal groups": {
			cart: equal, answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("0", "400019")+`]}`)},
			want: []client.GroupState{client.NotOrdered, client.Ordered}, ids: []string{"", "A"}, is: client.ErrAvailabilityGone,
		},
		"refused as a whole": {
			answers: []answer{status(403, `{"code":13605,"description":"x"}`)},
			want:    []client.GroupState{client.Refused, client.Refused}, is: client.ErrNoAgreement,
		},
		"refused after no answer": {
			answers: []answer{cut, status(403, `{"code":13605,"description":"x"}`)}, orders: `{"items":[` + orderA + `,` + orderA + `]}`,
			want: []client.GroupState{client.Unknown, client.Unknown}, candidates: []int{2, 0}, is: client.ErrNoAgreement,
		},
		"refused after a part": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "900192")+`]}`), status(403, `{"code":800073}`)},
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""}, is: client.ErrNotEligible,
		},
		"no answer after a part": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "900192")+`]}`), status(408, "")}, // for ever
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""},
		},
		"submitted, with orders like these": {
			cart: ordered, answers: []answer{status(400, `{"code":800065}`)}, orders: `{"items":[` + orderA + `,` + orderB + `]}`,
			want: []client.GroupState{client.Ordered, client.Ordered}, candidates: []int{1, 1}, is: client.ErrCartSubmitted,
		},
		"submitted, with other orders": {
			cart: ordered, answers: []answer{status(400, `{"code":800065}`)},
			orders: `{"items":[` + strings.Replace(orderA, "2000-", "1999-", 1) + `,` + strings.Replace(orderA, "monthly", "annual", 1) + `,` +
				strings.Replace(orderA, `"quantity":1`, `"quantity":2`, 1) + `]}`,
			want: []client.GroupState{client.Ordered, client.Ordered}, candidates: []int{0, 0}, is: client.ErrCartSubmitted,
		},
		"submitted, but still active": {
			answers: []answer{status(400, `{"code":800065}`), status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B"},
		},
		"said nothing of, then refused": {
			cart: threeGroups, answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "800060")+`]}`), status(403, `{"code":800073}`)},
			want: []client.GroupState{client.Ordered, client.Unknown, client.Unknown}, ids: []string{"A", "", ""}, is: client.ErrNotEligible,
		},
		"said nothing of, and told by the next answer": {
			cart: threeGroups, answers: []answer{
				status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "400019")+`]}`),
				status(201, `{"orders":[`+orderA+`,`+orderC+`],"orderErrors":[`+groupError("1", "400019")+`]}`),
			},
			want: []client.GroupState{client.Ordered, client.NotOrdered, client.Ordered}, ids: []string{"A", "", "C"}, is: client.ErrAvailabilityGone,
		},
		"a group that was submitted": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "800065")+`]}`)},
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""}, is: client.ErrCartSubmitted,
		},
		"two errors of one group": {
			answers: []answer{status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("1", "400019")+`,`+groupError("1", "800060")+`]}`)},
			want:    []client.GroupState{client.Ordered, client.Unknown}, ids: []string{"A", ""}, is: client.ErrOrderInProgress,
		},
		"submitted, and active for ever": {
			answers: []answer{status(400, `{"code":800065}`)}, want: []client.GroupState{client.Unknown, client.Unknown},
		},
		"an order and an error of one group": {
			answers: []answer{status(201, `{"orders":[`+orderA+`,`+orderB+`],"orderErrors":[`+groupError("1", "400019")+`]}`)},
			want:    []client.GroupState{client.Ordered, client.Ordered}, ids: []string{"A", "B"}, is: client.ErrAvailabilityGone,
		},
		"an error for a group that the cart has not": {
			answers: []answer{
				status(201, `{"orders":[`+orderA+`],"orderErrors":[`+groupError("", "900192")+`]}`), status(201, `{"orders":[`+orderA+`,`+orderB+`]}`),
			},
			ids: []string{"A", "B"},
		},
		"newer, and in the groups' order": {
			cart: threeGroups, answers: []answer{
				status(201, `{"orders":[`+orderC+`,`+orderB+`],"orderErrors":[`+groupError("0", "800060")+`]}`),
				status(201, `{"orders":[`+orderC+`,`+orderB+`,`+orderA+`]}`),
			},
			ids: []string{"A", "B", "C"},
		},
		"more orders than groups": {
			answers: []answer{status(201, `{"orders":[`+orderC+`,`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B", "C"},
		},
		"a cart without lines": {cart: `{"id":"c","status":"Active"}`, answers: []answer{status(201, `{"orders":[]}`)}, want: []client.GroupState{}},
		"a line in error, and ordered all the same": {
			cart: strings.Replace(inError, "Active", "Ordered", 1), answers: []answer{status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B"},
		},
		"a line in error": {cart: inError, want: []client.GroupState{client.Refused, client.NotOrdered}, is: client.ErrAvailabilityGone},
		"a code in a 200": {answers: []answer{status(200, `{"code":400072,"description":"x"}`)}, want: []client.GroupState{client.Unknown, client.Unknown}, is: client.ErrNotEligible},
		"401 once":        {answers: []answer{status(401, ""), status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}, ids: []string{"A", "B"}},
		"401 for ever":    {answers: []answer{status(401, "")}, want: []client.GroupState{client.Refused, client.Refused}, is: client.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := service{cart: or(tc.cart, twoGroups), orders: or(tc.orders, noOrders), checkouts: &scripted{answers: tc.answers}}
				result, err := clientOf(t, s).Carts.CheckoutOnce(t.Context(), customer, "c")
				if tc.want == nil {
					if err != nil || !slices.Equal(ids(result.Orders), tc.ids) {
						t.Fatalf("CheckoutOnce gave %+v, %v", result, err)
					}
					return
				}
				failed, ok := errors.AsType[*client.CheckoutError](err)
				if !ok || tc.is != nil && !errors.Is(err, tc.is) || failed.Bought() != (len(tc.want) > 0 && !slices.ContainsFunc(tc.want, func(s client.GroupState) bool { return s != client.Ordered })) {
					t.Fatalf("CheckoutOnce gave %+v, %v", result, err)
				}
				for i, g := range failed.Groups {
					if g.State != tc.want[i] || len(g.Lines) != 1 {
						t.Errorf("group %s is %v, want %v: %v", g.OrderGroup, g.State, tc.want[i], err)
					}
					if tc.ids != nil && (g.Order == nil) != (tc.ids[i] == "") || g.Order != nil && g.Order.ID != tc.ids[i] {
						t.Errorf("group %s has the order %+v, want %v", g.OrderGroup, g.Order, tc.ids)
					}
					if tc.candidates != nil && len(g.Candidates) != tc.candidates[i] {
						t.Errorf("group %s has %d candidates, want %d", g.OrderGroup, len(g.Candidates), tc.candidates[i])
					}
				}
			})
		})
	}
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// However long a service takes or asks to wait: the end comes, and in time.
func TestCheckoutOnce_Ends(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer   answer
		min, max time.Duration
	}{
		"no answer":              {silent, 15 * time.Minute, 15 * time.Minute},
		"no connection":          {cut, 14 * time.Minute, 15 * time.Minute},
		"503":                    {status(503, ""), 14 * time.Minute, 15 * time.Minute},
		"in progress":            {status(409, `{"code":800060}`), 14 * time.Minute, 15 * time.Minute},
		"Retry-After of 5 min":   {status(429, "", "Retry-After: 300"), 15 * time.Minute, 15 * time.Minute},
		"Retry-After of an hour": {status(429, "", "Retry-After: 3600"), 0, 0},
		"Retry-After of 292 y":   {status(429, "", "Retry-After: 9223372036"), 0, 0},
		"Retry-After, a date":    {status(429, "", "Retry-After: Sat, 01 Jan 2000 12:00:00 GMT"), 0, 0},
		"another clock":          {status(409, "", "Date: Sat, 01 Jan 2050 00:00:00 GMT", "Retry-After: Sat, 01 Jan 2050 00:20:00 GMT"), 0, 0},
		"never refused":          {status(403, ""), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s := service{cart: twoGroups, orders: noOrders, checkouts: &scripted{answers: []answer{tc.answer}}}
				_, err := clientOf(t, s).Carts.CheckoutOnce(t.Context(), customer, "c")
				if took := time.Since(begin); err == nil || took < tc.min || took > tc.max {
					t.Errorf("it ended after %v, want %v to %v: %v", took, tc.min, tc.max, err)
				}
			})
		})
	}
}

// A program that is killed at any of its requests, before it is sent or before its answer is read, and begun again.
func TestCheckoutOnce_KilledAtEachStep(t *testing.T) {
	t.Parallel()
	for request := range int32(7) {
		for _, after := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				stub := servertest.New(t)
				cart, err := stub.Client().Carts.Create(t.Context(), customer, cartOf(0, 1, 6))
				if err != nil {
					t.Fatal(err)
				}
				stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Busy})
				stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})
				ctx, kill := context.WithCancel(t.Context())
				defer kill()
				transport := &killing{RoundTripper: stub.Transport(), after: after, kill: kill}
				transport.left.Store(request + 1)
				b := &careful{cart: cart, requestID: client.NewRequestID()}
				result, err := b.buy(ctx, stub.Client(client.WithTransport(transport)))
				checkOutcome(t, stub, cart, result, err)
				result, err = b.buy(t.Context(), stub.Client())
				if checkOutcome(t, stub, cart, result, err); err != nil {
					t.Errorf("killed at request %d, the next CheckoutOnce gave %v", request+1, err)
				}
				stub.RequireOrders(t, 3)
			})
		}
	}
}

// Two carts with the same lines: the order of the one is never told as the other's, though the list has no other yet.
func TestCheckoutOnce_AnotherOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.Repeat, o.ListDelay = server.RepeatReject, 15*time.Minute })
		c := stub.Client()
		one, _ := c.Carts.Create(t.Context(), customer, cartOf(3))
		other, err := c.Carts.Create(t.Context(), customer, cartOf(3))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Carts.CheckoutOnce(t.Context(), customer, other.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(16 * time.Minute)
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})
		result, err := c.Carts.CheckoutOnce(t.Context(), customer, one.ID)
		checkOutcome(t, stub, one, result, err)
		if failed, ok := errors.AsType[*client.CheckoutError](err); !ok || !failed.Bought() || len(failed.Groups[0].Candidates) != 1 {
			t.Errorf("CheckoutOnce gave %v", err)
		}
	})
}

// A service that repeats what it has answered to a request id: after a restart the stored id must not repeat a refusal for ever.
func TestCheckoutOnce_StoredIDAfterRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agreed, known := false, map[string]answer{}
		checkouts := transport(func(r *http.Request) (*http.Response, error) {
			id := r.Header.Get("MS-RequestId")
			switch {
			case known[id] != nil:
			case agreed:
				known[id] = status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)
			default:
				known[id] = status(403, `{"code":13605}`)
			}
			return known[id](r)
		})
		s := service{cart: twoGroups, orders: noOrders, checkouts: &scripted{answers: []answer{checkouts}}}
		c, stored := clientOf(t, s), client.NewRequestID()
		if _, err := c.Carts.CheckoutOnce(t.Context(), customer, "c", client.RequestID(stored)); !errors.Is(err, client.ErrNoAgreement) {
			t.Errorf("CheckoutOnce gave %v", err)
		}
		agreed = true
		if _, err := c.Carts.CheckoutOnce(t.Context(), customer, "c", client.RequestID(stored)); err != nil {
			t.Errorf("after the agreement CheckoutOnce gave %v", err)
		}
	})
}

// What can't be sent as it is meant is refused at once: an empty request id would be made anew for each try, and buy twice.
func TestCallOptions_Refused(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c := stub.Client()
	order := client.NewOrder{LineItems: []client.NewOrderLineItem{{OfferID: "MS-AZR-0145P", Quantity: 1}}}
	for name, option := range map[string]client.CallOption{
		"no id": client.RequestID(""), "a word": client.RequestID("job-17"), "a URN": client.RequestID("urn:uuid:" + customer),
		"no correlation id": client.CorrelationID(""), "a line break": client.CustomerUPN("anna@fabrikam.example\n"),
	} {
		_, err := c.Orders.Create(t.Context(), customer, order, option)
		_, once := c.Carts.CheckoutOnce(t.Context(), customer, customer, option)
		_, waited := c.Orders.WaitProvisioned(t.Context(), customer, "a", option)
		for _, err := range []error{err, once, waited} {
			if e, ok := errors.AsType[*client.Error](err); !ok || e.Tries != 0 || e.Unclear() {
				t.Errorf("with %s it gave %v", name, err)
			}
		}
	}
	if n := len(stub.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A slice of options is the caller's, also when many use it.
func TestCallOptions_Shared(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	order := placed(t, stub, 0)
	options := append(make([]client.CallOption, 0, 8), client.Locale("de-DE"))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if _, err := stub.Client().Orders.WaitProvisioned(t.Context(), customer, order.ID, options...); err != nil {
				t.Error(err)
			}
			_, _ = stub.Client().Carts.CheckoutOnce(t.Context(), customer, customer, options...)
		})
	}
	wait.Wait()
}

// A credential that fails for a moment does not end a purchase; one that fails for good does, soon.
func TestCheckoutOnce_Credential(t *testing.T) {
	t.Parallel()
	for _, failures := range []int{1, 1000} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			credential := credentialFunc(func() (azcore.AccessToken, error) {
				if asked++; asked <= failures {
					return azcore.AccessToken{}, errors.New("AADSTS90033: a transient error")
				}
				return azcore.AccessToken{Token: "x", ExpiresOn: time.Now().Add(time.Second)}, nil
			})
			s := service{cart: twoGroups, orders: noOrders, checkouts: &scripted{answers: []answer{status(201, `{"orders":[`+orderA+`,`+orderB+`]}`)}}}
			c, err := client.New(credential, client.WithTransport(s))
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			_, err = c.Carts.CheckoutOnce(t.Context(), customer, "c")
			if (err == nil) != (failures == 1) || time.Since(begin) > time.Minute {
				t.Errorf("with %d failures CheckoutOnce gave %v after %v", failures, err, time.Since(begin))
			}
		})
	}
}

// A server that says nothing is not waited for when it is asked whether it is the stub.
func TestWithStubOnly_Silent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := clientOf(t, transport(silent), client.WithStubOnly()).Carts.Get(t.Context(), customer, "c")
		if err == nil || errors.Is(err, client.ErrNotStub) || time.Since(begin) > time.Minute {
			t.Errorf("Get gave %v after %v", err, time.Since(begin))
		}
	})
}
