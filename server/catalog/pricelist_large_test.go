package catalog_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// A generated list has, for each product, five SKUs in four currencies, each sold in five ways: 100 lines a product.
const (
	linesOfProduct = 100
	skusOfProduct  = 5
)

var (
	largeMarkets = []struct{ country, currency string }{{"GB", "GBP"}, {"GB", "EUR"}, {"DE", "EUR"}, {"US", "USD"}}
	largeTerms   = []struct {
		duration, plan string
		cycle          model.BillingCycle
		factor         int // from the price of a month to that of the term
		want           func(month int) string
	}{
		{"P1M", "Monthly", model.BillingCycleMonthly, 1, func(m int) string { return fmt.Sprint(m) }},
		{"P1Y", "Monthly", model.BillingCycleMonthly, 12, func(m int) string { return fmt.Sprint(m) }},
		{"P1Y", "Annual", model.BillingCycleAnnual, 12, func(m int) string { return fmt.Sprint(12 * m) }},
		{"P3Y", "Annual", model.BillingCycleAnnual, 36, func(m int) string { return fmt.Sprint(12 * m) }},
		{"P3Y", "Triennial", model.BillingCycleTriennial, 36, func(m int) string { return fmt.Sprint(36 * m) }},
	}
)

func largeProduct(p int) string    { return fmt.Sprintf("CFQ%09d", p) }
func largeSKU(s int) string        { return fmt.Sprintf("%04d", s+1) }
func monthlyPrice(p, s, m int) int { return 1 + p%97 + 100*s + 1000*m }

// writeLargeList writes a list of so many products. Its markets are the outer loop, as in lists of a whole region, so
// that the lines of an item lie far from each other.
func writeLargeList(tb testing.TB, products int) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, header)
	for m, market := range largeMarkets {
		for p := range products {
			for s := range skusOfProduct {
				for _, term := range largeTerms {
					fmt.Fprintf(w, "Product %d,%s,%d,Variant %d of product %d,Microsoft Corporation,\"What %d does, in one sentence or two "+
						"so that the field is as long as in true lists, and variant %d of it.\",,%s,%s,%s,%s,%d,,,2025-04-01T00:00:00.0000000Z,"+
						"9999-11-30T23:59:59.0000000Z,License,%d.5,Commercial\n", p, largeProduct(p), s+1, s, p, p, s, term.duration, term.plan,
						market.country, market.currency, monthlyPrice(p, s, m)*term.factor, p)
				}
			}
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestPriceList_Large(t *testing.T) {
	t.Parallel()
	products := 2000
	if testing.Short() || raceDetector {
		products = 200
	}
	path := writeLargeList(t, products)

	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read, _, err := catalog.Read(path, f)
	if err != nil {
		t.Fatal(err)
	}
	skus, prices := 0, 0
	for _, p := range read {
		skus += len(p.SKUs)
	}
	all := items(read)
	for _, i := range all {
		for _, term := range i.Availability.Terms {
			prices += len(term.Prices)
		}
	}
	markets := len(largeMarkets)
	if len(read) != products || skus != products*skusOfProduct || len(all) != skus*markets || prices != products*linesOfProduct {
		t.Errorf("%d products, %d SKUs, %d availabilities, %d prices of %d products", len(read), skus, len(all), prices, products)
	}

	c, err := commerce.NewCatalog(read, nil)
	if err != nil {
		t.Fatal(err)
	}
	for p := 0; p < products; p += 7 {
		s, m := p%skusOfProduct, p%markets
		market := largeMarkets[m]
		id := largeProduct(p) + ":" + largeSKU(s) + ":" + idOf(largeProduct(p), largeSKU(s), market.country, market.currency, "commercial")
		item, ok := c.Find(id)
		if !ok {
			t.Fatalf("%s is not there", id)
		}
		if item.SKU.Title != fmt.Sprintf("Variant %d of product %d", s, p) || item.Product.Title != fmt.Sprintf("Product %d", p) {
			t.Errorf("%s is %q of %q", id, item.SKU.Title, item.Product.Title)
		}
		for _, want := range largeTerms {
			term := termOf(item.Availability, want.duration, want.cycle)
			if amount := want.want(monthlyPrice(p, s, m)); term == nil || term.Prices[0].Amount.String() != amount {
				t.Errorf("%s for %s, %s: %+v, want %s", id, want.duration, want.plan, term, amount)
			}
		}
	}
}

// BenchmarkPriceList loads a list of 200,000 lines and reports how many MB of heap are in use right after, when the
// catalogue and what was needed to make it are there, and when only the catalogue is left.
func BenchmarkPriceList(b *testing.B) {
	path := writeLargeList(b, 2000)
	b.ReportAllocs()
	var peak, kept float64
	for b.Loop() {
		c, err := catalog.Load(catalog.Options{Files: []string{path}})
		if err != nil {
			b.Fatal(err)
		}
		peak = max(peak, heapMB())
		runtime.GC()
		kept = heapMB()
		runtime.KeepAlive(c)
	}
	b.ReportMetric(peak, "MB-peak")
	b.ReportMetric(kept, "MB-kept")
}

func heapMB() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse) / (1 << 20)
}
