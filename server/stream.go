package server

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/gen/recordjson"
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
	count, opening := 0, `{"items":[`
	var body []byte
	for item, err := range s.items {
		if err != nil {
			return err
		}
		if body, err = recordjson.Append(append(body[:0], opening...), &item); err != nil {
			return fmt.Errorf("encode an item: %w", err)
		}
		if count == 0 {
			opening = ","
			s.begin(w)
		}
		if _, err := w.Write(body); err != nil {
			return err
		}
		count++
	}
	if count == 0 {
		s.begin(w)
	} else {
		opening = ""
	}
	links, err := json.Marshal(model.CollectionLinks{Self: s.self})
	if err != nil {
		return fmt.Errorf("encode links: %w", err)
	}
	_, err = fmt.Fprintf(w, `%s],"totalCount":%d,"links":%s,"attributes":{"objectType":"Collection"}}`+"\n", opening, count, links)
	return err
}

// begin sends the status.
func (s stream[T]) begin(w http.ResponseWriter) {
	w.Header().Set("Content-Type", contentTypeJSON)
	w.WriteHeader(http.StatusOK)
}
