package journal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/journal"
)

func entry(body int) *journal.Entry {
	return &journal.Entry{Operation: "createCart", Request: journal.Message{Header: http.Header{"A": {"b"}}, Body: []byte(strings.Repeat("x", body))}}
}

// The journal has a limit of entries and of bytes: the oldest make way, and ids go on.
func TestJournal_IsBounded(t *testing.T) {
	t.Parallel()
	var j journal.Journal
	const n = 10_000
	for range n {
		j.Add(entry(10))
	}
	found, total := j.List(journal.Filter{Limit: 3})
	if total != journal.MaxEntries || len(found) != 3 || found[0].ID != n || found[2].ID != n-2 {
		t.Errorf("of %d entries there are %d, the newest %+v", n, total, found)
	}
	if e := j.Get(n - journal.MaxEntries); e != nil {
		t.Errorf("the entry before the oldest is %+v", e)
	}
	if e := j.Get(n - journal.MaxEntries + 1); e == nil {
		t.Error("the oldest entry is not there")
	}
	for range 2 * journal.MaxBytes / journal.MaxBody {
		j.Add(entry(journal.MaxBody))
	}
	if _, total := j.List(journal.Filter{}); total > journal.MaxBytes/journal.MaxBody || total < journal.MaxBytes/journal.MaxBody-10 {
		t.Errorf("of large entries there are %d, of which %d bytes are allowed", total, journal.MaxBytes)
	}
	j.Clear()
	j.Add(entry(1))
	if found, total := j.List(journal.Filter{}); total != 1 || found[0].ID <= n {
		t.Errorf("after clearing there are %d, the id is %d", total, found[0].ID)
	}
}
