package catalog_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// The sample says everything that can be said, and all of it arrives.
func TestParse_Everything(t *testing.T) {
	t.Parallel()
	products, promotions, err := catalog.Read("sample.json", bytes.NewReader(readFile(t, filepath.Join("testdata", "sample.json"))))
	if err != nil {
		t.Fatal(err)
	}
	want := []commerce.Product{{
		ID: "DZH318Z09V6F", Title: "Azure savings plan 😀", Description: "A plan.", Publisher: "Microsoft", Kind: commerce.KindSavingsPlan,
		SKUs: []commerce.SKU{{
			ID: "0001", Title: "One year", Description: "A plan for a year.", MinimumQuantity: 1, MaximumQuantity: 2, Trial: new(true),
			Prerequisites:         []string{"DZH318Z0BPS6:0001", "MS-AZR-0145P"},
			ProvisioningVariables: []string{"Scope", "SubscriptionId", "Duration"}, EnforceAttestation: new(true),
			MinimumCommitment: decimal.RequireFromString("0.001"), Behavior: commerce.PendingReview,
			Availabilities: []commerce.Availability{{
				ID: "DZH318Z0BLD3", Country: "GB", Currency: "GBP", CurrencySymbol: "£", Segment: "education",
				Terms: []commerce.Term{
					{Duration: "P1Y", BillingCycle: model.BillingCycleOneTime, Prices: []commerce.Price{{Amount: decimal.RequireFromString("438.1")}}},
					{Duration: "P1Y", BillingCycle: model.BillingCycleMonthly, Prices: []commerce.Price{
						{
							Amount: decimal.RequireFromString("12345678901234567.89"), Min: 1, Max: 10,
							From: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 4, 30, 21, 59, 59, 5e8, time.UTC),
						},
						{Amount: decimal.Decimal{}},
					}},
				},
			}},
		}},
	}}
	if diff := cmp.Diff(want, products, byValue); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	wantPromotions := []commerce.Promotion{{
		ID: "P:0001:Q", Name: "A twentieth", Product: "DZH318Z09V6F", SKU: "0001", Duration: "P1Y", BillingCycle: model.BillingCycleMonthly,
		Discount: decimal.RequireFromString("0.05"), Automatic: true, MinSeats: 1, MaxSeats: 2,
		From: time.Date(2021, 9, 23, 0, 0, 0, 0, time.UTC), To: time.Date(2021, 10, 14, 0, 0, 0, 0, time.UTC),
	}}
	if diff := cmp.Diff(wantPromotions, promotions, byValue); diff != "" {
		t.Errorf("promotions (-want +got):\n%s", diff)
	}
}

var byValue = cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })

// An availability has the market of the file where it does not say otherwise, and a symbol never goes with another
// currency.
func TestParse_Market(t *testing.T) {
	t.Parallel()
	for own, want := range map[string]commerce.Availability{
		"{}":                   {Country: "US", Currency: "USD", CurrencySymbol: "$", Segment: "education"},
		"{segment: nonprofit}": {Country: "US", Currency: "USD", CurrencySymbol: "$", Segment: "nonprofit"},
		"{currencySymbol: X}":  {Country: "US", Currency: "USD", CurrencySymbol: "X", Segment: "education"},
		"{country: GB, currency: GBP}": {
			Country: "GB", Currency: "GBP", Segment: "education",
		},
	} {
		text := strings.NewReplacer("currency: USD", "currency: USD, currencySymbol: $, segment: education", "terms:", "market: "+own+"\n            terms:")
		products, _, err := catalog.Read("a.yaml", strings.NewReader(text.Replace(file)))
		if err != nil {
			t.Errorf("%s: %v", own, err)
			continue
		}
		got := products[0].SKUs[0].Availabilities[0]
		got.ID, got.Terms = "", nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", own, diff)
		}
	}
}

// file is what the refused files are made from, by one change each.
const file = `
market: {country: US, currency: USD}
products:
  - id: P
    title: P
    kind: saas
    skus:
      - id: S
        maximumQuantity: 5
        availabilities:
          - id: A
            terms:
              - {duration: P1M, billingCycle: monthly, listPrice: 1.5}
promotions:
  - {id: Q, product: P, sku: S, billingCycle: monthly, discount: 0.1}
`

// refused are changes of the file, with what the reader says of them. Those with a schema are refused by
// catalog.schema.json too; what the others do wrong cannot be said in a schema.
var refused = []struct {
	name, old, new, want string
	schema               bool
}{
	{"unknown key", "title: P", "colour: red", `a.yaml:5:5: products[0]: unknown key "colour", the keys here are id, title, `, true},
	{"unknown key at the top", "market:", "prices: []\nmarket:", `a.yaml:2:1: unknown key "prices"`, true},
	{"key that is gone", "title: P", "subscription: true", `unknown key "subscription"`, true},
	{"unknown kind", "saas", "toaster", `a.yaml:6:11: products[0].kind: "toaster" is none of azure, `, true},
	{"unknown behavior", "maximumQuantity: 5", "behavior: sulks", `a.yaml:9:19: products[0].skus[0].behavior: "sulks" is none of`, true},
	{"unknown cycle", "billingCycle: monthly, listPrice", "billingCycle: weekly, listPrice", `"weekly" is none of monthly, `, true},
	{"cycle in capitals", "billingCycle: monthly, listPrice", "billingCycle: Monthly, listPrice", `"Monthly" is none of`, true},
	{"unknown term", "P1M", "P2Y", `a.yaml:13:28: products[0].skus[0].availabilities[0].terms[0].duration: "P2Y" is none of P1M, P1Y, P3Y`, true},
	{"unknown segment", "currency: USD", "currency: USD, segment: charity", `a.yaml:2:47: market.segment: "charity" is none of`, true},
	{"unknown variable", "maximumQuantity: 5", "provisioningVariables: [Colour]", `"Colour" is none of`, true},
	{"country", "country: US", "country: us", `"us" is no code of 2 upper-case letters`, true},
	{"currency", "currency: USD", "currency: US$", `"US$" is no code of 3`, true},
	{"price in letters", "1.5", "dear", "a.yaml:13:67: products[0].skus[0].availabilities[0].terms[0].listPrice: a number is wanted", true},
	{"price in quotes", "1.5", "'1.5'", "a number is wanted", true},
	{"negative price", "1.5", "-1.5", `"-1.5" is no amount`, true},
	{"no price", "1.5", "", "a number is wanted", true},
	{"price with an exponent", "1.5", "1e3", `"1e3" is no amount`, false},
	{"hexadecimal price", "1.5", "0x10", `"0x10" is no amount`, false},
	{"infinite price", "1.5", ".inf", `".inf" is no amount`, false},
	{"very long price", "1.5", "1234567890123456789012345", "is no amount", false},
	{"no price in the list", "listPrice: 1.5", "prices: []", "a list that is not empty is wanted", true},
	{"price without amount", "listPrice: 1.5", "prices: [{from: 2025-01-01}]", "terms[0].prices[0]: amount is missing", true},
	{"cycle longer than the term", "billingCycle: monthly, listPrice", "billingCycle: annual, listPrice", "a term of P1M is not billed annual", false},
	{"kind without terms", "saas", "software", `kind software is not sold with the term "P1M"`, false},
	{"both sorts of price", "listPrice: 1.5", "listPrice: 1.5, prices: [{amount: 1}]", "listPrice: it cannot stand beside prices", true},
	{"bad date", "listPrice: 1.5", "prices: [{amount: 1, from: 1/4/2025}]", `"1/4/2025" is no date like`, true},
	{"date that is a number", "listPrice: 1.5", "prices: [{amount: 1, from: 2025}]", "a date is wanted", true},
	{"date that is not", "listPrice: 1.5", "prices: [{amount: 1, from: '2025-02-30'}]", `"2025-02-30" is no date like`, false},
	{"end before beginning", "listPrice: 1.5", "prices: [{amount: 1, from: 2025-02-01, to: 2025-02-01}]", "prices[0].to: it is not after from", false},
	{"empty tier", "listPrice: 1.5", "prices: [{amount: 1, minimumQuantity: 3, maximumQuantity: 2}]", "3 is above maximumQuantity 2", false},
	{"quantity in letters", "maximumQuantity: 5", "maximumQuantity: many", "skus[0].maximumQuantity: an integer is wanted", true},
	{"quantity of 0", "maximumQuantity: 5", "maximumQuantity: 0", "0 is no integer from 1", true},
	{"quantity below 0", "maximumQuantity: 5", "maximumQuantity: -1", "-1 is no integer from 1", true},
	{"quantity with decimals", "maximumQuantity: 5", "maximumQuantity: 1.5", "an integer is wanted", true},
	{"very large quantity", "maximumQuantity: 5", "maximumQuantity: 2147483648", "2147483648 is no integer from 1", true},
	{"empty range of quantities", "maximumQuantity: 5", "minimumQuantity: 6\n        maximumQuantity: 5", "6 is above maximumQuantity 5", false},
	{"id without quotes", "id: S", "id: 0001", "skus[0].id: a string (in quotes, if it looks like a number) is wanted", true},
	{"id with a colon", "id: S", "id: 'S:T'", `"S:T" is no id`, true},
	{"no id", "id: A\n            terms", "terms", "a.yaml:11:13: products[0].skus[0].availabilities[0]: id is missing", true},
	{"legacy offer with an availability id", "saas", "offer", "an availability of a legacy offer has no id", true},
	{"blank title", "title: P", "title: ' '", "title: it is blank", true},
	{"no title", "title: P", "title:", "title: a string", true},
	{"flag in letters", "maximumQuantity: 5", "trial: perhaps", "true or false is wanted", true},
	{"key twice", "title: P", "kind: offer", "a.yaml:6:5: products[0]: the key \"kind\" stands here twice", false},
	{"no list", "{duration: P1M, billingCycle: monthly, listPrice: 1.5}", "P1M", "terms[0]: keys with values are wanted", true},
	{"no cycle", "billingCycle: monthly, listPrice", "listPrice", "terms[0]: billingCycle is missing", true},
	{"base that is none", "maximumQuantity: 5", "prerequisites: ['A:B:C']", `"A:B:C" is neither product:sku nor`, true},
	{"base that is a number", "maximumQuantity: 5", "prerequisites: [1]", "prerequisites[0]: a string is wanted", true},
	{"no market", "country: US, currency: USD", "", "availabilities[0].market: neither it nor the market at the top", false},
	{"discount above 1", "discount: 0.1", "discount: 1.1", "promotions[0].discount: 1.1 is above 1", true},
	{"promotion without a SKU", "sku: S, ", "", "promotions[0]: sku is missing", true},
	{"product twice", "promotions:", "  - {id: p}\npromotions:", "a.yaml:14:5: products[1]: p stands in this list twice", false},
	{"SKU twice", "promotions:", "      - {id: s}\npromotions:", "a.yaml:14:9: products[0].skus[1]: s stands in this list twice", false},
	{"promotion twice", "discount: 0.1}", "discount: 0.1}\n  - {id: q, product: P, sku: S, billingCycle: none, discount: 0}", "q stands in this list twice", false},
	{"availability twice", "listPrice: 1.5}", "listPrice: 1.5}\n          - {id: a, terms: [{billingCycle: none}]}", "a in us stands in this list twice", false},
	{"term twice", "listPrice: 1.5}", "listPrice: 1.5}\n              - {duration: P1M, billingCycle: monthly}", "p1m monthly stands in this list twice", false},
	{"alias", "title: P\n    kind: saas", "title: &k saas\n    kind: *k", "products[0].kind: a string", false},
	{"tab", "    title", "\ttitle", ": found a tab character", false},
	{"second document", "promotions:", "---\npromotions:", "a.yaml:14:1: a second document begins", false},
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	if _, err := catalog.Parse("a.yaml", strings.NewReader(file)); err != nil {
		t.Fatalf("the file that the others are made from: %v", err)
	}
	for _, row := range refused {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c, err := catalog.Parse("a.yaml", strings.NewReader(change(t, row.old, row.new)))
			if c != nil || err == nil || !strings.HasPrefix(err.Error(), "a.yaml:") || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Parse gave %v, want %q", err, row.want)
			}
		})
	}
}

// change gives the file with a change in it.
func change(t *testing.T, old, replacement string) string {
	t.Helper()
	changed := strings.Replace(file, old, replacement, 1)
	if changed == file {
		t.Fatalf("the file has no %q", old)
	}
	return changed
}

func TestParse_RefusesJSON(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want string }{
		"empty":            {"", "a.json:1:1: the JSON ends early"},
		"cut":              {"{\n\t\"products\": [", "a.json:2:15: the JSON ends early"},
		"comment":          {"{ // no\n}", "a.json:1:3: invalid character '/'"},
		"comma":            {"{\"market\": {},\n}", "a.json:2:1: invalid character '}'"},
		"two values":       {"{}\n{}", "a.json:2:1: something follows the JSON value"},
		"comma at the end": {"{},", "a.json:1:3: something follows the JSON value"},
		"no object":        {"[]", "a.json:1:1: keys with values are wanted"},
		"null":             {"\n null", "a.json:2:2: keys with values are wanted"},
		"key twice":        {"{\"market\": {},\n \"market\": {}}", `a.json:2:2: the key "market" stands here twice`},
		"unknown key":      {"{\n\t\"colour\": 1}", `a.json:2:2: unknown key "colour"`},
		"wrong type":       {"{\n\t\"market\": {\"country\": 44}}", "a.json:2:24: market.country: a string"},
		"wrong bracket":    {"{\"products\": [}", "a.json:1:15: "},
		"too deep":         {strings.Repeat("[", 200), "a.json:1:102: the JSON is nested too deeply"},
		"not UTF-8":        {"{\"\xff\": 1}", "a.json: the file is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c, err := catalog.Parse("a.json", strings.NewReader(row.text)); c != nil || err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("Parse gave %v, want %q", err, row.want)
			}
		})
	}
}

// Editors of Windows begin a file with a byte-order mark.
func TestParse_ByteOrderMark(t *testing.T) {
	t.Parallel()
	sample := readFile(t, filepath.Join("testdata", "sample.json"))
	for name, text := range map[string]string{"a.json": string(sample), "a.yaml": file} {
		if _, err := catalog.Parse(name, strings.NewReader("\ufeff"+text)); err != nil {
			t.Error(err)
		}
	}
}

func TestParse_RefusesEmptyYAML(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		if c, err := catalog.Parse("a.yaml", strings.NewReader(text)); c != nil || err == nil || !strings.HasPrefix(err.Error(), "a.yaml:") {
			t.Errorf("Parse of %q gave %v, %v", text, c, err)
		}
	}
}
