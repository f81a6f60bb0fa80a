package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/catalog"
)

// Every catalogue item that the documents' examples name is in the built-in catalogue.
func TestBuiltin(t *testing.T) {
	t.Parallel()
	c, err := catalog.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "api", "examples", "*"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?i)"(?:catalogItemId|offerId)"\s*:\s*"([^"]+)"`)
	var ids []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(data), -1) {
			ids = append(ids, m[1])
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) < 12 {
		t.Errorf("the examples name only %v", ids)
	}
	for _, id := range ids {
		if _, ok := c.Find(id); !ok {
			t.Errorf("the examples name %s, the catalogue does not have it", id)
		}
	}
}

// The prices that the documents print, digit by digit.
func TestBuiltin_Prices(t *testing.T) {
	t.Parallel()
	c, err := catalog.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H": "36.48", "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5": "30.4"} {
		item, _ := c.Find(id)
		if term := item.Availability.Terms[0]; term.ListPrice == nil || term.ListPrice.String() != want || term.BillingCycle != model.BillingCycleMonthly {
			t.Errorf("%s is sold as %+v, want %s monthly", id, term, want)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	const file = `
market: {country: US, currency: USD}
products:
  - id: P
    title: P
    kind: saas
    purchaseSystem: modern
    skus:
      - maximumQuantity: 1
        availabilities:
          - terms:
              - {duration: P1M, billingCycle: monthly, listPrice: 1.5}
`
	if _, err := catalog.Parse([]byte(file)); err != nil {
		t.Fatalf("the file that the others are made from: %v", err)
	}
	for want, change := range map[string][2]string{
		"field colour not found":       {"title: P", "colour: red"},
		`line 12: "dear" is no amount`: {"1.5", "dear"},
		`billing cycle "weekly"`:       {"monthly", "weekly"},
		"cannot unmarshal":             {"maximumQuantity: 1", "maximumQuantity: many"},
		`purchase system "ancient"`:    {"modern", "ancient"},
		`kind "toaster" is unknown`:    {"saas", "toaster"},
		"read catalogue":               {"market:", "\tmarket:"},
	} {
		if _, err := catalog.Parse([]byte(strings.Replace(file, change[0], change[1], 1))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse gave %v, want %q", err, want)
		}
	}
}
