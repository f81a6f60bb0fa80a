package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
)

const (
	someCustomer = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"
	oneLicence   = `{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}`
)

// buy creates a cart and checks it out, and gives both answers.
func (p *process) buy() (cart, checkout string) {
	p.t.Helper()
	_, cart = p.send("POST", someCustomer+"/carts", oneLicence)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(cart), &made); err != nil {
		p.t.Fatalf("%v in %s", err, cart)
	}
	status, checkout := p.send("POST", someCustomer+"/carts/"+made.ID+"/checkout", "")
	if status != http.StatusCreated {
		p.t.Fatalf("checkout: %d\n%s", status, checkout)
	}
	return cart, checkout
}

// stop ends the stub gently.
func (p *process) stop() {
	p.t.Helper()
	if code := p.end(syscall.SIGTERM); code != 0 {
		p.t.Fatalf("SIGTERM ends it with %d:\n%s", code, read(p.t, p.stderr))
	}
}

// now tells the stub's time.
func (p *process) now() time.Time {
	p.t.Helper()
	var clock struct{ Now time.Time }
	status, body := p.send("GET", "/_cartwright/clock", "")
	if err := json.Unmarshal([]byte(body), &clock); err != nil {
		p.t.Fatalf("%d, %v: %s", status, err, body)
	}
	return clock.Now
}

// begins wants that the stub's time is a short while after an instant.
func (p *process) begins(at time.Time) {
	p.t.Helper()
	if now := p.now(); now.Before(at) || now.After(at.Add(time.Hour)) {
		p.t.Errorf("it is %v, want the hour after %v", now, at)
	}
}

// A clock begins where it is told to, and a store that has one keeps it.
func TestClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC), time.Date(2033, 1, 1, 0, 0, 0, 0, time.UTC)
	p := start(t, dir, "--clock", first.Format(time.RFC3339))
	p.begins(first)
	if _, cart := p.send("POST", someCustomer+"/carts", oneLicence); !strings.Contains(cart, `"creationTimestamp":"2031-02-03T04:`) {
		t.Errorf("the cart is %s", cart)
	}
	if status, _ := p.send("GET", someCustomer+"/carts/65faf57b-0205-47ee-92b3-08dcf233ea73", ""); status != http.StatusOK {
		t.Errorf("the documents' cart is %d: it should be made at the clock's time, and not have expired", status)
	}
	p.stop()
	start(t, dir, "--clock", second.Format(time.RFC3339)).begins(first)
	start(t, t.TempDir(), "--store", "memory", "--clock", "2033-01-01T02:00:00+02:00").begins(second)
	start(t, t.TempDir(), "--store", "memory", "--clock", "1999-12-31T00:00:00Z").begins(time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC))
}

var timeInAnswer = regexp.MustCompile(`"\d{4}-\d{2}-\d{2}T[^"]*"`)

// Two runs with sequential ids give the same answers but for the time of day, and two with random ones don't.
func TestIDs(t *testing.T) {
	t.Parallel()
	answers := func(ids string) string {
		p := start(t, t.TempDir(), "--store", "memory", "--clock", "2026-01-01T00:00:00Z", "--ids", ids)
		cart, checkout := p.buy()
		_, orders := p.send("GET", someCustomer+"/orders", "")
		return timeInAnswer.ReplaceAllString(cart+checkout+orders, "TIME")
	}
	first := answers("sequential")
	if diff := cmp.Diff(first, answers("sequential")); diff != "" {
		t.Errorf("the runs differ:\n%s", diff)
	}
	if first == answers("random") {
		t.Error("random ids are the same as sequential ones")
	}
}

// What is exported at the end of a run is the beginning of the next: the same carts and orders, at the same time.
func TestImportExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, "--store", "memory", "--clock", "2031-01-01T00:00:00Z", "--export", "state.json")
	p.buy()
	_, orders := p.send("GET", someCustomer+"/orders", "")
	if status, body := p.send("POST", "/_cartwright/clock/freeze", ""); status != http.StatusOK {
		t.Fatalf("freeze: %d %s", status, body)
	}
	at := p.now()
	p.stop()
	if info, err := os.Stat(filepath.Join(dir, "state.json")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the export is %v, %v", info, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".cartwright-*")); err != nil || len(left) > 0 {
		t.Errorf("it left %q, %v", left, err)
	}

	// Into a store of another sort, over what it has, with a flag that the import overrules; and out again.
	p = start(t, dir, "--store", "sqlite:next.db")
	p.buy()
	p.stop()
	p = start(t, dir, "--store", "sqlite:next.db", "--import", "state.json", "--clock", "2040-01-01T00:00:00Z", "--export", "again.json")
	if got := p.now(); !got.Equal(at) {
		t.Errorf("it is %v, want %v", got, at)
	}
	if _, got := p.send("GET", someCustomer+"/orders", ""); got != orders {
		t.Errorf("the orders are\n%s\nwant\n%s", got, orders)
	}
	p.stop()
	if diff := cmp.Diff(read(t, filepath.Join(dir, "state.json")), read(t, filepath.Join(dir, "again.json"))); diff != "" {
		t.Errorf("the second export differs from the first:\n%s", diff)
	}
}

// The export is written over one that is there, also where requests were cut off at the end; and not by a stub that never
// served.
func TestExport_AtTheEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "state.json", "before")
	if got := execute(t, dir, nil, "--store", "memory", "--addr", "127.0.0.1:-1", "--export", "state.json"); got.code != 1 || read(t, filepath.Join(dir, "state.json")) != "before" {
		t.Errorf("%+v", got)
	}
	p := start(t, dir, "--store", "memory", "--export", "state.json")
	p.underWay(10) // of a client that never sends the rest
	if code := p.end(syscall.SIGTERM); code != 1 || !strings.Contains(read(t, p.stderr), "requests were still under way") {
		t.Errorf("it ended with %d:\n%s", code, read(t, p.stderr))
	}
	if state := read(t, filepath.Join(dir, "state.json")); !json.Valid([]byte(state)) || !strings.Contains(state, "65faf57b-0205-47ee-92b3-08dcf233ea73") {
		t.Errorf("the export is %s", state)
	}
}

// A run with sequential ids can begin with an import of another's, unless it would draw the same ids again.
func TestIDs_Again(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, ids := range []string{"sequential", "random"} {
		p := start(t, dir, "--store", "memory", "--ids", ids, "--export", ids+".json")
		p.buy()
		p.stop()
	}
	p := start(t, dir, "--store", "memory", "--ids", "sequential", "--import", "random.json")
	p.buy()
	p.stop()
	for _, args := range [][]string{{"--import", "sequential.json"}, {"--store", "sqlite:used.db"}} {
		if args[0] == "--store" {
			p := start(t, dir, append(args, "--ids", "sequential")...)
			p.buy()
			p.stop()
		} else {
			args = append(args, "--store", "memory")
		}
		got := execute(t, dir, nil, append(args, "--addr", "127.0.0.1:0", "--ids", "sequential")...)
		if got.code != 1 || !strings.Contains(got.stderr, "--ids sequential would draw ids again: there is cart 00000000-0000-4000-8000-") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// exampleDocument gives one of the carts that the stub begins with, as an export has it, made at the beginning of 2026.
func exampleDocument(t *testing.T) string {
	t.Helper()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	stub, err := server.New(server.Options{Clock: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	var export strings.Builder
	if err := errors.Join(stub.AddExamples(t.Context()), stub.WriteState(t.Context(), &export)); err != nil {
		t.Fatal(err)
	}
	var state struct{ Documents []json.RawMessage }
	if err := json.Unmarshal([]byte(export.String()), &state); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, state.Documents[0]); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// Wrong settings and files are refused before the stub serves, with a word on what is wrong, and nothing is left behind.
func TestState_Refuses(t *testing.T) {
	t.Parallel()
	const begin = `{"format":1,"documents":[`
	cart := exampleDocument(t)
	for name, tc := range map[string]struct {
		args []string
		file string // state.json, where it is not empty
		want string
	}{
		"a clock that is none":         {[]string{"--clock", "noon"}, "", `--clock: parsing time "noon"`},
		"a clock without time":         {[]string{"--clock", "2026-01-01"}, "", `--clock: parsing time "2026-01-01"`},
		"a clock too far ahead":        {[]string{"--clock", "2200-01-01T00:00:00Z"}, "", "--clock 2200-01-01T00:00:00Z: the year is not from 1900 to 2199"},
		"a clock too far back":         {[]string{"--clock", "0001-01-01T00:00:00Z"}, "", "the year is not from 1900 to 2199"},
		"unknown ids":                  {[]string{"--ids", "nice"}, "", `--ids must be one of "random","sequential" but got "nice"`},
		"no file to import":            {[]string{"--import", "missing.json"}, "", "import: open missing.json: "},
		"a folder to import":           {[]string{"--import", "."}, "", "import .: "},
		"an import that ends early":    {[]string{"--import", "state.json"}, begin, "import state.json: unexpected end of JSON input"},
		"an import that goes on":       {[]string{"--import", "state.json"}, begin + "]} {}", "import state.json: invalid character '{' after top-level value"},
		"an import of another form":    {[]string{"--import", "state.json"}, `{"format":2,"documents":[]}`, "/format: must be one of 1\n"},
		"an import that is null":       {[]string{"--import", "state.json"}, `null`, "/: must not be null\n"},
		"an import without a time":     {[]string{"--import", "state.json"}, begin + strings.Replace(cart, `"createdAt":"2026-01-01T00:00:00Z",`, "", 1) + "]}", "/documents/0/createdAt: is missing\n"},
		"an import of a cart twice":    {[]string{"--import", "state.json"}, begin + cart + "," + cart + "]}", "/documents/1/id: is there already\n"},
		"an export in no folder":       {[]string{"--export", "missing/state.json"}, "", "--export: "},
		"an export that is a folder":   {[]string{"--export", "."}, "", "--export .: it is a folder"},
		"control at no address":        {[]string{"--control", "maybe"}, "", `--control "maybe" is neither on, off nor an address that can be listened on`},
		"metrics without control":      {[]string{"--control", "off", "--metrics"}, "", "--metrics needs test control"},
		"a throttle that is no number": {[]string{"--throttle", "many"}, "", `--throttle "many" is no limit such as 500/min`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tc.file != "" {
				write(t, dir, "state.json", tc.file)
			}
			got := execute(t, dir, nil, append(tc.args, "--store", "memory", "--addr", "127.0.0.1:0", "--url-file", "url")...)
			if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, tc.want) || strings.Contains(got.stderr, "Schema:") {
				t.Errorf("%+v, want %q", got, tc.want)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 1 || len(left) == 1 && left[0].Name() != "state.json" {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
}
