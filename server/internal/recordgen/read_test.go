package main

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/recordjson"
)

// What was written is read, as encoding/json reads it.
func TestRead_WhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, root := range storedTypes {
		for seed := range uint64(3000) {
			if document := documentOf(t, root, seed); !readsAlike(t, root, document) {
				t.Fatalf("%s, seed %d: Read does not read\n%s", root, seed, document)
			}
		}
	}
}

// What was changed is read as encoding/json reads it, or not at all.
func TestRead_WhatWasChanged(t *testing.T) {
	t.Parallel()
	for _, root := range storedTypes {
		read := 0
		for seed := range uint64(30_000) {
			document := documentOf(t, root, seed%1000)
			r := rand.New(rand.NewPCG(seed, 1))
			for range 1 + r.IntN(3) {
				document = changed(r, document)
			}
			if readsAlike(t, root, document) {
				read++
			}
		}
		if read == 0 || read == 30_000 {
			t.Errorf("%s: Read reads %d of 30000 changed documents", root, read)
		}
	}
}

// FuzzRead reads records as encoding/json does, or not at all.
func FuzzRead(f *testing.F) {
	for seed := range uint64(20) {
		for _, root := range storedTypes {
			f.Add(documentOf(f, root, seed))
		}
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, root := range storedTypes {
			readsAlike(t, root, document)
		}
	})
}

// Nothing is read of other types, and nothing of what is too deep for the stack.
func TestRead_Refuses(t *testing.T) {
	t.Parallel()
	if v := "before"; recordjson.Read([]byte(`"after"`), &v) || v != "before" {
		t.Errorf("Read read the string %q", v)
	}
	const levels = 1_000_000
	deep := `{"cart":{"lineItems":` + strings.Repeat(`[{"addonItems":`, levels) + `[]` + strings.Repeat(`}]`, levels) + `}}`
	if readsAlike(t, storedTypes[0], []byte(deep)) {
		t.Errorf("Read read a document of %d levels", levels)
	}
}

func documentOf(t testing.TB, root reflect.Type, seed uint64) []byte {
	t.Helper()
	value := reflect.New(root)
	fill(rand.New(rand.NewPCG(seed, 0)), value.Elem())
	document, err := recordjson.Append(nil, value.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// readsAlike tells whether Read reads a document. Then encoding/json must read it as the same value; else the value is zero.
func readsAlike(t *testing.T, root reflect.Type, document []byte) bool {
	t.Helper()
	got, want := reflect.New(root), reflect.New(root)
	if !recordjson.Read(document, got.Interface()) {
		if !got.Elem().IsZero() {
			t.Errorf("Read gave false and %v for\n%s", got.Elem(), document)
		}
		return false
	}
	if err := json.Unmarshal(document, want.Interface()); err != nil {
		t.Errorf("Read read what encoding/json does not, %v:\n%s", err, document)
	} else if !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Errorf("Read read\n%s\notherwise than encoding/json does:\n%s", document, cmp.Diff(want.Interface(), got.Interface()))
	}
	return true
}

// changed changes a document somewhere: a byte, a token or a part of it.
func changed(r *rand.Rand, document []byte) []byte {
	if len(document) == 0 {
		return document
	}
	at := r.IntN(len(document))
	to := min(len(document), at+1+r.IntN(12))
	tokens := []string{
		"", "0", "-0", "1e3", "01", "1.0", "99999999999", "1e999", "null", "true", `""`, "[]", "{}", `"id":"x",`, `,"ID":1`, `"`, `\`, `\u0041`, `\ud800`,
		"\xff", "\x00", " ", "\n", ",", ":", "[", "]", "{", "}", "é", "T", "Z", "+01:00", "e", ".",
	}
	switch r.IntN(5) {
	case 0: // a byte is another
		return slices.Replace(slices.Clone(document), at, at+1, document[r.IntN(len(document))])
	case 1: // a token comes in
		return slices.Insert(slices.Clone(document), at, []byte(oneOf(r, tokens...))...)
	case 2: // in place of some bytes
		return slices.Replace(slices.Clone(document), at, to, []byte(oneOf(r, tokens...))...)
	case 3: // a part is there twice
		return slices.Insert(slices.Clone(document), to, document[at:to]...)
	}
	return changedValue(r, document, oneOf(r, tokens...))
}

// changedValue puts a token in place of what follows a colon or a comma.
func changedValue(r *rand.Rand, document []byte, token string) []byte {
	parts := strings.SplitAfter(string(document), oneOf(r, ":", ","))
	i := r.IntN(len(parts))
	end := strings.IndexAny(parts[i], ",:}]")
	if end < 0 {
		return document
	}
	parts[i] = token + parts[i][end:]
	return []byte(strings.Join(parts, ""))
}
