// Package journal remembers the last requests that a server answered, with their headers and bodies, for people and tests
// that ask what a program really sent.
//
// A journal has a fixed number of entries and of bytes: the oldest make way. It is for many goroutines at once.
package journal

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The limits of a journal.
const (
	MaxEntries = 1000
	MaxBytes   = 16 << 20 // of all bodies and headers
	MaxBody    = 64 << 10 // of one body; the rest is cut off
)

// Entry is one request and its answer.
type Entry struct {
	ID            int64         // from 1, in the order in which they were answered
	Time          time.Time     // of the stub, when the request came
	Method        string        //
	Path          string        // with the query, escaped
	Operation     string        // operationId; empty where there is none
	Customer      string        // of the path
	Status        int           // 0 where the connection was cut before an answer
	Duration      time.Duration // by the real clock
	RequestID     string        // MS-RequestId, as sent or made
	CorrelationID string        // MS-CorrelationId
	Notes         []string      // what a person should know: replayed, fault, canonicalised, why it was refused
	Fault         string        // the kind of the fault that fired
	Repeated      bool          // it was given the first answer again
	Request       Message
	Response      Message

	size int // that it takes in the journal
}

// Message is what was sent one way.
type Message struct {
	Header http.Header // without tokens
	Body   []byte      // the first MaxBody bytes
	Size   int64       // of the whole body
}

func (e *Entry) measure() int {
	n := 512 + len(e.Path) + len(e.Request.Body) + len(e.Response.Body)
	for _, h := range []http.Header{e.Request.Header, e.Response.Header} {
		for name, values := range h {
			n += len(name)
			for _, value := range values {
				n += len(value)
			}
		}
	}
	for _, note := range e.Notes {
		n += len(note)
	}
	return n
}

// Filter says which entries are asked for. A field that is empty asks for all.
type Filter struct {
	Operation string
	Customer  string // in any case
	RequestID string // in any case
	Status    *int   // nil for all; 0 for a cut connection
	After     int64  // entries with a greater id
	Limit     int    // how many, the newest first
}

func (f Filter) matches(e *Entry) bool {
	return (f.Operation == "" || f.Operation == e.Operation) &&
		(f.Customer == "" || strings.EqualFold(f.Customer, e.Customer)) &&
		(f.RequestID == "" || strings.EqualFold(f.RequestID, e.RequestID)) &&
		(f.Status == nil || *f.Status == e.Status) &&
		e.ID > f.After
}

// Journal holds entries. Its zero value is empty and ready.
type Journal struct {
	mu      sync.Mutex
	entries []*Entry // a ring, once it is full
	first   int      // index of the oldest
	bytes   int
	last    int64
}

// Add adds an entry, and gives it its id.
func (j *Journal) Add(e *Entry) {
	e.size = e.measure()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	for len(j.entries)-j.first >= MaxEntries || j.bytes+e.size > MaxBytes && j.first < len(j.entries) {
		j.bytes -= j.entries[j.first].size
		j.entries[j.first] = nil
		j.first++
	}
	if j.first >= MaxEntries { // half of the slice is empty
		kept := copy(j.entries, j.entries[j.first:])
		clear(j.entries[kept:]) // what is behind would stay alive
		j.entries, j.first = j.entries[:kept], 0
	}
	j.entries = append(j.entries, e)
	j.bytes += e.size
}

// List gives the entries that match, the newest first, up to the limit, and how many match in all. Nobody may change them.
func (j *Journal) List(f Filter) (found []*Entry, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range slices.Backward(j.entries[j.first:]) {
		if !f.matches(e) {
			continue
		}
		if total++; f.Limit == 0 || total <= f.Limit {
			found = append(found, e)
		}
	}
	return found, total
}

// Get gives the entry of an id, or nil.
func (j *Journal) Get(id int64) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries[j.first:] {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// Clear removes all entries. Ids go on from where they were.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.first, j.bytes = nil, 0, 0
}
