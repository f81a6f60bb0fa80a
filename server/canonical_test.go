package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// cartShape is the shape of the contract's Cart.
func cartShape(t *testing.T, f folding) *shape {
	t.Helper()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return newShapes(f).of(contract.Components.Schemas["Cart"].Value)
}

// HTTP-CASE, HTTP-JSON, CART-READ-ONLY: what is sent, and what validation gets to see.
func TestCanonicalBody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ sent, tolerant, strict string }{
		"the contract's own spelling": {
			`{"lineItems":[{"id":0,"quantity":1,"billingCycle":"one_time"}]}`,
			`{"lineItems":[{"id":0,"quantity":1,"billingCycle":"one_time"}]}`,
			`{"lineItems":[{"id":0,"quantity":1,"billingCycle":"one_time"}]}`,
		},
		"names in any case": {
			`{"LineItems":[{"CATALOGITEMID":"a","RenewsTo":{"TermDuration":"P1M"}}]}`,
			`{"lineItems":[{"catalogItemId":"a","renewsTo":{"termDuration":"P1M"}}]}`,
			`{}`,
		},
		"words in any spelling": {
			`{"lineItems":[{"billingCycle":"Monthly"},{"billingCycle":"OneTime"},{"billingCycle":"onetime"},{"billingCycle":"ONE_TIME"},{"billingCycle":"weekly"},{"billingCycle":"_m_onthly"}]}`,
			`{"lineItems":[{"billingCycle":"monthly"},{"billingCycle":"one_time"},{"billingCycle":"one_time"},{"billingCycle":"one_time"},{"billingCycle":"weekly"},{"billingCycle":"_m_onthly"}]}`,
			`{"lineItems":[{"billingCycle":"Monthly"},{"billingCycle":"OneTime"},{"billingCycle":"onetime"},{"billingCycle":"ONE_TIME"},{"billingCycle":"weekly"},{"billingCycle":"_m_onthly"}]}`,
		},
		"free text stays": {
			`{"lineItems":[{"friendlyName":"Monthly","catalogItemId":"MonthLy"}]}`,
			`{"lineItems":[{"friendlyName":"Monthly","catalogItemId":"MonthLy"}]}`,
			`{"lineItems":[{"friendlyName":"Monthly","catalogItemId":"MonthLy"}]}`,
		},
		"what the server sets is dropped": {
			`{"id":7,"status":"Active","expirationTimestamp":"0001-01-01T00:00:00","links":{},"attributes":{"objectType":"Cart"},"lineItems":[{"orderGroup":"0","pricing":{"price":1},"error":null}]}`,
			`{"lineItems":[{}]}`,
			`{"lineItems":[{}]}`,
		},
		"nulls and unknown names are dropped": {
			`{"lineItems":[{"promotionId":null,"PurchaseSystem":null,"other":{"quantity":[1,"2",null]}}],"more":1}`,
			`{"lineItems":[{}]}`,
			`{"lineItems":[{}]}`,
		},
		"keys of the provisioning context": {
			`{"lineItems":[{"provisioningContext":{"SubscriptionId":"x","scope":"Shared","Ärger":"y","Duration":null}}]}`,
			`{"lineItems":[{"provisioningContext":{"subscriptionId":"x","scope":"Shared","ärger":"y"}}]}`,
			`{"lineItems":[{"provisioningContext":{"subscriptionId":"x","scope":"Shared","ärger":"y"}}]}`,
		},
		"integers": {
			`{"lineItems":[{"quantity":1.0},{"quantity":2e3},{"quantity":3000000000},{"purchaseCommitment":{"amount":0.050}}]}`,
			`{"lineItems":[{"quantity":1},{"quantity":2000},{"quantity":3000000000},{"purchaseCommitment":{"amount":0.050}}]}`,
			`{"lineItems":[{"quantity":1},{"quantity":2000},{"quantity":3000000000},{"purchaseCommitment":{"amount":0.050}}]}`,
		},
		"integers in quotation marks": {
			`{"lineItems":[{"id":"7","quantity":"many"},{"id":"-7","quantity":"+1"}]}`,
			`{"lineItems":[{"id":7,"quantity":"many"},{"id":-7,"quantity":"+1"}]}`,
			`{"lineItems":[{"id":"7","quantity":"many"},{"id":"-7","quantity":"+1"}]}`,
		},
		"a time without a zone": {
			`{"lineItems":[{"customTermEndDate":"2022-02-19T00:00:00"},{"customTermEndDate":"2022-02-19T00:00:00+02:00"},{"customTermEndDate":"soon"}]}`,
			`{"lineItems":[{"customTermEndDate":"2022-02-19T00:00:00Z"},{"customTermEndDate":"2022-02-19T00:00:00+02:00"},{"customTermEndDate":"soon"}]}`,
			`{"lineItems":[{"customTermEndDate":"2022-02-19T00:00:00"},{"customTermEndDate":"2022-02-19T00:00:00+02:00"},{"customTermEndDate":"soon"}]}`,
		},
		"add-ons": {
			`{"lineItems":[{"AddonItems":[{"Quantity":1,"OrderGroup":"0"}]}]}`,
			`{"lineItems":[{"addonItems":[{"quantity":1}]}]}`,
			``,
		},
		"values of a wrong type pass without what is in them, for validation to refuse": {
			`{"lineItems":{"quantity":true},"friendlyName":{"a":1}}`,
			`{"lineItems":{}}`,
			``,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for f, want := range map[folding]string{{tolerant: true}: tc.tolerant, {tolerant: false}: tc.strict} {
				if want == "" {
					continue
				}
				got, _, err := canonicalBody([]byte(tc.sent), cartShape(t, f), f)
				if err != nil {
					t.Errorf("tolerant %v: %v", f.tolerant, err)
					continue
				}
				if diff := cmp.Diff(want, strings.TrimSpace(string(got))); diff != "" {
					t.Errorf("tolerant %v: body differs (-want +got):\n%s", f.tolerant, diff)
				}
			}
		})
	}
}

func TestCanonicalBody_Respelled(t *testing.T) {
	t.Parallel()
	f := folding{tolerant: true}
	for body, want := range map[string]bool{
		`{"lineItems":[{"billingCycle":"monthly"}]}`: false,
		`{"id":"x","other":1,"lineItems":null}`:      false,
		`{"LineItems":[]}`:                           true,
		`{"lineItems":[{"billingCycle":"Monthly"}]}`: true,
		`{"lineItems":[{"id":"1"}]}`:                 true,
		"\xef\xbb\xbf{}":                             true,
		`{"lineItems":[],}`:                          true,
		`{/* Perpetual Software */}`:                 true,
	} {
		if _, got, err := canonicalBody([]byte(body), cartShape(t, f), f); err != nil || got != want {
			t.Errorf("%s: respelled is %v, error %v; want %v", body, got, err, want)
		}
	}
}

// HTTP-JSON: what can't be read, or only by a guess.
func TestCanonicalBody_Refuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"name twice":                        {`{"lineItems":[{"quantity":1,"quantity":2}]}`, `/lineItems/0/quantity: repeats a property`},
		"name twice by case":                {`{"lineItems":[],"LINEITEMS":[]}`, `/LINEITEMS: repeats the property "lineItems"`},
		"dropped name twice":                {`{"id":"a","Id":"b"}`, `/Id: repeats the property "id"`},
		"unknown name twice":                {`{"x":{"y":1,"y":2}}`, `/x/y: repeats a property`},
		"context key twice":                 {`{"lineItems":[{"provisioningContext":{"Scope":"a","scope":"b"}}]}`, `/lineItems/0/provisioningContext/scope: repeats the property "Scope"`},
		"context key twice by case":         {`{"lineItems":[{"provisioningContext":{"Scope":"a","SCOPE":"b"}}]}`, `/lineItems/0/provisioningContext/SCOPE: repeats the property "Scope"`},
		"a long name":                       {`{"lineItems":[{"provisioningContext":{"` + strings.Repeat("a", 257) + `":"b"}}]}`, `/lineItems/0/provisioningContext: has a name of more than 256 bytes, "` + strings.Repeat("a", 32) + `…"`},
		"a long name in what is dropped":    {`{"x":{"` + strings.Repeat("a", 257) + `":1}}`, `/x: has a name of more than 256 bytes`},
		"many entries":                      {`{"lineItems":[` + strings.Repeat("{},", 10_000) + `{}]}`, `/lineItems/9999: the body has more than 10000 entries in its arrays`},
		"many entries in what is dropped":   {`{"x":[` + strings.Repeat("0,", 10_000) + `0]}`, `/x/9999: the body has more than 10000 entries`},
		"second value":                      {"{}\n{}", `/: a second value follows the first (line 1, column 3)`},
		"text after the end":                {`{} x`, `/: this is not JSON: invalid character 'x' at start of value (line 1, column 4)`},
		"doubled braces":                    {"{\n    {\n", `/: this is not JSON: object member name must be a string (line 2, column 5)`},
		"cut off":                           {`{"lineItems":[{"quantity":`, `/lineItems/0/quantity: the JSON ends too early (line 1, column 27)`},
		"invalid UTF-8":                     {"{\"x\":\"a\xff\"}", `/x: this is not JSON: invalid UTF-8 (line 1, column 8)`},
		"NUL":                               {`{"lineItems":[{"friendlyName":"a\u0000b"}]}`, `/lineItems/0/friendlyName: contains the character NUL`},
		"NUL in what is dropped":            {`{"x":["a\u0000b"]}`, `/x/0: contains the character NUL`},
		"a fraction":                        {`{"lineItems":[{"quantity":1.5}]}`, `/lineItems/0/quantity: must be an integer of 32 bits`},
		"a fraction that rounds to nothing": {`{"lineItems":[{"id":1e-400000}]}`, `/lineItems/0/id: must be an integer of 32 bits`},
		"a fraction of a million digits":    {`{"lineItems":[{"id":1e-99999999}]}`, `/lineItems/0/id: must be an integer of 32 bits`},
		"a fraction that rounds to one":     {`{"lineItems":[{"quantity":2147483647.0000000000000000001}]}`, `/lineItems/0/quantity: must be an integer of 32 bits`},
		"number out of range":               {`{"lineItems":[{"quantity":1e400}]}`, `/lineItems/0/quantity: is out of range`},
		"dropped number out of range":       {`{"x":-1e400}`, `/x: is out of range`},
		"deep":                              {`{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `nested more than 64 levels deep`},
		"100,000 levels":                    {strings.Repeat("[", 100_000), `nested more than 64 levels deep`},
		"only a comma":                      {`{"lineItems":[,]}`, `/lineItems: this is not JSON: invalid character ',' at start of value (line 1, column 15)`},
		"two commas":                        {`{"lineItems":[1,,]}`, `/lineItems/1: this is not JSON: invalid character ',' at start of value (line 1, column 17)`},
		"comment without end":               {`{"lineItems":[] /* for ever }`, `this is not JSON`},
		"only a comment":                    {`/* nothing */`, `/: the request has no body, where JSON is expected`},
		"only a byte order mark":            {"\xef\xbb\xbf", `/: the request has no body, where JSON is expected`},
		"single quotes":                     {`{'lineItems':[]}`, `/: this is not JSON: invalid character '\'' at start of value (line 1, column 2)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := folding{tolerant: true}
			body, _, err := canonicalBody([]byte(tc.body), cartShape(t, f), f)
			var refused *commerce.Error
			if !errors.As(err, &refused) || refused.Code != commerce.CodeInvalidInput || len(refused.Data) != 1 {
				t.Fatalf("canonicalBody gave %s, %v; want 800002", body, err)
			}
			if !strings.Contains(refused.Data[0], tc.want) {
				t.Errorf("it says %q, want %q", refused.Data[0], tc.want)
			}
		})
	}
}

func TestPlainJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":1}`:                      `{"a":1}`,
		"\xef\xbb\xbf{}":               `   {}`,
		"{ // one\n}":                  "{       \n}",
		`{/* a "b" , ] */"a":1}`:       `{               "a":1}`,
		"[1,/* x\ny */]":               "[1     \n    ]",
		`[1, 2 , ]`:                    `[1, 2   ]`,
		`{"a":1,}`:                     `{"a":1 }`,
		`["//", "/*", ",]", "\",]//"]`: `["//", "/*", ",]", "\",]//"]`,
		`[,]`:                          `[,]`,
		`[1,,]`:                        `[1,,]`,
		`{"a":,}`:                      `{"a":,}`,
		`[/]`:                          `[/]`,
		`[1,]/*`:                       `[1 ]/*`,
		`"never closed \"`:             `"never closed \"`,
		`{"a":1}//`:                    `{"a":1}  `,
	} {
		in := []byte(body)
		if got := plainJSON(in); string(got) != want {
			t.Errorf("plainJSON(%q) = %q, want %q", body, got, want)
		}
		if string(in) != body {
			t.Errorf("plainJSON(%q) changed its argument", body)
		}
	}
}

// A megabyte of beginnings of comments must not take long: each of them may only be looked at once.
func TestPlainJSON_ManyUnclosedComments(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("/* "), maxBodyBytes/3)
	if got := plainJSON(body); !bytes.Equal(got, body) {
		t.Error("an unclosed comment was taken out")
	}
}

func TestUserOf(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"any": unnamedUser,
		"":    unnamedUser,
		"e30.eyJvaWQiOiJkYTYyYTBkYy0zNWU5LTQ2MDEtYjQ4ZS1hMDQ3YmQzZWM3YzEiLCJhcHBpZCI6IjlkYjEyMDg3LWZiYzMtNDgxYy04OTY1LTczZDQ0ZmY4OGUyNyJ9.x": "da62a0dc-35e9-4601-b48e-a047bd3ec7c1",
		"e30.eyJhcHBpZCI6IjlkYjEyMDg3LWZiYzMtNDgxYy04OTY1LTczZDQ0ZmY4OGUyNyJ9.x":                                                             "9db12087-fbc3-481c-8965-73d44ff88e27",
		"e30.eyJvaWQiOiJub2JvZHkifQ.x":                                         unnamedUser,
		"e30.eyJhenAiOiI5ZGIxMjA4Ny1mYmMzLTQ4MWMtODk2NS03M2Q0NGZmODhlMjcifQ.x": "9db12087-fbc3-481c-8965-73d44ff88e27", // azp
		"e30.!.x": unnamedUser,
	} {
		if got := userOf(token); got != want {
			t.Errorf("userOf(%q) = %q, want %q", token, got, want)
		}
	}
}

// shorten must cut between characters.
func TestShorten(t *testing.T) {
	t.Parallel()
	got := shorten(strings.Repeat("☃", 100), maxText)
	if encoded, _ := json.Marshal(got); bytes.Contains(encoded, []byte(`\ufffd`)) || len(got) > 204 {
		t.Errorf("shorten gave %d bytes: %q", len(got), got)
	}
}
