package client

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
)

// decode reads the body of an answer as the real service sends it: after a byte-order mark, with names in any case, with
// codes as strings.
func decode(body []byte, value any) error {
	body = withoutBOM(body)
	err := json.Unmarshal(body, value)
	if err == nil {
		return nil
	}
	if numbers := quotedCode.ReplaceAll(body, []byte(`$1$2`)); !bytes.Equal(numbers, body) {
		return json.Unmarshal(numbers, value)
	}
	return err
}

// quotedCode is an integer code that is written as a string. In the text of a string the quotation marks around the name
// would have backslashes before them, so only members are found.
var quotedCode = regexp.MustCompile(`(?i)("(?:code|errorCode)"\s*:\s*)"(-?[0-9]+)"`)

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
