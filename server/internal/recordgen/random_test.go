package main

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// fill makes a value random: nothing of it is likely, much of it is odd.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(odd(r))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(oneOf(r, 0, 1, int64(r.IntN(1000)), -1<<(v.Type().Bits()-1), 1<<(v.Type().Bits()-1)-1))
	case reflect.Float64:
		v.SetFloat(number(r))
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if n := oneOf(r, -1, 0, 1, 2, 3); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			fillAll(r, v)
		}
	case reflect.Array:
		fillAll(r, v)
	case reflect.Map:
		if n := oneOf(r, -1, 0, 1, 2, 12); n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				element := reflect.New(v.Type().Elem()).Elem()
				fill(r, element)
				v.SetMapIndex(reflect.ValueOf(odd(r)), element)
			}
		}
	case reflect.Struct:
		fillStruct(r, v)
	}
}

func fillAll(r *rand.Rand, v reflect.Value) {
	for i := range v.Len() {
		fill(r, v.Index(i))
	}
}

// fillStruct leaves one struct of four zero, and of one a member alone is set. Lines below lines become rare soon.
func fillStruct(r *rand.Rand, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(instant(r)))
		return
	}
	switch r.IntN(4) {
	case 0:
	case 1:
		fill(r, v.Field(r.IntN(v.NumField())))
	default:
		for field, member := range v.Fields() {
			if field.Name != "AddonItems" || r.IntN(4) == 0 {
				fill(r, member)
			}
		}
	}
}

func oneOf[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func odd(r *rand.Rand) string {
	parts := []string{
		"", "", "P1Y", "b4c8fdea-cbe4-4d17-9576-13fcacbf9605", " ", "Größe", "行 🛒", "<&>", `"\/`, "\u2028\u2029", "\ufffd", "\xff", "\xed\xa0\x80",
		"a\x00b", "\b\f\n\r\t", "\x1f\x7f", "é\xc3", string(rune(r.IntN(0x11000))), "null", "{", "]", ",",
	}
	var s strings.Builder
	for range r.IntN(4) {
		s.WriteString(oneOf(r, parts...))
	}
	return s.String()
}

func number(r *rand.Rand) float64 {
	bits := math.Float64frombits(r.Uint64())
	if math.IsInf(bits, 0) || math.IsNaN(bits) {
		bits = 0.1
	}
	return oneOf(r, 0, math.Copysign(0, -1), 1, -1, 12.5, 0.1, 1.0/3, 1e-6, 9.99e-7, 1e-10, 1e20, 1e21, 123456789012345678, math.MaxFloat64,
		math.SmallestNonzeroFloat64, float64(r.IntN(1_000_000))/100, bits)
}

func instant(r *rand.Rand) time.Time {
	t := time.Unix(r.Int64N(1<<33), r.Int64N(1e9)).UTC()
	zone := time.FixedZone("", oneOf(r, -12*60, 0, 330, 14*60, 23*60+59)*60)
	return oneOf(r, time.Time{}, time.Time{}.In(time.FixedZone("", 3600)), t, t.Truncate(time.Second), t.Truncate(time.Millisecond), t.In(zone),
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))
}
