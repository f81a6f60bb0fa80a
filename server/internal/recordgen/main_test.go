package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// Values are written as encoding/json writes them, to the byte.
func TestAppend_AsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, root := range roots {
		t.Run(root.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(3000) {
				value := reflect.New(root)
				fill(rand.New(rand.NewPCG(seed, 0)), value.Elem())
				want, err := json.Marshal(value.Interface())
				if err != nil {
					t.Fatal(err)
				}
				got, err := recordjson.Append([]byte("before "), value.Interface())
				if err != nil || string(got) != "before "+string(want) {
					t.Fatalf("seed %d: %v, Append wrote\n%s\nwant\n%s", seed, err, got, want)
				}
			}
		})
	}
}

// What has no JSON is an error, here as there.
func TestAppend_Refuses(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		&model.Order{TotalPrice: new(math.NaN())},
		&model.Order{LineItems: []model.OrderLineItem{{Pricing: &model.Pricing{Price: math.Inf(1)}}}},
		&model.Order{CreationDate: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		&commerce.OrderRecord{Provisioning: []commerce.Provisioning{{ReadyAt: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}}},
		func() {},
	} {
		if _, err := json.Marshal(value); err == nil {
			t.Errorf("encoding/json writes %v", value)
		}
		if out, err := recordjson.Append(nil, value); err == nil {
			t.Errorf("Append wrote %s and gave no error", out)
		}
	}
}

// What the generator does not know it refuses, instead of writing something else for it.
func TestGenerate_Refuses(t *testing.T) {
	t.Parallel()
	type embedded struct{ model.Link }
	for _, c := range []struct {
		value any
		want  string
	}{
		{struct{ a int }{}, "hidden"},
		{embedded{}, "embedded"},
		{struct {
			A int `json:"a,string"`
		}{}, "the option string is not known"},
		{struct {
			A int `json:"<a>"`
		}{}, "a name that is not plain"},
		{struct {
			A int `json:"a"`
			B int `json:"A"`
		}{}, "there is another A"},
		{struct {
			A [2]int `json:"a,omitempty"`
		}{}, "left out where it is empty"},
		{struct {
			A [2]float64 `json:"a,omitzero"`
		}{}, "when a [2]float64 is zero"},
		{struct{ A any }{}, "interface {} is not known"},
		{struct{ A []byte }{}, "[]uint8 is not known"},
		{struct{ A uint8 }{}, "uint8 is not known"},
		{struct{ A map[int]string }{}, "map[int]string is not known"},
		{struct{ A map[string]model.Link }{}, "its values have no addresses"},
		{struct{ A json.RawMessage }{}, "json.RawMessage is a json.Marshaler"},
		{struct{ A []*json.Number }{}, "json.Number is not known"},
	} {
		if code, err := generate([]reflect.Type{reflect.TypeOf(c.value)}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: generate gave %v and\n%s\nwant %q", c.value, err, code, c.want)
		}
	}
}
