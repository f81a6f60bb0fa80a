package catalog_test

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"io"
	"os"
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

const header = "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,Currency," +
	"UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment"

// row is a line of a price list with some fields changed, which are named by their headers.
func row(changes ...string) string {
	headers := strings.Split(header, ",")
	fields := strings.Split("Office 365 E5,CFQ7TTC0LF8S,1,Office 365 E5 without Audio Conferencing,Microsoft Corporation,All of it,,P1Y,Monthly,US,USD,"+
		"364.8,,,2025-04-01T00:00:00.0000000Z,9999-11-30T23:59:59.0000000Z,License,456,Commercial", ",")
	for i := 0; i < len(changes); i += 2 {
		for h := range headers {
			if headers[h] == changes[i] {
				fields[h] = changes[i+1]
			}
		}
	}
	return strings.Join(fields, ",")
}

func list(rows ...string) string { return header + "\n" + strings.Join(rows, "\n") + "\n" }

// idOf makes the id of an availability as the documentation of the package says.
func idOf(key ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(key, ":"))))
	return base32.HexEncoding.EncodeToString(sum[:])[:12]
}

// readList reads a price list that is right.
func readList(t *testing.T, text string) []commerce.Product {
	t.Helper()
	products, _, err := catalog.Read("prices.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return products
}

// term reads a price list of one line and gives the term that it makes.
func term(t *testing.T, changes ...string) commerce.Term {
	t.Helper()
	return readList(t, list(row(changes...)))[0].SKUs[0].Availabilities[0].Terms[0]
}

// The forms in which lists were seen. The two prices of the software are made up.
func TestPriceList_Forms(t *testing.T) {
	t.Parallel()
	for _, form := range []struct {
		file, item, duration string
		cycle                model.BillingCycle
		kind                 commerce.Kind
		segment              string
		trial                bool
		want                 commerce.Price
	}{
		{
			"licenses-2021.csv", "CFQ7TTC0HDK0:0001:E4P597G18UBC", "P1Y", model.BillingCycleAnnual, commerce.KindLicense, "commercial", false,
			commerce.Price{Amount: dec("115.2"), From: date(2019, 2, 1), To: time.Date(2021, 2, 4, 20, 35, 31, 0, time.UTC)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0HDK0:0001:E4P597G18UBC", "P1Y", model.BillingCycleMonthly, commerce.KindLicense, "commercial", false,
			commerce.Price{Amount: dec("10.08"), From: date(2025, 4, 1)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0HDK0:000B:R6RUKM7BJJC8", "P1Y", model.BillingCycleAnnual, commerce.KindLicense, "nonprofit", false,
			commerce.Price{Amount: dec("51.84"), From: date(2024, 5, 1)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0MBMD:002V:3KUMIUA6AS21", "P1M", model.BillingCycleNone, commerce.KindLicense, "commercial", true,
			commerce.Price{Amount: dec("0"), From: date(2024, 4, 1)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0N13S:000N:" + idOf("CFQ7TTC0N13S:000N:US:USD:education"), "P3Y", model.BillingCycleMonthly,
			commerce.KindLicense, "education", false,
			commerce.Price{Amount: dec("78.75"), From: date(2025, 4, 1)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0N13S:000N:" + idOf("CFQ7TTC0N13S:000N:US:USD:education"), "P3Y", model.BillingCycleAnnual,
			commerce.KindLicense, "education", false,
			commerce.Price{Amount: dec("900"), From: date(2024, 5, 1)},
		},
		{
			"licenses-2025.csv", "CFQ7TTC0N13S:0012:" + idOf("CFQ7TTC0N13S:0012:US:USD:education"), "P3Y", model.BillingCycleTriennial,
			commerce.KindLicense, "education", false,
			commerce.Price{Amount: dec("16200"), From: date(2024, 5, 1)},
		},
		{
			"software.csv", "DG7GMGF0D5SL:0007:" + idOf("DG7GMGF0D5SL:0007:US:USD:commercial"), "", model.BillingCycleOneTime,
			commerce.KindSoftware, "commercial", false,
			commerce.Price{Amount: dec("37")},
		},
		{
			"software.csv", "DG7GMGF0FKZV:0003:" + idOf("DG7GMGF0FKZV:0003:US:USD:commercial"), "P3Y", model.BillingCycleOneTime,
			commerce.KindSoftwareSubscription, "commercial", false,
			commerce.Price{Amount: dec("5434")},
		},
		{
			"software.csv", "DG7GMGF0FKZV:0003:" + idOf("DG7GMGF0FKZV:0003:US:USD:commercial"), "P3Y", model.BillingCycleAnnual,
			commerce.KindSoftwareSubscription, "commercial", false,
			commerce.Price{Amount: dec("1811.33333333")},
		},
	} {
		t.Run(form.file+" "+form.item+" "+string(form.cycle), func(t *testing.T) {
			t.Parallel()
			c, err := catalog.Load(catalog.Options{Files: []string{filepath.Join("testdata", form.file)}})
			if err != nil {
				t.Fatal(err)
			}
			item, ok := c.Find(form.item)
			if !ok {
				t.Fatalf("%s is not there", form.item)
			}
			if item.Product.Kind != form.kind || (item.SKU.Trial != nil) != form.trial || item.Availability.Segment != form.segment {
				t.Errorf("kind %s, trial %v, segment %s", item.Product.Kind, item.SKU.Trial != nil, item.Availability.Segment)
			}
			found := termOf(item.Availability, form.duration, form.cycle)
			if found == nil {
				t.Fatalf("the term is not among %+v", item.Availability.Terms)
			}
			if diff := cmp.Diff(form.want, found.Prices[0], byValue); diff != "" {
				t.Errorf("price (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPriceList_Texts(t *testing.T) {
	t.Parallel()
	got := readList(t, list(row("SkuDescription", "\"All of it, or\nnearly\"")))
	want := []commerce.Product{{
		ID: "CFQ7TTC0LF8S", Title: "Office 365 E5", Publisher: "Microsoft Corporation", Kind: commerce.KindLicense,
		SKUs: []commerce.SKU{{
			ID: "0001", Title: "Office 365 E5 without Audio Conferencing", Description: "All of it, or\nnearly",
			Availabilities: []commerce.Availability{{
				ID: idOf("CFQ7TTC0LF8S", "0001", "US", "USD", "commercial"), Country: "US", Currency: "USD", Segment: "commercial",
				Terms: []commerce.Term{{
					Duration: "P1Y", BillingCycle: model.BillingCycleMonthly,
					Prices: []commerce.Price{{Amount: dec("30.4"), From: date(2025, 4, 1)}},
				}},
			}},
		}},
	}}
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	// The id as it always was: carts name it.
	if id := got[0].SKUs[0].Availabilities[0].ID; id != "8BU99KD711AD" {
		t.Errorf("the availability's id is %s", id)
	}
}

// The price of a term is divided among its billing periods.
func TestPriceList_Periods(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		duration, plan, price string
		wantDuration          string
		wantCycle             model.BillingCycle
		want                  string
	}{
		{"P1M", "Monthly", "36.48", "P1M", model.BillingCycleMonthly, "36.48"},
		{"P1Y", "Monthly", "364.8", "P1Y", model.BillingCycleMonthly, "30.4"},
		{"P1Y", "Monthly", "362.88", "P1Y", model.BillingCycleMonthly, "30.24"},
		{"P1Y", "Monthly", "100", "P1Y", model.BillingCycleMonthly, "8.33333333"},
		{"P1Y", "Annual", "345.6", "P1Y", model.BillingCycleAnnual, "345.6"},
		{"P3Y", "Annual", "1036.8", "P3Y", model.BillingCycleAnnual, "345.6"},
		{"P3Y", "Monthly", "2835", "P3Y", model.BillingCycleMonthly, "78.75"},
		{"P3Y", "Triennial", "1036.8", "P3Y", model.BillingCycleTriennial, "1036.8"},
		{" p3y ", " tRIENNIAL ", " 1036.80 ", "P3Y", model.BillingCycleTriennial, "1036.8"},
		{"P1M", "None", "0", "P1M", model.BillingCycleNone, "0"},
		{"P1Y", "OneTime", "12", "P1Y", model.BillingCycleOneTime, "12"},
		{"OneTime", "", "12", "", model.BillingCycleOneTime, "12"},
		{"", "OneTime", "12.00000000000000000000001", "", model.BillingCycleOneTime, "12.00000000000000000000001"},
	} {
		got := term(t, "TermDuration", r.duration, "BillingPlan", r.plan, "UnitPrice", r.price)
		if got.Duration != r.wantDuration || got.BillingCycle != r.wantCycle || got.Prices[0].Amount.String() != r.want {
			t.Errorf("%+v became %+v, %s", r, got, got.Prices[0].Amount)
		}
	}
}

func TestPriceList_Times(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		from, to         string
		wantFrom, wantTo time.Time
	}{
		{"2025-04-01T00:00:00.0000000Z", "2025-11-03T06:57:30.0682597Z", date(2025, 4, 1), time.Date(2025, 11, 3, 6, 57, 30, 68259700, time.UTC)},
		{"2025-04-01T00:00:00Z", "2025-04-02T00:00:00", date(2025, 4, 1), date(2025, 4, 2)},
		{"2025-04-01T02:00:00+02:00", "2025-04-02T00:00:00.5", date(2025, 4, 1), time.Date(2025, 4, 2, 0, 0, 0, 5e8, time.UTC)},
		{"2/1/2019 12:00:00 AM", "2/4/2021 8:35:31 PM", date(2019, 2, 1), time.Date(2021, 2, 4, 20, 35, 31, 0, time.UTC)},
		{"2/1/2023 0:00", "12/31/2023 23:59", date(2023, 2, 1), time.Date(2023, 12, 31, 23, 59, 0, 0, time.UTC)},
		{"2/1/2023 0:00", "11/30/9999 23:59", date(2023, 2, 1), time.Time{}},
		{"2/1/2019 12:00:00 AM", "11/30/9999 11:59:59 PM", date(2019, 2, 1), time.Time{}},
		{"1753-01-01T00:00:00Z", "9999-11-30T23:59:59.0000000Z", time.Time{}, time.Time{}},
		{"", "", time.Time{}, time.Time{}},
		// What begins in 9999 never does, and what ended in 1753 has ended: neither is without limit.
		{"9999-11-30T00:00:00Z", "9999-11-30T23:59:59Z", date(9999, 11, 30), time.Time{}},
		{"", "1753-01-01T00:00:00Z", time.Time{}, date(1753, 1, 1)},
	} {
		got := term(t, "EffectiveStartDate", r.from, "EffectiveEndDate", r.to).Prices[0]
		if !got.From.Equal(r.wantFrom) || !got.To.Equal(r.wantTo) {
			t.Errorf("%s to %s became %v to %v", r.from, r.to, got.From, got.To)
		}
	}
}

// Prices of one term stand in the order of their beginning, so that the earlier one counts while it lasts; tiers and
// equal beginnings keep an order of their own, whatever the order of the lines.
func TestPriceList_Order(t *testing.T) {
	t.Parallel()
	first := row("UnitPrice", "12", "EffectiveStartDate", "2021-10-01T00:00:00Z", "EffectiveEndDate", "2021-11-03T06:57:30.0682597Z")
	second := row("UnitPrice", "24", "EffectiveStartDate", "2021-11-01T00:00:00Z", "PricingTierRangeMax", "9")
	third := row("UnitPrice", "36", "EffectiveStartDate", "2021-11-01T00:00:00Z", "PricingTierRangeMin", "10")
	fourth := row("UnitPrice", "48", "EffectiveStartDate", "2023-11-01T00:00:00Z", "EffectiveEndDate", "2023-12-01T00:00:00Z")
	fifth := row("UnitPrice", "60", "EffectiveStartDate", "2023-11-01T00:00:00Z", "EffectiveEndDate", "9999-12-01T00:00:00Z")
	for _, rows := range [][]string{{first, second, third, fourth, fifth}, {fifth, third, first, fourth, second}} {
		products := readList(t, list(rows...))
		var amounts []string
		for _, p := range products[0].SKUs[0].Availabilities[0].Terms[0].Prices {
			amounts = append(amounts, p.Amount.String())
		}
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, amounts); diff != "" {
			t.Errorf("prices (-want +got):\n%s", diff)
		}
	}
}

// Tiers of one term and time follow one another, in whatever order their lines stand, and have no quantity in common.
func TestPriceList_Tiers(t *testing.T) {
	t.Parallel()
	tier := func(low, high string) string { return row("PricingTierRangeMin", low, "PricingTierRangeMax", high) }
	products := readList(t, list(tier("11", ""), tier("1", "10")))
	var tiers [][2]int32
	for _, p := range products[0].SKUs[0].Availabilities[0].Terms[0].Prices {
		tiers = append(tiers, [2]int32{p.Min, p.Max})
	}
	if diff := cmp.Diff([][2]int32{{1, 10}, {11, 0}}, tiers); diff != "" {
		t.Errorf("tiers (-want +got):\n%s", diff)
	}
	for _, r := range []struct{ rows, want string }{
		{list(tier("1", "20"), tier("1", "10")), "prices.csv:2:1: the line is for the same item, term, time and tier as line 3, or for a part of the tier"},
		{list(tier("1", "10"), tier("5", "20")), "prices.csv:3:1: the line is for the same item, term, time and tier as line 2, or for a part of the tier"},
		{list(tier("1", "10"), tier("10", "")), "prices.csv:3:1: the line is for the same item, term, time and tier as line 2, or for a part of the tier"},
		{list(tier("1", ""), tier("10", "")), "prices.csv:3:1: the line is for the same item, term, time and tier as line 2, or for a part of the tier"},
	} {
		if _, _, err := catalog.Read("prices.csv", strings.NewReader(r.rows)); err == nil || err.Error() != r.want {
			t.Errorf("%s\ngave %v", r.rows, err)
		}
	}
}

// What makes an availability of its own, and what a term.
func TestPriceList_Keys(t *testing.T) {
	t.Parallel()
	products := readList(t, list(
		row("Market", "GB", "Currency", "GBP"), row("Market", "GB", "Currency", "EUR"), row("Market", "DE", "Currency", "EUR"),
		row("Market", "gb", "Currency", "gbp", "Segment", "Charity"), row("Market", "GB", "Currency", "GBP", "BillingPlan", "Annual"),
		row("Market", "GB", "Currency", "GBP", "TermDuration", "P3Y"), row("ProductId", "cfq7ttc0lf8s", "SkuId", "000f", "Segment", "Government"),
		row("ProductId", "CFQ7TTC0LF8S", "SkuId", "000F", "Segment", "Government", "TermDuration", "P1M"),
	))
	got := make(map[string]int)
	for _, i := range items(products) {
		got[strings.Join([]string{i.SKU.ID, i.Availability.Country, i.Availability.Currency, i.Availability.Segment}, " ")] = len(i.Availability.Terms)
	}
	want := map[string]int{
		"0001 GB GBP commercial": 3, "0001 GB EUR commercial": 1, "0001 DE EUR commercial": 1, "0001 GB GBP nonprofit": 1,
		"000F US USD government": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(products) != 1 {
		t.Errorf("%d products, terms of each availability (-want +got):\n%s", len(products), diff)
	}
}

func TestPriceList_Kinds(t *testing.T) {
	t.Parallel()
	for tags, want := range map[string]struct {
		kind  commerce.Kind
		trial bool
	}{
		"":                        {commerce.KindLicense, false},
		"License":                 {commerce.KindLicense, false},
		"License;IncludeOverage":  {commerce.KindLicense, false},
		"License;Trial":           {commerce.KindLicense, true},
		" license ; TRIAL ":       {commerce.KindLicense, true},
		"Software;Perpetual":      {commerce.KindSoftware, false},
		"Perpetual; Software":     {commerce.KindSoftware, false},
		"Software":                {commerce.KindSoftwareSubscription, false},
		"Perpetual":               {commerce.KindLicense, false},
		"NoTrialWord;Softwareish": {commerce.KindLicense, false},
	} {
		products := readList(t, list(row("Tags", tags, "TermDuration", "P1M")))
		cycle := products[0].SKUs[0].Availabilities[0].Terms[0].BillingCycle
		if products[0].Kind != want.kind || (products[0].SKUs[0].Trial != nil) != want.trial || (cycle == model.BillingCycleNone) != want.trial {
			t.Errorf("%q became %s, trial %v, cycle %s", tags, products[0].Kind, products[0].SKUs[0].Trial != nil, cycle)
		}
	}
}

// Headers, line ends, a byte-order mark and quotes may vary, and five columns may be absent.
func TestPriceList_Tolerates(t *testing.T) {
	t.Parallel()
	plain := list(row())
	want := readList(t, plain)
	short := strings.NewReplacer(",PricingTierRangeMin,PricingTierRangeMax", "", ",Tags,ERP Price,Segment", "", "UnitOfMeasure,", "",
		"364.8,,,", "364.8,", ",License,456,Commercial", "", "All of it,,", "All of it,").Replace(plain)
	for name, text := range map[string]string{
		"byte-order mark":    "\ufeff" + plain,
		"CRLF":               strings.ReplaceAll(plain, "\n", "\r\n"),
		"no end of line":     strings.TrimSpace(plain),
		"empty lines":        strings.ReplaceAll(plain, "\n", "\n\n"),
		"quotes":             `"` + strings.NewReplacer(",", `","`, "\nO", "\"\n\"O").Replace(strings.TrimSpace(plain)) + `"`,
		"case of headers":    strings.Replace(plain, header, strings.ToUpper(header), 1),
		"blanks in headers":  strings.Replace(plain, header, strings.ReplaceAll(header, ",", " , "), 1),
		"unknown columns":    strings.ReplaceAll(strings.ReplaceAll(plain, "\nO", ",Previous,,\nO"), "Commercial\n", "Commercial,{},,\n"),
		"columns are absent": short,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text == plain {
				t.Fatal("the list is the plain one")
			}
			if diff := cmp.Diff(want, readList(t, text), byValue); diff != "" {
				t.Errorf("products (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPriceList_Refuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 64<<10+1)
	for name, r := range map[string]struct{ text, want string }{
		"empty":          {"", "prices.csv:1:1: the file is empty"},
		"only a mark":    {"\ufeff", "prices.csv:1:1: the file is empty"},
		"no headers":     {row() + "\n", "prices.csv:1:1: no price list: these columns are missing: ProductTitle, ProductId, "},
		"two missing":    {strings.NewReplacer("SkuId", "Sku", "UnitPrice", "Price").Replace(header), "these columns are missing: SkuId, UnitPrice"},
		"header twice":   {header + ", skuid ", `prices.csv:1:228: the header "skuid" stands here a second time`},
		"fields missing": {list(row(), "a,b,c"), "prices.csv:3:1: the line has 3 fields, and there are 19 headers"},
		"fields too many": {
			list(row() + ",x"), "prices.csv:2:1: the line has 20 fields, and there are 19 headers",
		},
		"quote not closed":   {list(`"` + row()), `prices.csv:2:213: extraneous or missing " in quoted-field`},
		"quote within":       {list(row("ProductTitle", `Off"ice`)), `prices.csv:2:4: bare " in non-quoted-field`},
		"long field":         {list(row("SkuDescription", long)), "the field has 65537 bytes, more than 65536"},
		"long ignored field": {list(row("ERP Price", long)), "prices.csv:2:"},
		"not UTF-8":          {list(row("SkuTitle", "\xff")), "prices.csv:2:30: SkuTitle: the text is not UTF-8"},
		"no product":         {list(row("ProductId", "")), `prices.csv:2:15: ProductId: "" is no id`},
		"no SKU":             {list(row("SkuId", " ")), `prices.csv:2:28: SkuId: "" is no id`},
		"colon in an id":     {list(row("SkuId", "1:2")), `SkuId: "1:2" is no id`},
		"unknown term":       {list(row("TermDuration", "P5Y")), `prices.csv:2:104: TermDuration: "P5Y" is none of P1M, P1Y, P3Y, OneTime`},
		"unknown plan":       {list(row("BillingPlan", "Weekly")), `BillingPlan: "Weekly" is none of`},
		"plan of no term":    {list(row("TermDuration", "P1M", "BillingPlan", "Annual")), `BillingPlan: a term of "P1M" is not billed "Annual"`},
		"plan without term":  {list(row("TermDuration", "", "BillingPlan", "Monthly")), `BillingPlan: a term of "" is not billed "Monthly"`},
		"unknown segment":    {list(row("Segment", "Corporate")), `Segment: "Corporate" is none of commercial, education, government, nonprofit, charity`},
		"market":             {list(row("Market", "USA")), `Market: "USA" is no code of 2 letters`},
		"currency":           {list(row("Currency", "$")), `Currency: "$" is no code of 3 letters`},
		"no price":           {list(row("UnitPrice", "")), `prices.csv:2:123: UnitPrice: "" is no amount`},
		"negative price":     {list(row("UnitPrice", "-1")), `UnitPrice: "-1" is no amount`},
		"exponent":           {list(row("UnitPrice", "1e2")), `UnitPrice: "1e2" is no amount`},
		"NaN":                {list(row("UnitPrice", "NaN")), `UnitPrice: "NaN" is no amount`},
		"thousands":          {list(row("UnitPrice", `"1,000"`)), `UnitPrice: "1,000" is no amount`},
		"tier of 0":          {list(row("PricingTierRangeMin", "0")), `PricingTierRangeMin: "0" is no integer from 1`},
		"tier with decimals": {list(row("PricingTierRangeMax", "1.5")), `PricingTierRangeMax: "1.5" is no integer from 1`},
		"very large tier":    {list(row("PricingTierRangeMax", "2147483648")), `PricingTierRangeMax: "2147483648" is no integer`},
		"empty tier":         {list(row("PricingTierRangeMin", "3", "PricingTierRangeMax", "2")), "PricingTierRangeMin: 3 is above PricingTierRangeMax 2"},
		"date":               {list(row("EffectiveStartDate", "1.4.2025")), `EffectiveStartDate: "1.4.2025" is no time like`},
		"date that is not":   {list(row("EffectiveEndDate", "2/30/2025 0:00")), `EffectiveEndDate: "2/30/2025 0:00" is no time like`},
		"end before beginning": {
			list(row("EffectiveEndDate", "2025-03-01T00:00:00Z")), "EffectiveEndDate: 2025-03-01T00:00:00Z is before EffectiveStartDate",
		},
		"line twice": {
			list(row(), row("Market", "GB"), row("UnitPrice", "1", "SkuId", "0001", "Tags", "")),
			"prices.csv:4:1: the line is for the same item, term, time and tier as line 2",
		},
		"two kinds": {
			list(row("Tags", "Software", "SkuId", "2"), row()),
			"prices.csv:2:1: product CFQ7TTC0LF8S is software_subscription here and license on line 3",
		},
		"line and column within quotes": {
			list(row("SkuDescription", "\"two\nlines\""), row("SkuDescription", "\"two\nlines\"", "UnitPrice", "x")), `prices.csv:5:28: UnitPrice: "x"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := catalog.Parse("prices.csv", strings.NewReader(r.text))
			if c != nil || err == nil || !strings.HasPrefix(err.Error(), "prices.csv:") || !strings.Contains(err.Error(), r.want) {
				t.Errorf("Parse gave %v, want %q", err, r.want)
			}
		})
	}
}

// A file that cannot be read to its end is no shorter list.
func TestPriceList_ReadError(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join("testdata", "licenses-2025.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	broken := &failAfter{r: f, left: 1500}
	if c, err := catalog.Parse("prices.csv", broken); c != nil || err == nil || !strings.HasPrefix(err.Error(), "prices.csv: ") {
		t.Errorf("Parse gave %v, %v", c, err)
	}
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// failAfter is a reader that fails after some bytes.
type failAfter struct {
	r    io.Reader
	left int
}

func (f *failAfter) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errors.New("the disk is gone")
	}
	n, err := f.r.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, err
}
