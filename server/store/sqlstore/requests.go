package sqlstore

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/cartwright-dev/cartwright/server/store"
)

// requests tells which ones this process has heard of lately. What clients repeat was mostly not long ago.
type requests struct {
	seed maphash.Seed
	last [4096]atomic.Uint64 // the hash of the last one of each remainder
}

// heard tells whether a request is among them, and notes it.
func (q *requests) heard(r store.Request) bool {
	sum := maphash.Comparable(q.seed, r)
	return q.last[sum%uint64(len(q.last))].Swap(sum) == sum
}
