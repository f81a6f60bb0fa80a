package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server/journal"
)

// StreamEvents implements control.StrictServerInterface.
func (s *controls) StreamEvents(ctx context.Context, r control.StreamEventsRequestObject) (control.StreamEventsResponseObject, error) {
	stream := eventStream{ctx: ctx, server: s.Server, known: s.changes.now()}
	if newest, _ := s.journal.List(journal.Filter{Limit: 1}); len(newest) > 0 {
		stream.last = newest[0].ID
	}
	if last := r.Params.LastEventID; last != nil {
		stream.known = happenings{} // it tells what was missed at once
		if *last > stream.last {
			*last = 0 // of a journal before this one
		}
		stream.last = *last
	}
	return stream, nil
}

// eventStream sends what happens for as long as somebody listens.
type eventStream struct {
	ctx    context.Context // of the request
	server *Server
	known  happenings // what whoever listens knows of
	last   int64      // the request after which it begins
}

// eventLimit is how long an event may take to be sent: who no longer reads is let go.
const eventLimit = 30 * time.Second

// VisitStreamEventsResponse implements control.StreamEventsResponseObject.
func (e eventStream) VisitStreamEventsResponse(w http.ResponseWriter) error {
	known, last := e.known, e.last
	controller := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if _, err := io.WriteString(w, ": listening\n\n"); err != nil {
		return nil // who listened has gone
	}
	for {
		if err := controller.Flush(); err != nil {
			return nil // as above
		}
		seen, err := e.server.changes.wait(e.ctx, known)
		if err != nil {
			return nil // as above
		}
		var out bytes.Buffer
		entries, _ := e.server.journal.List(journal.Filter{After: last})
		for _, entry := range slices.Backward(entries) {
			last = entry.ID
			data, err := json.Marshal(entryOut(entry))
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, "event: request\nid: %d\ndata: %s\n\n", entry.ID, data)
		}
		if seen.control != known.control {
			out.WriteString("event: changed\ndata: {}\n\n")
		}
		known = seen
		_ = controller.SetWriteDeadline(time.Now().Add(eventLimit)) //nolint:forbidigo // by the machine's clock
		if _, err := w.Write(out.Bytes()); err != nil {
			return nil // as above
		}
	}
}
