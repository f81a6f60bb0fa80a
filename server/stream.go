package server

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// stream writes a collection while it is read, since these lists are not paged and may be long (ORDER-LIST). The count
// comes last: it is not known before.
type stream[T any] struct {
	items iter.Seq2[T, error]
	self  model.Link
}

// write writes the answer. Nothing is written before the first item was read, so that a store that can't serve is an error
// with a status.
func (s stream[T]) write(w http.ResponseWriter) error {
	count := 0
	for item, err := range s.items {
		if err != nil {
			return err
		}
		body, err := json.Marshal(item)
		if err != nil {
			return fmt.Errorf("encode an item: %w", err)
		}
		separator := ","
		if count == 0 {
			separator = s.begin(w)
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, body); err != nil {
			return err
		}
		count++
	}
	opening := ""
	if count == 0 {
		opening = s.begin(w)
	}
	links, err := json.Marshal(model.CollectionLinks{Self: s.self})
	if err != nil {
		return fmt.Errorf("encode links: %w", err)
	}
	_, err = fmt.Fprintf(w, `%s],"totalCount":%d,"links":%s,"attributes":{"objectType":"Collection"}}`+"\n", opening, count, links)
	return err
}

// begin sends the status, and gives what the body begins with.
func (s stream[T]) begin(w http.ResponseWriter) string {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	return `{"items":[`
}
