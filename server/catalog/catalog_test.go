package catalog_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// Every catalogue item that the documents' examples name is in the built-in catalogue.
func TestBuiltin(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "api", "examples", "*"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?i)"(?:catalogItemId|offerId)"\s*:\s*"([^"]+)"`)
	var ids []string
	for _, f := range files {
		for _, m := range named.FindAllStringSubmatch(string(readFile(t, f)), -1) {
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

// The built-in catalogue has items of every kind and with every behavior.
func TestBuiltin_Kinds(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for id, want := range map[string]commerce.Kind{
		"MS-AZR-0145P":                         commerce.KindAzure,
		"91FD106F-4B2C-4938-95AC-F54F74E9A239": commerce.KindOffer,
		"DZH318Z0BQ4B:0047:DZH318Z0DSM8":       commerce.KindReservation,
		"DG7GMGF0DWT0:0001:DG7GMGF0DSQR":       commerce.KindSoftware,
		"DG7GMGF0FKZV:0003:DG7GMGF0DQLM":       commerce.KindSoftwareSubscription,
		"DZH318Z0BXWC:0001:DZH318Z0BMJX":       commerce.KindSaaS,
		"CFQ7TTC0LH18:0001:CFQ7TTC0K971":       commerce.KindLicense,
		"DZH318Z09V6F:0001:DZH318Z0BLD3":       commerce.KindSavingsPlan,
		"DZH318Z0BPS6:0001:DZH318Z0BML6":       commerce.KindAzurePlan,
	} {
		if item, ok := c.Find(id); !ok || item.Product.Kind != want {
			t.Errorf("%s: found %v, kind %v, want %s", id, ok, item.Product, want)
		}
	}
	for id, want := range map[string]commerce.Behavior{
		"CARTWRIGHT:FAILS-ALWAYS:US":            commerce.FailsAlways,
		"CARTWRIGHT:FAILS-ONCE:US":              commerce.FailsOnce,
		"CARTWRIGHT:NEVER-PROVISIONED:US":       commerce.NeverProvisioned,
		"CARTWRIGHT:PROVISIONED-AFTER-A-DAY:US": commerce.ProvisionedAfterADay,
		"CARTWRIGHT:PENDING-REVIEW:US":          commerce.PendingReview,
		"DG7GMGF0D7FV:0001:42IS800HUNMB":        commerce.PendingPOUpload,
	} {
		if item, ok := c.Find(id); !ok || item.SKU.Behavior != want {
			t.Errorf("%s: found %v, SKU %v, want %s", id, ok, item.SKU, want)
		}
	}
}

// The prices that the documents print, digit by digit.
func TestBuiltin_Prices(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for _, row := range []struct {
		id, duration string
		cycle        model.BillingCycle
		want         string
	}{
		{"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", "P1M", model.BillingCycleMonthly, "36.48"},
		{"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", "P1Y", model.BillingCycleMonthly, "30.4"},
		{"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30", "P1M", model.BillingCycleMonthly, "34.56"},
		{"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30", "P1Y", model.BillingCycleAnnual, "345.6"},
		{"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30", "P1Y", model.BillingCycleMonthly, "30.24"},
		{"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30", "P3Y", model.BillingCycleTriennial, "1036.8"},
		{"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30", "P3Y", model.BillingCycleAnnual, "345.6"},
		{"CFQ7TTC0MBMD:002V:3KUMIUA6AS21", "P1M", model.BillingCycleNone, "0"},
	} {
		item, ok := c.Find(row.id)
		if !ok {
			t.Errorf("%s is not there", row.id)
			continue
		}
		term := termOf(item.Availability, row.duration, row.cycle)
		if term == nil || len(term.Prices) != 1 || term.Prices[0].Amount.String() != row.want {
			t.Errorf("%s for %s, %s: %+v, want the price %s", row.id, row.duration, row.cycle, term, row.want)
		}
	}
}

// An availability id that the file calls ours is the one that a price list would give the SKU.
func TestBuiltin_OwnIDs(t *testing.T) {
	t.Parallel()
	products, _, err := catalog.Read("builtin.yaml", bytes.NewReader(readFile(t, "builtin.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile(`id: (\S+) # ours`).FindAllStringSubmatch(string(readFile(t, "builtin.yaml")), -1)
	if len(ours) < 9 {
		t.Errorf("the file calls only %v ours", ours)
	}
	for _, m := range ours {
		id := m[1]
		var made string
		for _, i := range items(products) {
			if a := i.Availability; a.ID == id {
				made = idOf(i.Product.ID, i.SKU.ID, a.Country, a.Currency, a.Segment)
			}
		}
		if made != id {
			t.Errorf("availability %s should be %s", id, made)
		}
	}
}

// What promotions need is in the file: their SKUs are sold in the way that they name.
func TestBuiltin_Promotions(t *testing.T) {
	t.Parallel()
	products, promotions, err := catalog.Read("builtin.yaml", bytes.NewReader(readFile(t, "builtin.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	if len(promotions) != 4 {
		t.Errorf("there are %d promotions, want 4", len(promotions))
	}
	for _, promotion := range promotions {
		sold := false
		for _, i := range items(products) {
			same := i.Product.ID == promotion.Product && i.SKU.ID == promotion.SKU
			sold = sold || same && termOf(i.Availability, promotion.Duration, promotion.BillingCycle) != nil
		}
		if !sold {
			t.Errorf("promotion %s is for what is not sold", promotion.ID)
		}
	}
	if end, want := promotions[1].To, time.Date(2021, 10, 14, 23, 59, 59, 0, time.UTC); !end.Equal(want) {
		t.Errorf("promotion %s ends at %v, want %v", promotions[1].ID, end, want)
	}
}

// The base of each add-on of the file is in the file.
func TestBuiltin_Prerequisites(t *testing.T) {
	t.Parallel()
	products, _, err := catalog.Read("builtin.yaml", bytes.NewReader(readFile(t, "builtin.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	bases := make(map[string]bool)
	for _, i := range items(products) {
		if i.Product.Kind.Legacy() {
			bases[i.SKU.ID] = true
		} else {
			bases[i.Product.ID+":"+i.SKU.ID] = true
		}
	}
	addOns := 0
	for _, i := range items(products) {
		for _, base := range i.SKU.Prerequisites {
			if addOns++; !bases[base] {
				t.Errorf("SKU %s is an add-on of %s, which is not in the file", i.SKU.ID, base)
			}
		}
	}
	if addOns != 4 {
		t.Errorf("there are %d add-ons, want 4", addOns)
	}
}

const e3 = `
market: {country: US, currency: USD}
products:
  - {id: CFQ7TTC0LFLX, skus: [{id: '0001', title: Changed, behavior: fails_once}]}
`

func TestLoad(t *testing.T) {
	t.Parallel()
	const item = "CFQ7TTC0LFLX:0001:CFQ7TTC0LB30"
	changed := writeFile(t, "changed.yaml", e3)
	c, err := catalog.Load(catalog.Options{Builtin: true, Files: []string{changed, filepath.Join("testdata", "licenses-2025.csv")}})
	if err != nil {
		t.Fatal(err)
	}
	found, ok := c.Find(item)
	if !ok || found.SKU.Behavior != commerce.FailsOnce || found.SKU.Title != "Changed" || len(found.Availability.Terms) != 5 {
		t.Errorf("%s is %+v, want what the file says, with the terms of the built-in catalogue", item, found.SKU)
	}
	// The price list takes the place of the built-in availability of the same id, which had another way to pay.
	listed, ok := c.Find("CFQ7TTC0HDK0:0001:E4P597G18UBC")
	if !ok || len(listed.Availability.Terms) != 3 || listed.Availability.Terms[0].Prices[0].From.IsZero() {
		t.Errorf("found %+v, want the one of the price list", listed.Availability)
	}

	c, err = catalog.Load(catalog.Options{Files: []string{filepath.Join("testdata", "sample.json")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Find(item); ok {
		t.Errorf("%s is there without the built-in catalogue", item)
	}
}

// A later file takes back what an earlier one says of a SKU.
func TestLoad_TakesBack(t *testing.T) {
	t.Parallel()
	back := writeFile(t, "back.yaml", `products: [{id: CFQ7TTC0LFLX, skus: [{id: '0001', behavior: usual}]},
  {id: CFQ7TTC0MBMD, skus: [{id: 002V, trial: false}]}, {id: CARTWRIGHT, skus: [{id: ATTESTATION, enforceAttestation: false}]}]`)
	c, err := catalog.Load(catalog.Options{Builtin: true, Files: []string{writeFile(t, "changed.yaml", e3), back}})
	if err != nil {
		t.Fatal(err)
	}
	for id, back := range map[string]func(*commerce.SKU) bool{
		"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30": func(s *commerce.SKU) bool { return s.Behavior == commerce.Usual },
		"CFQ7TTC0MBMD:002V:3KUMIUA6AS21": func(s *commerce.SKU) bool { return !*s.Trial },
		"CARTWRIGHT:ATTESTATION:US":      func(s *commerce.SKU) bool { return !*s.EnforceAttestation },
	} {
		if i, ok := c.Find(id); !ok || !back(i.SKU) {
			t.Errorf("%s is still %+v", id, i.SKU)
		}
	}
}

// A price list prices what the built-in catalogue sells, where the documents' own ids name it; only what is new gets an id of
// the list's.
func TestLoad_PricesOfKnownItems(t *testing.T) {
	t.Parallel()
	e3 := func(changes ...string) string {
		return row(append([]string{"ProductId", "CFQ7TTC0LFLX", "SkuId", "1"}, changes...)...)
	}
	prices := writeFile(t, "prices.csv", list(e3("UnitPrice", "372"), e3("TermDuration", "P3Y", "UnitPrice", "1080"), e3("Segment", "Charity")))
	c, err := catalog.Load(catalog.Options{Builtin: true, Files: []string{prices}})
	if err != nil {
		t.Fatal(err)
	}
	known, ok := c.Find("CFQ7TTC0LFLX:0001:CFQ7TTC0LB30")
	if !ok || len(known.Availability.Terms) != 5 {
		t.Fatalf("the built-in item is %+v", known.Availability)
	}
	amounts := map[string]string{}
	for _, term := range known.Availability.Terms {
		amounts[term.Duration+" "+string(term.BillingCycle)] = term.Prices[0].Amount.String()
	}
	want := map[string]string{"P1M monthly": "34.56", "P1Y annual": "345.6", "P1Y monthly": "31", "P3Y triennial": "1036.8", "P3Y annual": "345.6"}
	if diff := cmp.Diff(want, amounts); diff != "" {
		t.Errorf("prices of the built-in item (-want +got):\n%s", diff)
	}
	for id, cycle := range map[string]string{
		idOf("CFQ7TTC0LFLX", "0001", "US", "USD", "commercial"): "P3Y monthly",
		idOf("CFQ7TTC0LFLX", "0001", "US", "USD", "nonprofit"):  "P1Y monthly",
	} {
		added, ok := c.Find("CFQ7TTC0LFLX:0001:" + id)
		if !ok || len(added.Availability.Terms) != 1 || added.Availability.Terms[0].Duration+" "+string(added.Availability.Terms[0].BillingCycle) != cycle {
			t.Errorf("%s is %+v, want %s alone", id, added.Availability, cycle)
		}
	}
	if len(known.SKU.Availabilities) != 4 {
		t.Errorf("the SKU has %d availabilities, want the two that it had and two", len(known.SKU.Availabilities))
	}
}

func TestLoad_Progress(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "licenses-2025.csv")
	data := readFile(t, path)
	var seen bytes.Buffer
	_, err := catalog.Load(catalog.Options{
		Builtin: true, Files: []string{path},
		Progress: func(p string, size int64, file io.Reader) io.Reader {
			if p != path || size != int64(len(data)) {
				t.Errorf("Progress was told %s of %d bytes, want %s of %d", p, size, path, len(data))
			}
			return io.TeeReader(file, &seen)
		},
	})
	if err != nil || !bytes.Equal(seen.Bytes(), data) {
		t.Errorf("error %v, %d bytes passed, want %d", err, seen.Len(), len(data))
	}
}

func TestLoad_Refuses(t *testing.T) {
	t.Parallel()
	good := filepath.Join("testdata", "licenses-2025.csv")
	for name, row := range map[string]struct {
		files []string
		want  string
	}{
		"no files":             {nil, "no catalogue: "},
		"no such file":         {[]string{good, "no-such.csv"}, "open no-such.csv: "},
		"a folder":             {[]string{"testdata"}, "testdata: the extension"},
		"unknown extension":    {[]string{writeFile(t, "prices.xlsx", "x")}, `the extension ".xlsx" is none of .csv, .json, .yaml, .yml`},
		"no extension":         {[]string{writeFile(t, "prices", "x")}, `the extension "" is none of`},
		"the second is broken": {[]string{good, writeFile(t, "b.json", "[")}, "b.json:1:2: "},
		"no item":              {[]string{writeFile(t, "a.yaml", "market: {}")}, "a.yaml: the catalogue is empty"},
		"only headers":         {[]string{writeFile(t, "a.csv", header+"\n")}, "a.csv: the catalogue is empty"},
		"nothing to change":    {[]string{writeFile(t, "a.yaml", e3)}, "a.yaml:4:5: product CFQ7TTC0LFLX needs a kind"},
		"no SKU": {
			[]string{writeFile(t, "a.yaml", "products: [{id: P, kind: saas}]")}, "a.yaml:1:12: product P needs a kind and SKUs",
		},
		"SKU without availabilities": {
			[]string{writeFile(t, "a.yaml", "products: [{id: P, kind: saas, skus: [{id: S}]}]")},
			"a.yaml:1:12: SKU S of product P needs availabilities",
		},
		"limits of two files that do not fit": {
			[]string{
				writeFile(t, "a.yaml", file),
				writeFile(t, "b.yaml", "products: [{id: P, skus: [{id: S, minimumQuantity: 6}]}]"),
			},
			"b.yaml: catalogue item P:S:A: quantities 6 to 5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := catalog.Load(catalog.Options{Files: row.files})
			if c != nil || err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Load gave %v, %v, want %q", c, err, row.want)
			}
		})
	}
}

func builtin(t *testing.T) *commerce.Catalog {
	t.Helper()
	c, err := catalog.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// writeFile writes a file of this name into a folder of its own and gives its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// items gives each availability with its product and SKU.
func items(products []commerce.Product) []commerce.Item {
	var all []commerce.Item
	for p := range products {
		for s := range products[p].SKUs {
			sku := &products[p].SKUs[s]
			for a := range sku.Availabilities {
				all = append(all, commerce.Item{Product: &products[p], SKU: sku, Availability: &sku.Availabilities[a]})
			}
		}
	}
	return all
}

func termOf(a *commerce.Availability, duration string, cycle model.BillingCycle) *commerce.Term {
	for i, t := range a.Terms {
		if t.Duration == duration && t.BillingCycle == cycle {
			return &a.Terms[i]
		}
	}
	return nil
}
