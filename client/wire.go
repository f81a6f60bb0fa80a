package client

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// decode reads the body of an answer as the real service and its documents print them: after a byte-order mark, with names
// in any case, and with numbers as strings or the other way round (codes, the ids of lines).
func decode(body []byte, value any) error {
	body = withoutBOM(body)
	err := json.Unmarshal(body, value)
	if err == nil {
		return nil
	}
	var tree any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if numbers.Decode(&tree) != nil {
		return err
	}
	target := reflect.ValueOf(value).Elem()
	fitted, unfit := json.Marshal(fit(tree, target.Type()))
	if unfit != nil {
		return err
	}
	target.SetZero()
	return json.Unmarshal(fitted, value)
}

// fit gives a value in the form that a type wants, where it has another form of the same.
func fit(value any, want reflect.Type) any {
	switch v := value.(type) {
	case map[string]any:
		return fitMembers(v, want)
	case []any:
		for i := range v {
			if want.Kind() == reflect.Slice {
				v[i] = fit(v[i], want.Elem())
			}
		}
	case json.Number:
		if want.Kind() == reflect.String {
			return v.String()
		}
	case string:
		return fitText(v, want)
	}
	return value
}

func fitMembers(members map[string]any, want reflect.Type) any {
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	if want.Kind() != reflect.Struct {
		return members
	}
	for name, value := range members {
		for _, field := range reflect.VisibleFields(want) {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if strings.EqualFold(firstOf(tag, field.Name), name) {
				members[name] = fit(value, field.Type)
			}
		}
	}
	return members
}

// fitText reads numbers that are written as strings, and times without a zone.
func fitText(text string, want reflect.Type) any {
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	switch want.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return json.Number(text)
		}
	case reflect.Struct:
		if _, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
			return text + "Z"
		}
	}
	return text
}

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// spell turns the enum words of an answer that are in another spelling (Monthly, OneTime) into the contract's, and leaves
// those that the contract does not know as they are.
func spell(answer any) { spellWords(reflect.ValueOf(answer).Elem()) }

func spellWords(v reflect.Value) {
	if !v.CanInterface() {
		return // it is within a time, say
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			spellWords(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			spellWords(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			spellWords(v.Index(i))
		}
	case reflect.String:
		if word, ok := v.Addr().Interface().(interface{ Valid() bool }); ok && !word.Valid() {
			spellWord(v, word)
		}
	}
}

// spellWord tries the contract's spellings of a word.
func spellWord(v reflect.Value, word interface{ Valid() bool }) {
	as := v.String()
	for _, other := range []string{snake(as), strings.ToLower(as), strings.ToUpper(as[:min(1, len(as))]) + as[min(1, len(as)):]} {
		if v.SetString(other); word.Valid() {
			return
		}
	}
	v.SetString(as)
}

func snake(word string) string { return strings.ToLower(capital.ReplaceAllString(word, "${1}_${2}")) }

// capital is where a word of several begins within: the T in OneTime.
var capital = regexp.MustCompile(`([a-z])([A-Z])`)
