package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The floor answers a cart's creation with JSON of the size that a cart has.
func TestFloor(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newFloor(0).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/customers/x/carts", strings.NewReader("{}")))
	if w.Code != http.StatusCreated || w.Body.Len() != size || !json.Valid(w.Body.Bytes()) {
		t.Errorf("it answers %d with %d bytes, valid JSON: %v", w.Code, w.Body.Len(), json.Valid(w.Body.Bytes()))
	}
}
