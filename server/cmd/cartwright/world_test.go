package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const priceList = `ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment
Our licence,CFQ7OURS0001,1,Our licence,Contoso,Ours,,P1Y,Monthly,GB,GBP,120,,,2024-05-01T00:00:00.0000000Z,9999-11-30T23:59:59.0000000Z,License,150,Commercial
`

// A team's own world: its price list in place of the built-in catalogue, its customers, the sandbox's limits.
func TestWorld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "prices.csv", priceList)
	write(t, dir, "customers.yaml", `customers:
  - id: D6BF25B7-e0a8-4f2d-a31b-97b55cfc774d
    country: gb
  - {id: 00000000-0000-0000-0000-000000000001, agreementAccepted: false}
`)
	p := start(t, dir, "--store", "memory", "--builtin-catalog=false", "--catalog", "prices.csv",
		"--customers", "customers.yaml", "--environment", "sandbox", "--list-delay", "15m")
	const customer = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"
	get := func(path, want string) string {
		t.Helper()
		status, body := p.send("GET", path, "")
		if !strings.Contains(body, want) {
			t.Errorf("GET %s: %d, want %s in\n%s", path, status, want, body)
		}
		return body
	}
	get(customer+"/products?targetView=OnlineServices", `"totalCount":1`)
	get("/v1/products/CFQ7TTC0LF8S?country=US", "400013")
	get("/v1/customers/00000000-0000-0000-0000-000000000002/orders", "60003")
	availabilities := get(customer+"/products/CFQ7OURS0001/skus/0001/availabilities", `"catalogItemId":"CFQ7OURS0001:0001:`)
	_, item, _ := strings.Cut(availabilities, `"catalogItemId":"`)
	item, _, _ = strings.Cut(item, `"`)

	cart := func(quantity string) string {
		return `{"lineItems":[{"catalogItemId":"` + item + `","quantity":` + quantity + `,"billingCycle":"monthly","termDuration":"P1Y"}]}`
	}
	post := func(path, body, want string) string {
		t.Helper()
		status, answer := p.send("POST", path, body)
		if !strings.Contains(answer, want) {
			t.Errorf("POST %s: %d, want %s in\n%s", path, status, want, answer)
		}
		_, id, _ := strings.Cut(answer, `/carts/`)
		id, _, _ = strings.Cut(id, `"`)
		return id
	}
	post(customer+"/carts", cart("26"), `"errorCode":10009`)
	id := post(customer+"/carts", cart("2"), `"pricing":{"discountedPrice":10,"extendedPrice":240,"listPrice":10,"price":10,"proratedPrice":10}`)
	post(customer+"/carts/"+id+"/checkout", "", `"totalPrice":240`)
	get(customer+"/orders", `"totalCount":0`) // it is too young for the list
	const other = "/v1/customers/00000000-0000-0000-0000-000000000001"
	id = post(other+"/carts", cart("2"), `"lineItems"`)
	post(other+"/carts/"+id+"/checkout", "", "13605")
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM ends it with %d:\n%s", code, read(t, p.stderr))
	}
}

func TestReadCustomers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "good.json", `{"customers": [{"id": "D6BF25B7-E0A8-4F2D-A31B-97B55CFC774D", "country": "us", "agreementAccepted": false}]}`)
	got, err := readCustomers(filepath.Join(dir, "good.json"))
	want := []commerce.Customer{{ID: "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", Country: "US", NoAgreement: true}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(commerce.Owned{})); diff != "" || err != nil {
		t.Errorf("customers differ, error %v (-want +got):\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"customers: [{id: x}]": `bad.yaml: line 1: the id "x" is no GUID`,
		"customers:\n  - id: d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d\n    country: USA\n":                             `line 2: the country "USA" is not two letters`,
		"customers:\n  - id: d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d\n  - id: D6BF25B7-E0A8-4F2D-A31B-97B55CFC774D\n": "line 3: customer D6BF25B7-E0A8-4F2D-A31B-97B55CFC774D is in line 2 already",
		"customers:\n  - id: d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d\n    contry: US\n":                               `line 3: a customer has id, country and agreementAccepted, not "contry"`,
		"":                                    "there are no customers in it",
		"customers: null":                     "there are no customers in it",
		"customers:\n  -\n":                   "there are no customers in it",
		"customers: []\n---\ncustomers: []\n": "a second document follows the first",
		"clients: []":                         "line 1: field clients not found",
		"customers: 7":                        "line 1: cannot unmarshal",
		"{":                                   "bad.yaml",
	} {
		write(t, dir, "bad.yaml", text)
		if got, err := readCustomers(filepath.Join(dir, "bad.yaml")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, %v; want %q", text, got, err, want)
		}
	}
}
