package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// column is a column of a price list.
type column int

// The columns that are read. A list has others (UnitOfMeasure, ERP Price, ChangeIndicator, …), which do not matter
// here.
const (
	productTitle column = iota
	productID
	skuID
	skuTitle
	publisher
	skuDescription
	termDuration
	billingPlan
	marketCode
	currencyCode
	unitPrice
	tierMin
	tierMax
	startDate
	endDate
	tags
	segment
)

// columns are the headers of the columns, and which of them a list may leave out.
var columns = [...]struct {
	header   string
	optional bool
}{
	productTitle: {header: "ProductTitle"}, productID: {header: "ProductId"}, skuID: {header: "SkuId"},
	skuTitle: {header: "SkuTitle"}, publisher: {header: "Publisher"}, skuDescription: {header: "SkuDescription"},
	termDuration: {header: "TermDuration"}, billingPlan: {header: "BillingPlan"}, marketCode: {header: "Market"},
	currencyCode: {header: "Currency"}, unitPrice: {header: "UnitPrice"},
	tierMin: {header: "PricingTierRangeMin", optional: true}, tierMax: {header: "PricingTierRangeMax", optional: true},
	startDate: {header: "EffectiveStartDate"}, endDate: {header: "EffectiveEndDate"},
	tags: {header: "Tags", optional: true}, segment: {header: "Segment", optional: true},
}

const (
	maximumField = 64 << 10 // bytes of a field
	priceDigits  = 8        // after the decimal point, of a price that a division makes
)

// sheet reads the lines of a price list one after the other.
type sheet struct {
	name     string
	csv      *csv.Reader
	position [len(columns)]int // in a line; -1 for a column that the list does not have
	record   []string          // the line that is being read
	err      error             // the first one, after which nothing more is read
	texts    map[string]string // each text once, so that equal fields share their bytes and no line is kept
	times    map[string]time.Time
}

// newSheet reads the headers of a list.
func newSheet(name string, r io.Reader) (*sheet, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		_, _ = in.Discard(3) // which Peek has buffered
	}
	s := &sheet{name: name, csv: csv.NewReader(in), texts: make(map[string]string), times: make(map[string]time.Time)}
	s.csv.ReuseRecord = true
	switch err := s.read(); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s:1:1: the file is empty", name)
	case err != nil:
		return nil, err
	}
	return s, s.locate()
}

// locate finds the columns by their headers, in any case.
func (s *sheet) locate() error {
	positions := make(map[string]int, len(s.record))
	for i, header := range s.record {
		header = strings.ToLower(strings.TrimSpace(header))
		if _, ok := positions[header]; ok && header != "" {
			return s.at(i, fmt.Errorf("the header %.80q stands here a second time", header))
		}
		positions[header] = i
	}
	var missing []string
	for c, column := range columns {
		position, ok := positions[strings.ToLower(column.header)]
		switch {
		case ok:
			s.position[c] = position
		case column.optional:
			s.position[c] = -1
		default:
			missing = append(missing, column.header)
		}
	}
	if len(missing) > 0 {
		return s.at(0, fmt.Errorf("no price list: these columns are missing: %s", strings.Join(missing, ", ")))
	}
	return nil
}

// next reads a line. After the last one the error is io.EOF.
func (s *sheet) next() (listed, error) {
	if err := s.read(); err != nil {
		return listed{}, err
	}
	l := listed{
		product: s.id(productID), productTitle: s.text(productTitle), publisher: s.text(publisher),
		sku: s.id(skuID), skuTitle: s.text(skuTitle), description: s.text(skuDescription),
		market: s.code(marketCode, 2), currency: s.code(currencyCode, 3), segment: s.segment(),
		duration: s.duration(), cycle: s.cycle(),
	}
	if len(l.sku) < 4 && strings.Trim(l.sku, "0123456789") == "" {
		l.sku = s.share(strings.Repeat("0", 4-len(l.sku)) + l.sku) // spreadsheets drop the zeros
	}
	l.line, _ = s.csv.FieldPos(0)
	if l.kind, l.trial = s.kind(); l.trial {
		l.cycle = model.BillingCycleNone
	}
	l.price = s.price(l.duration, l.cycle)
	return l, s.err
}

// read reads the fields of the next line.
func (s *sheet) read() (err error) {
	s.record, err = s.csv.Read()
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return err
	case errors.Is(err, csv.ErrFieldCount):
		return s.at(0, fmt.Errorf("the line has %d fields, and there are %d headers", len(s.record), s.csv.FieldsPerRecord))
	case errors.As(err, &wrong):
		return fmt.Errorf("%s:%d:%d: %w", s.name, wrong.Line, wrong.Column, wrong.Err)
	case err != nil:
		return fmt.Errorf("%s: %w", s.name, err)
	}
	for i, field := range s.record {
		if len(field) > maximumField {
			return s.at(i, fmt.Errorf("the field has %d bytes, more than %d", len(field), maximumField))
		}
	}
	return nil
}

// at puts the place of a field before an error.
func (s *sheet) at(field int, err error) error {
	line, column := s.csv.FieldPos(field)
	return fmt.Errorf("%s:%d:%d: %w", s.name, line, column, err)
}

// fail keeps an error about a field of the line, unless the line has one already.
func (s *sheet) fail(c column, reason string, args ...any) {
	if s.err == nil {
		s.err = s.at(max(0, s.position[c]), fmt.Errorf("%s: %s", columns[c].header, fmt.Sprintf(reason, args...)))
	}
}

// field gives the field of a column without blanks around it; it is empty where the list has no such column. It is good
// until the next line is read: text keeps it.
func (s *sheet) field(c column) string {
	if s.position[c] < 0 {
		return ""
	}
	return strings.TrimSpace(s.record[s.position[c]])
}

// text gives a field to keep.
func (s *sheet) text(c column) string {
	field := s.field(c)
	if !utf8.ValidString(field) {
		s.fail(c, "the text is not UTF-8")
	}
	return s.share(field)
}

// share gives the one copy of a text.
func (s *sheet) share(text string) string {
	known, ok := s.texts[text]
	if !ok {
		known = strings.Clone(text)
		s.texts[known] = known
	}
	return known
}

// id gives the id of a product or SKU, in upper case.
func (s *sheet) id(c column) string {
	id := s.field(c)
	if !isID(id) {
		s.fail(c, "%.80q is no id: letters, digits, dots, hyphens and underscores, 1 to 64", id)
		return ""
	}
	return s.share(strings.ToUpper(id))
}

// code gives a code of so many letters, in upper case.
func (s *sheet) code(c column, letters int) string {
	code := strings.ToUpper(s.field(c))
	if !isCode(code, letters) {
		s.fail(c, "%.80q is no code of %d letters", code, letters)
	}
	return s.share(code)
}

// segment gives the segment of the line, commercial where the list does not say. What the lists call charity is
// nonprofit.
func (s *sheet) segment() string {
	switch name := strings.ToLower(s.field(segment)); {
	case name == "":
		return "commercial"
	case name == "charity":
		return "nonprofit"
	case slices.Contains(commerce.Segments, name):
		return s.share(name)
	}
	s.fail(segment, "%.80q is none of %s, charity", s.field(segment), strings.Join(commerce.Segments, ", "))
	return ""
}

// duration gives the term, which is empty where there is none.
func (s *sheet) duration() string {
	switch name := strings.ToUpper(s.field(termDuration)); name {
	case "", "ONETIME":
		return ""
	case "P1M", "P1Y", "P3Y":
		return s.share(name)
	}
	s.fail(termDuration, "%.80q is none of P1M, P1Y, P3Y, OneTime", s.field(termDuration))
	return ""
}

// cycle gives how often the item is billed.
func (s *sheet) cycle() model.BillingCycle {
	switch strings.ToLower(s.field(billingPlan)) {
	case "monthly":
		return model.BillingCycleMonthly
	case "annual":
		return model.BillingCycleAnnual
	case "triennial":
		return model.BillingCycleTriennial
	case "none":
		return model.BillingCycleNone
	case "", "onetime":
		return model.BillingCycleOneTime
	}
	s.fail(billingPlan, "%.80q is none of Monthly, Annual, Triennial, None, OneTime", s.field(billingPlan))
	return ""
}

// kind gives what the tags say, and whether the SKU is a trial.
func (s *sheet) kind() (kind commerce.Kind, trial bool) {
	var software, perpetual bool
	for tag := range strings.SplitSeq(s.field(tags), ";") {
		switch strings.ToLower(strings.TrimSpace(tag)) {
		case "software":
			software = true
		case "perpetual":
			perpetual = true
		case "trial":
			trial = true
		}
	}
	switch {
	case software && perpetual:
		return commerce.KindSoftware, trial
	case software:
		return commerce.KindSoftwareSubscription, trial
	}
	return commerce.KindLicense, trial
}

// price gives the price of a unit and billing period, its tier and its time. The list has the price of the whole term,
// which is divided by the number of periods and rounded to eight decimals.
func (s *sheet) price(duration string, cycle model.BillingCycle) commerce.Price {
	p := commerce.Price{Min: s.tier(tierMin), Max: s.tier(tierMax), From: s.time(startDate), To: s.time(endDate)}
	if p.Max != 0 && p.Min > p.Max {
		s.fail(tierMin, "%d is above %s %d", p.Min, columns[tierMax].header, p.Max)
	}
	// Lists write 1753 for what began before them and 9999 for what has no end.
	if p.From.Year() == 1753 {
		p.From = time.Time{}
	}
	if p.To.Year() == 9999 {
		p.To = time.Time{}
	}
	// Lists print the last instant at which a price holds. It is taken for the first at which it does not: there is no
	// telling how long an instant is, for they print minutes, seconds and fractions.
	if !p.To.IsZero() && p.To.Before(p.From) {
		s.fail(endDate, "%s is before %s", s.field(endDate), columns[startDate].header)
	}
	amount, err := parseAmount(s.field(unitPrice))
	if err != nil {
		s.fail(unitPrice, "%.120v", err)
	}
	n := commerce.BillingPeriods(duration, cycle)
	if n == 0 || duration == "" && cycle != model.BillingCycleOneTime && cycle != model.BillingCycleNone {
		s.fail(billingPlan, "a term of %q is not billed %q", s.field(termDuration), s.field(billingPlan))
	}
	if p.Amount = amount; n > 1 {
		p.Amount = amount.DivRound(decimal.NewFromInt(n), priceDigits)
	}
	return p
}

// tier gives a limit of a tier, 0 for none.
func (s *sheet) tier(c column) int32 {
	field := s.field(c)
	if field == "" {
		return 0
	}
	n, err := strconv.ParseUint(field, 10, 31)
	if err != nil || n == 0 {
		s.fail(c, "%.80q is no integer from 1 to 2147483647", field)
	}
	return int32(n)
}

// The ways in which lists write times: UTC, with or without a Z, in two American forms and that of ISO 8601.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "1/2/2006 3:04:05 PM", "1/2/2006 15:04"}

// time gives the time of a column, zero where the field is empty.
func (s *sheet) time(c column) time.Time {
	field := s.field(c)
	if t, ok := s.times[field]; ok || field == "" {
		return t
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, field); err == nil {
			s.times[strings.Clone(field)] = t.UTC()
			return t.UTC()
		}
	}
	s.fail(c, "%.80q is no time like 2025-04-01T00:00:00Z, 2/1/2019 12:00:00 AM or 2/1/2023 0:00", field)
	return time.Time{}
}
