package main

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decode reads a JSON file strictly: unknown members, those given twice, and other words, numbers and kinds of value than are
// asked for are errors that name the file, the line and the place.
func decode(file string, data []byte, value any) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(data, value, json.RejectUnknownMembers(true))
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return place(file, data, syntax.ByteOffset, syntax.JSONPointer, syntax.Err.Error())
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return place(file, data, semantic.ByteOffset, semantic.JSONPointer, reason(semantic))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// place is an error at a byte of a file.
func place(file string, data []byte, offset int64, pointer jsontext.Pointer, reason string) error {
	line := 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
	if pointer == "" {
		return fmt.Errorf("%s:%d: %s", file, line, reason)
	}
	return fmt.Errorf("%s:%d: %s: %s", file, line, pointer, reason)
}

// reason says what is wrong with a value, in JSON's words.
func reason(e *json.SemanticError) string {
	if errors.Is(e.Err, json.ErrUnknownName) {
		return "there is no such member"
	}
	if e.GoType == nil {
		return "it can't be read"
	}
	if e.GoType == reflect.TypeFor[time.Time]() {
		return "must be a time such as 2026-01-31T00:00:00Z"
	}
	switch e.GoType.Kind() {
	case reflect.Int32, reflect.Int:
		return "must be a whole number up to 2147483647"
	case reflect.Float64:
		return "must be a number"
	case reflect.String:
		return "must be a text"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Slice:
		return "must be a list"
	default:
		return "must be an object"
	}
}
