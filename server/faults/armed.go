package faults

import (
	"math/rand/v2"
	"slices"
	"sync"
)

// Armed are the faults that wait for requests. Its zero value has none, and is for many goroutines at once.
type Armed struct {
	mu     sync.Mutex
	last   int64
	faults []*armed
	fired  firedOnce
}

type armed struct {
	Fault
	draws *rand.Rand // of Rate
}

// Arm arms a fault behind those that are armed, and gives it its id.
func (a *Armed) Arm(f Fault) (Fault, error) {
	f, err := f.Complete()
	if err != nil {
		return f, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	f.ID, f.Fired = a.last, 0
	a.faults = append(a.faults, &armed{f, rand.New(rand.NewPCG(uint64(f.Seed), 0))}) //nolint:gosec // draws that can be repeated are wanted
	return f, nil
}

// List gives the faults that are armed.
func (a *Armed) List() []Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Fault, len(a.faults))
	for i, f := range a.faults {
		list[i] = f.Fault
	}
	return list
}

// Disarm disarms the fault of an id; false where there is none.
func (a *Armed) Disarm(id int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.faults)
	a.faults = slices.DeleteFunc(a.faults, func(f *armed) bool { return f.ID == id })
	return len(a.faults) < n
}

// Clear disarms all faults.
func (a *Armed) Clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults, a.fired = nil, firedOnce{}
}

// Fire gives the first fault that is armed for a request, and counts it; nil where there is none.
func (a *Armed) Fire(r Request) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, f := range a.faults {
		if !f.matches(r) || f.Rate > 0 && f.draws.Float64() >= f.Rate {
			continue
		}
		f.Fired++
		if !f.Always && f.Fired >= f.Count {
			a.faults = slices.Delete(a.faults, i, i+1)
		}
		fires := f.Fault
		return &fires
	}
	return nil
}

// FireHeader gives the fault that a request's header asks for. Unless it says always, it fires once for a key: a repetition
// that has the header too can succeed.
func (a *Armed) FireHeader(header, key string, r Request) (*Fault, error) {
	f, err := Parse(header)
	if err != nil || !f.matches(r) {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !f.Always && !a.fired.first(key) {
		return nil, nil
	}
	f.Fired = 1
	return &f, nil
}

// firedOnce remembers the last keys for which a fault of a header has fired.
type firedOnce struct {
	known map[string]bool
	order []string
}

const maxFired = 10_000

// first tells whether a key comes for the first time.
func (o *firedOnce) first(key string) bool {
	if o.known[key] {
		return false
	}
	if o.known == nil {
		o.known = make(map[string]bool)
	}
	if len(o.order) == maxFired {
		delete(o.known, o.order[0])
		o.order = o.order[1:]
	}
	o.known[key] = true
	o.order = append(o.order, key)
	return true
}
