package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cartwright-dev/cartwright/client"
)

// showCart shows a cart with its prices.
func (b *purchase) showCart(cart *client.Cart, names map[string]string) {
	b.say("Cart %s of customer %s, good until %s:\n", cart.ID, b.customerID, cart.ExpirationTimestamp.Format("2006-01-02 15:04 MST"))
	var rows [][]string
	for line := range eachLine(cart.LineItems) {
		unit, extended := "no price", ""
		if line.Pricing != nil {
			unit, extended = money(line.Pricing.Price), money(line.Pricing.ExtendedPrice)
		}
		if line.Error != nil {
			unit = "can't be bought"
		}
		name := cmp.Or(line.FriendlyName, names[line.CatalogItemID])
		rows = append(rows, []string{
			lineID(line), line.CatalogItemID, name, fmt.Sprint(line.Quantity), line.TermDuration, string(line.BillingCycle),
			unit, extended, line.CurrencyCode,
		})
	}
	table(b.stdout, []column{
		{"line", true},
		{"item", false},
		{"name", false},
		{"quantity", true},
		{"term", false},
		{"billing", false},
		{"unit price", true},
		{"for the term", true},
		{"", false},
	}, rows)
	b.say("")
	if !spoiled(cart) {
		b.say("Total before tax: %s\n", total(cart))
	}
}

// names looks the lines' items up in the customer's catalogue. A name that can't be had is left out: it changes no purchase.
func (b *purchase) names(ctx context.Context, cart *client.Cart) map[string]string {
	names := make(map[string]string)
	for line := range eachLine(cart.LineItems) {
		item := strings.Split(line.CatalogItemID, ":")
		if _, known := names[line.CatalogItemID]; known || line.FriendlyName != "" || line.Error != nil || len(item) != 3 {
			continue
		}
		if sku, err := b.client.Products.SKU(ctx, client.Market{CustomerID: b.customerID}, item[0], item[1]); err == nil {
			names[line.CatalogItemID] = sku.Title
		}
	}
	return names
}

// total gives the sum of the lines' prices for their terms, for each currency.
func total(cart *client.Cart) string {
	sums, without := make(map[string]float64), 0
	for line := range eachLine(cart.LineItems) {
		if line.Pricing == nil {
			without++
			continue
		}
		sums[line.CurrencyCode] += line.Pricing.ExtendedPrice
	}
	var parts []string
	for currency, sum := range sums {
		parts = append(parts, strings.TrimSpace(money(sum)+" "+printable(currency)))
	}
	slices.Sort(parts)
	if without > 0 {
		parts = append(parts, fmt.Sprintf("%d line(s) without a price", without))
	}
	return strings.Join(parts, " and ")
}

// eachLine goes through lines and their add-ons.
func eachLine(lines []client.CartLineItem) iter.Seq[client.CartLineItem] {
	return func(yield func(client.CartLineItem) bool) {
		for _, line := range lines {
			if !yield(line) {
				return
			}
			for addon := range eachLine(line.AddonItems) {
				if !yield(addon) {
					return
				}
			}
		}
	}
}

func lineID(line client.CartLineItem) string {
	if line.ID == nil {
		return ""
	}
	return fmt.Sprint(*line.ID)
}

// money gives an amount with two digits after the point, more where it has more, and commas: 1,234.50.
func money(amount float64) string {
	text := strings.TrimRight(fmt.Sprintf("%.6f", math.Abs(amount)), "0")
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if amount < 0 {
		whole = "-" + whole
	}
	return whole + "." + fraction + strings.Repeat("0", max(0, 2-len(fraction)))
}

type column struct {
	title string
	right bool // aligned
}

// table writes rows under their columns' titles, aligned.
func table(out io.Writer, columns []column, rows [][]string) {
	titles, widths := make([]string, len(columns)), make([]int, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	all := append([][]string{titles}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(printable(cell)))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			width := widths[i]
			if !columns[i].right {
				width = -width
			}
			_, _ = fmt.Fprintf(&line, "%*s  ", width, printable(cell))
		}
		_, _ = fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
}

// printable keeps what a server or a file says on its line, and terminals from obeying it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
