package console

import (
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// journal is the list of requests.
type journal struct {
	Entries []entry
	Total   int    // how many there are of this sort
	Filter  filter // what is asked for
	API     string // the base URL of the emulated API
}

// filter is what of the journal is asked for.
type filter struct{ Operation, CustomerID, RequestID, Status string }

// Any reports whether not all requests are asked for.
func (f filter) Any() bool { return f != filter{} }

// entry is one request in the list.
type entry struct {
	control.Request
	NewDay bool // it came on another day than the entry above it, or is the first
	Nth    int  // which of those listed with its request id it is, from 1, the oldest first
	Of     int  // how many listed have its request id
	Colour int  // of its request id, where others have it too
}

// Remarks are the notes that say more than the columns and badges do.
func (e entry) Remarks() []string {
	return slices.DeleteFunc(slices.Clone(e.Notes), func(note string) bool {
		return note == "fault: "+e.Fault || e.Repeated && strings.HasPrefix(note, "the first answer")
	})
}

// colours is how many there are to mark a request id with.
const colours = 6

// journal lists the newest requests that the filter of the page asks for.
func (c *console) journal(r *http.Request) (*journal, error) {
	asked := r.URL.Query()
	var list control.RequestList
	if err := c.control.call(r, http.MethodGet, query("/requests", asked, "operation", "customerId", "requestId", "status"), nil, &list); err != nil {
		return nil, err
	}
	j := &journal{
		Entries: entries(list.Items), Total: int(list.TotalCount), API: c.apiFor(r),
		Filter: filter{asked.Get("operation"), asked.Get("customerId"), asked.Get("requestId"), asked.Get("status")},
	}
	return j, nil
}

// entries marks the requests that are repetitions of each other, and where a day begins.
func entries(requests []control.Request) []entry {
	of := make(map[string]int)
	for _, r := range requests {
		of[strings.ToLower(r.RequestID)]++
	}
	left := make(map[string]int, len(of))
	out := make([]entry, len(requests))
	for i, r := range requests {
		id := strings.ToLower(r.RequestID)
		out[i] = entry{Request: r, Of: of[id], Nth: of[id] - left[id], Colour: colourOf(id)}
		out[i].NewDay = i == 0 || dayOf(r.Time) != dayOf(requests[i-1].Time)
		left[id]++
	}
	return out
}

func colourOf(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // it never fails
	return int(h.Sum32() % colours)
}

// detail is one request with all that was sent.
type detail struct {
	control.RequestDetail
	Same []control.Request // the others with its request id, the oldest first
	Curl string
}

// Remarks are the notes, as in the list.
func (d *detail) Remarks() []string {
	return entry{Request: control.Request{Fault: d.Fault, Repeated: d.Repeated, Notes: d.Notes}}.Remarks()
}

func (c *console) detail(r *http.Request) (*detail, error) {
	d := &detail{}
	if err := c.control.call(r, http.MethodGet, "/requests/"+url.PathEscape(r.PathValue("id")), nil, &d.RequestDetail); err != nil {
		return nil, err
	}
	var same control.RequestList
	if err := c.control.call(r, http.MethodGet, "/requests?requestId="+url.QueryEscape(d.RequestID), nil, &same); err != nil {
		return nil, err
	}
	for _, other := range slices.Backward(same.Items) {
		if other.ID != d.ID {
			d.Same = append(d.Same, other)
		}
	}
	d.Curl = curl(c.apiFor(r), &d.RequestDetail)
	return d, nil
}

// apiFor gives the base URL of the emulated API as the browser of a request sees it.
func (c *console) apiFor(r *http.Request) string {
	if c.api != "" {
		return c.api
	}
	return "http://" + r.Host
}
