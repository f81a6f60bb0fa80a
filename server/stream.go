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

// pieceSize is from what size a piece of a collection is sent.
const pieceSize = 32 << 10

// write writes the answer, in pieces. Nothing is written before the first item was read, so that a store that can't serve is an
// error with a status.
func (s stream[T]) write(w http.ResponseWriter) error {
	count := 0
	piece := []byte(`{"items":[`)
	for item, err := range s.items {
		if err != nil {
			return err
		}
		if count > 0 {
			piece = append(piece, ',')
		}
		if piece, err = recordjson.Append(piece, &item); err != nil {
			return fmt.Errorf("encode an item: %w", err)
		}
		count++
		if len(piece) < pieceSize {
			continue
		}
		if err := send(w, piece); err != nil {
			return err
		}
		piece = piece[:0]
	}
	links, err := json.Marshal(model.CollectionLinks{Self: s.self})
	if err != nil {
		return fmt.Errorf("encode links: %w", err)
	}
	return send(w, fmt.Appendf(piece, `],"totalCount":%d,"links":%s,"attributes":{"objectType":"Collection"}}`+"\n", count, links))
}

// send sends a piece of an answer, and before the first one its status.
func send(w http.ResponseWriter, piece []byte) error {
	w.Header().Set("Content-Type", contentTypeJSON)
	_, err := w.Write(piece)
	return err
}
