// Package proof_test proves of the real binary what it promises: whatever it has acknowledged is there, and nothing is
// ordered twice, however it is ended and whatever its disk or database does meanwhile.
//
//	binary_test.go    the binary as a process that can be stopped and killed
//	load_test.go      clients that buy, repeat, and remember what was acknowledged
//	audit_test.go     what the store has at the end, against what was acknowledged
//	sabotage_test.go  that the audit and the load find faults
//	kill_test.go      kill -9, on SQLite and on PostgreSQL
//	powercut_test.go  loss of power; careless_test.go has a server that does not survive it
//	diskfull_test.go  a full disk; disk_test.go has file systems of their own for both
//	shutdown_test.go  signals to stop
//	failover_test.go  the loss of PostgreSQL's primary, with three replicas
//	network_test.go   what a network does between replicas and PostgreSQL
//	bench_test.go     how many durable carts and checkouts a second
//
// In this process, on servers whose handlers are called directly:
//
//	handler_test.go       such a server, and a request to it
//	shopper_test.go       a client that takes all steps of a purchase and holds the server to what it knows
//	faults_test.go        each call of the database fails once
//	storm_test.go         clients that hang up, and clients that repeat
//	together_test.go      one request at two servers at once, and a cart that another holds
//	linearizable_test.go  what many clients see is what one after the other would have seen: model_test.go says what may be
//	                      seen, history_test.go records what is
//	mutants_test.go       that faults which are planted are found
//
// Each proof is short by default. CARTWRIGHT_PROOF, a Go duration such as 10m, makes them long. Where a proof needs
// something that the machine does not have, it is skipped, unless CARTWRIGHT_REQUIRE_ALL is set.
package proof_test

import (
	"os"
	"testing"
	"time"
)

// shortProof is how long a proof takes by default.
const shortProof = 3 * time.Second

// proofTime tells how long a proof is to take, and whether that is long enough to ask for figures.
func proofTime(t *testing.T) (d time.Duration, long bool) {
	t.Helper()
	word := os.Getenv("CARTWRIGHT_PROOF")
	if word == "" {
		return shortProof, false
	}
	d, err := time.ParseDuration(word)
	if err != nil || d <= 0 {
		t.Fatalf("CARTWRIGHT_PROOF=%s is no duration, such as 10m", word)
	}
	return d, d >= time.Minute
}

// eventually polls until something is so, for a minute.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in a minute it did not come about that %s", what)
		}
	}
}
