package client

import (
	"bytes"
	"encoding/json"
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

// spellOrder spells the words of an order as the contract does.
func spellOrder(order *Order) {
	spell(&order.BillingCycle)
	spell(&order.Status)
}

// spellLines spells the words of cart lines as the contract does.
func spellLines(lines []CartLineItem) {
	for i := range lines {
		spell(&lines[i].BillingCycle)
		spellLines(lines[i].AddonItems)
	}
}

// spell turns a word in another spelling (Monthly, OneTime) into the contract's, and leaves one that the contract does not
// know as it is.
func spell[T interface {
	~string
	Valid() bool
}](word *T) {
	if (*word).Valid() {
		return
	}
	if snake := T(strings.ToLower(capital.ReplaceAllString(string(*word), "${1}_${2}"))); snake.Valid() {
		*word = snake
	}
}

// capital is where a word of several begins within: the T in OneTime.
var capital = regexp.MustCompile(`([a-z])([A-Z])`)
