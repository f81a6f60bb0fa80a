package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	diff "github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/gen/apiserver"
)

// ways are the two ways of a request, from its route to its handler: with plans and without.
type ways struct{ short, long *echo.Echo }

// newWays makes the ways of all operations of a contract.
func newWays(contract *openapi3.T, spelling Spelling) ways {
	return ways{wayOf(contract, spelling, newSure), wayOf(contract, spelling, func(operation, Spelling) *sure { return &sure{} })}
}

func wayOf(contract *openapi3.T, spelling Spelling, plans func(operation, Spelling) *sure) *echo.Echo {
	e := echo.New()
	e.JSONSerializer = serializer{}
	e.Pre(takeBody)
	e.HTTPErrorHandler = func(err error, c echo.Context) { came(c).err = err }
	steps := map[string][]echo.MiddlewareFunc{}
	for _, op := range operationsOf(contract) {
		steps[op.OperationID] = []echo.MiddlewareFunc{canonical(op, spelling, plans(op, spelling)), validate(op)}
	}
	handler := func(apiserver.StrictHandlerFunc, string) apiserver.StrictHandlerFunc {
		return func(c echo.Context, request any) (any, error) {
			came(c).request = request
			return nil, errArrived
		}
	}
	apiserver.RegisterHandlersWithOptions(e, apiserver.NewStrictHandler(nil, []apiserver.StrictMiddlewareFunc{handler}),
		apiserver.RegisterHandlersOptions{OperationMiddlewares: steps})
	return e
}

var errArrived = errors.New("the handler was reached")

// outcome is what came of a request: what its handler saw, or why it saw nothing.
type outcome struct {
	request any
	err     error
	note    string
	verdict verdict
}

type outcomeKey struct{}

func came(c echo.Context) *outcome {
	o, _ := c.Request().Context().Value(outcomeKey{}).(*outcome)
	return o
}

// sent is a request below a path of the contract.
type sent struct {
	method, target string
	header         http.Header
	body           string
}

func (s sent) String() string {
	return fmt.Sprintf("%s %s\n%v\n%q", s.method, s.target, s.header, s.body)
}

// send gives what comes of a request on one way.
func (s sent) send(e *echo.Echo) outcome {
	o, x := &outcome{}, &exchange{}
	ctx := withExchange(context.WithValue(context.Background(), outcomeKey{}, o), x)
	r, err := http.NewRequestWithContext(ctx, s.method, s.target, strings.NewReader(s.body))
	if err != nil {
		return outcome{err: err}
	}
	r.Header = s.header.Clone()
	e.ServeHTTP(httptest.NewRecorder(), r)
	o.note, o.verdict = x.summary(), x.verdict
	return *o
}

// differ tells how the two ways of a request differ, empty where they don't, and what came of it. A request of which nothing is
// sure goes the same long way, which is compared only where all is to be.
func (w ways) differ(s sent, all bool) (difference string, short outcome) {
	short = s.send(w.short)
	if short.verdict == isUnsure && !all {
		return "", short
	}
	long := s.send(w.long)
	switch {
	case fmt.Sprint(short.err) != fmt.Sprint(long.err):
		return fmt.Sprintf("at once: %v\nthe long way: %v", short.err, long.err), short
	case !reflect.DeepEqual(short.request, long.request):
		return "the handlers see (-long +short):\n" + diff.Diff(long.request, short.request), short
	case short.note != long.note:
		return fmt.Sprintf("the notes are %q, the long way %q", short.note, long.note), short
	}
	return "", short
}

func (o outcome) arrived() bool { return errors.Is(o.err, errArrived) }
func (o outcome) atOnce() bool  { return o.verdict == isValid }

// Requests to all operations, nearly valid, valid and not, in any spelling. What passes at once openapi3filter takes, too, and
// the handler sees the same. CARTWRIGHT_MUTATIONS says how many.
func TestSure_IsTheLongWay(t *testing.T) {
	t.Parallel()
	count := mutations()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []Spelling{SpellingTolerant, SpellingStrict} {
		t.Run(string(spelling), func(t *testing.T) {
			t.Parallel()
			w := newWays(contract, spelling)
			m := &mutator{rand: rand.New(rand.NewPCG(uint64(count), uint64(len(spelling))))}
			ops := operationsOf(contract)
			slices.SortFunc(ops, func(a, b operation) int { return cmp.Compare(a.OperationID, b.OperationID) })
			arrived, passed := 0, 0
			for i := range count / 2 {
				s := m.request(ops)
				difference, o := w.differ(s, i%16 == 0)
				if difference != "" {
					t.Fatalf("%s\n%s", s, difference)
				}
				if o.arrived() {
					arrived++
				}
				if o.atOnce() {
					passed++
				}
			}
			t.Logf("of %d requests %d were valid, and %d of these passed at once", count/2, arrived, passed)
			if arrived < count/8 || passed < arrived*9/10 {
				t.Errorf("of %d requests only %d were valid, and %d of these passed at once", count/2, arrived, passed)
			}
		})
	}
}

// mutations is how many requests and answers are drawn.
func mutations() int {
	if n, err := strconv.Atoi(os.Getenv("CARTWRIGHT_MUTATIONS")); err == nil {
		return n
	}
	if testing.Short() {
		return 5_000
	}
	return 100_000
}

// FuzzSure sends any body to each operation that has one.
func FuzzSure(f *testing.F) {
	contract, err := loadContract()
	if err != nil {
		f.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join("..", "api", "examples", "*.json*"))
	if err != nil || len(examples) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, path := range examples {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	both := []ways{newWays(contract, SpellingTolerant), newWays(contract, SpellingStrict)}
	m := &mutator{rand: rand.New(rand.NewPCG(1, 1))}
	var requests []sent
	for _, op := range operationsOf(contract) {
		if op.bodySchema() != nil {
			requests = append(requests, m.valid(op))
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, s := range requests {
			s.body = body
			for _, w := range both {
				if difference, _ := w.differ(s, false); difference != "" {
					t.Fatalf("%s\n%s", s, difference)
				}
			}
		}
	})
}

// The documents' own requests pass at once where they are valid, and so does what get gives, put back.
func TestSure_Examples(t *testing.T) {
	t.Parallel()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	w := newWays(contract, SpellingTolerant)
	m := &mutator{rand: rand.New(rand.NewPCG(1, 1))}
	for _, op := range operationsOf(contract) {
		if op.bodySchema() == nil {
			continue
		}
		if bodies()[op.OperationID] == nil {
			t.Errorf("the body of %s has no type in bodies", op.OperationID)
		}
		names := []string{op.OperationID + ".*request.json*"}
		if answer := strings.Replace(op.OperationID, "update", "get", 1); answer != op.OperationID {
			names = append(names, answer+".*response.json", strings.Replace(op.OperationID, "updateCart", "createCart", 1)+".*response.json")
		}
		for _, name := range names {
			paths, err := filepath.Glob(filepath.Join("..", "api", "examples", name))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				body, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				s := m.valid(op)
				s.body = string(body)
				if difference, o := w.differ(s, true); difference != "" || o.arrived() != o.atOnce() {
					t.Errorf("%s of %s: %v; it passes at once: %v\n%s", filepath.Base(path), op.OperationID, o.err, o.atOnce(), difference)
				}
			}
		}
	}
}

// What a contract says that plans don't understand makes requests take the long way; what they do understand has its effect.
func TestSure_OtherContracts(t *testing.T) {
	t.Parallel()
	for name, tc := range otherContracts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contract, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
			if err != nil {
				t.Fatal(err)
			}
			item := contract.Paths.Value("/customers/{customer_id}/carts")
			op := operation{item.Post, contract, "/customers/{customer_id}/carts", item, http.MethodPost}
			tc.change(contract, op)
			w := newWays(contract, SpellingTolerant)
			m := &mutator{rand: rand.New(rand.NewPCG(1, 1))}
			good := m.valid(op)
			good.body = `{"lineItems":[{"catalogItemId":"x","quantity":2,"billingCycle":"monthly","provisioningContext":{"a":"b"}}]}`
			if difference, o := w.differ(good, true); difference != "" || o.atOnce() != tc.atOnce {
				t.Errorf("%v; it passes at once: %v\n%s", o.err, o.atOnce(), difference)
			}
			for range 500 {
				s := m.request([]operation{op})
				if difference, _ := w.differ(s, true); difference != "" {
					t.Fatalf("%s\n%s", s, difference)
				}
			}
		})
	}
}

var otherContracts = map[string]struct {
	change func(contract *openapi3.T, createCart operation)
	atOnce bool // a good request passes so
}{
	"this one":                      {func(*openapi3.T, operation) {}, true},
	"another limit":                 {ofLine("quantity", func(s *openapi3.Schema) { s.Min = new(3.0) }), false},
	"a fractional limit":            {ofLine("quantity", func(s *openapi3.Schema) { s.Min = new(1.5) }), true},
	"another pattern":               {ofLine("catalogItemId", func(s *openapi3.Schema) { s.Pattern = "^[a-z]$" }), true},
	"words for people":              {ofLine("quantity", func(s *openapi3.Schema) { s.Title, s.Extensions = "x", map[string]any{"x-a": 1} }), true},
	"one more property is required": {ofCart(func(s *openapi3.Schema) { s.Required = append(s.Required, "partnerOnRecordAttestationAccepted") }), false},
	"a property that is nowhere":    {ofCart(func(s *openapi3.Schema) { s.Required = append(s.Required, "nowhere") }), false},
	"no other properties":           {ofCart(func(s *openapi3.Schema) { s.AdditionalProperties.Has = new(false) }), true},
	"few properties":                {ofCart(func(s *openapi3.Schema) { s.MaxProps = new(uint64(1)) }), false},
	"an empty object":               {ofLine("provisioningContext", func(s *openapi3.Schema) { s.MinProps = 1 }), false},
	"an object of any kind":         {ofLine("provisioningContext", func(s *openapi3.Schema) { s.AdditionalProperties.Schema = nil }), false},
	"two spellings of one name": {ofCart(func(s *openapi3.Schema) {
		s.Properties["LINEITEMS"] = &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"string"}}}
	}), false},
	"two spellings of one word":  {ofLine("billingCycle", func(s *openapi3.Schema) { s.Enum = append(s.Enum, "Monthly") }), false},
	"a word that is none":        {ofLine("billingCycle", func(s *openapi3.Schema) { s.Enum = append(s.Enum, 1) }), false},
	"nullable":                   {ofLine("quantity", func(s *openapi3.Schema) { s.Nullable = true }), false},
	"a default":                  {ofLine("friendlyName", func(s *openapi3.Schema) { s.Default = "x" }), false},
	"unique items":               {ofCartProperty("lineItems", func(s *openapi3.Schema) { s.UniqueItems = true }), false},
	"a multiple":                 {ofLine("quantity", func(s *openapi3.Schema) { s.MultipleOf = new(2.0) }), false},
	"an exclusive limit":         {ofLine("quantity", func(s *openapi3.Schema) { s.ExclusiveMin.Bool = new(true) }), false},
	"an integer of any size":     {ofLine("quantity", func(s *openapi3.Schema) { s.Format = "" }), false},
	"another format":             {ofLine("catalogItemId", func(s *openapi3.Schema) { s.Format = "byte" }), false},
	"a keyword of its own":       {ofLine("catalogItemId", func(s *openapi3.Schema) { s.Extensions = map[string]any{"minGraphemes": 1} }), false},
	"two types":                  {ofLine("catalogItemId", func(s *openapi3.Schema) { s.Type = &openapi3.Types{"string", "integer"} }), false},
	"another type":               {ofLine("quantity", func(s *openapi3.Schema) { s.Type, s.Format = &openapi3.Types{"number"}, "" }), false},
	"not":                        {ofLine("catalogItemId", func(s *openapi3.Schema) { s.Not = &openapi3.SchemaRef{Value: &openapi3.Schema{Enum: []any{"x"}}} }), false},
	"one of":                     {ofLine("catalogItemId", func(s *openapi3.Schema) { s.OneOf = openapi3.SchemaRefs{{Value: &openapi3.Schema{}}} }), false},
	"any of":                     {ofLine("catalogItemId", func(s *openapi3.Schema) { s.AnyOf = openapi3.SchemaRefs{{Value: &openapi3.Schema{}}} }), false},
	"all of two":                 {ofCart(func(s *openapi3.Schema) { s.AllOf = openapi3.SchemaRefs{{Value: &openapi3.Schema{MinProps: 2}}} }), false},
	"read only":                  {ofLine("quantity", func(s *openapi3.Schema) { s.ReadOnly = true }), true},
	"a cookie":                   {ofParameter(openapi3.Parameter{In: "cookie", Name: "a"}), false},
	"a parameter of two":         {ofParameter(openapi3.Parameter{In: "path", Name: "customer_id"}), false},
	"a parameter that is needed": {ofParameter(openapi3.Parameter{In: "header", Name: "A", Required: true}), true},
	"a parameter of a style":     {ofParameter(openapi3.Parameter{In: "query", Name: "a", Style: "spaceDelimited"}), false},
}

// ofCart changes the schema of carts.
func ofCart(change func(*openapi3.Schema)) func(*openapi3.T, operation) {
	return func(contract *openapi3.T, _ operation) { change(contract.Components.Schemas["Cart"].Value) }
}

func ofCartProperty(name string, change func(*openapi3.Schema)) func(*openapi3.T, operation) {
	return ofCart(func(s *openapi3.Schema) { change(s.Properties[name].Value) })
}

// ofLine changes the schema of a property of lines.
func ofLine(name string, change func(*openapi3.Schema)) func(*openapi3.T, operation) {
	return func(contract *openapi3.T, _ operation) {
		change(contract.Components.Schemas["CartLineItem"].Value.Properties[name].Value)
	}
}

// ofParameter adds a parameter to the operation.
func ofParameter(p openapi3.Parameter) func(*openapi3.T, operation) {
	p.Schema = &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"string"}}}
	return func(_ *openapi3.T, op operation) {
		op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Value: &p})
	}
}

func (m *mutator) request(ops []operation) sent {
	s := m.sent(ops[m.rand.IntN(len(ops))])
	for m.rand.IntN(2) == 0 {
		s.body = m.edit(s.body)
	}
	return s
}

// valid gives a request with good parameters, and without a body.
func (m *mutator) valid(op operation) sent {
	good := *m
	good.goodness = 1
	s := good.sent(op)
	s.body = ""
	return s
}

// sent gives a request to an operation.
func (m *mutator) sent(op operation) sent {
	s := sent{method: op.method, target: op.path, header: http.Header{"Content-Type": {"application/json"}}}
	query := url.Values{}
	for _, p := range op.parameters() {
		value := m.parameter(p)
		switch {
		case p.In == openapi3.ParameterInPath:
			s.target = strings.Replace(s.target, "{"+p.Name+"}", url.PathEscape(value), 1)
		case !p.Required && m.rand.IntN(3) > 0:
		case p.In == openapi3.ParameterInQuery:
			query.Set(m.name(p.Name), value)
		default:
			s.header.Set(p.Name, value)
		}
	}
	if s.target += "?" + query.Encode(); m.bad() {
		s.target = m.edit(s.target)
	}
	if schema := op.bodySchema(); schema != nil {
		s.body = m.value(schema, 0)
	}
	return s
}
