package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReadSettings(t *testing.T) {
	t.Parallel()
	s, err := readSettings(nil, io.Discard)
	if err != nil || len(s.stores) != 3 || len(s.connections) != 3 || s.rounds != 5 || s.length != time.Second || s.ops != nil || s.growth {
		t.Errorf("by themselves they are %+v, %v", s, err)
	}
	s, err = readSettings(strings.Fields("-stores memory -ops create,get -connections 2 -rounds 1 -seconds 0.5"), io.Discard)
	if groups := s.groups(bodies{}); err != nil || len(groups) != 2 || groups[1].op.name != "get" || groups[1].connections != 2 || len(groups[1].targets) != 2 {
		t.Errorf("it measures %+v, %v", groups, err)
	}
	if s, err = readSettings([]string{"-growth"}, io.Discard); err != nil || len(s.groups(bodies{})) != 0 {
		t.Errorf("growth alone measures %+v, %v", s.groups(bodies{}), err)
	}
	for args, want := range map[string]string{
		"-stores mysql":     `-stores: "mysql" is none of`,
		"-ops delete":       `-ops: "delete" is none of create, get, `,
		"-connections 0":    `-connections: "0" is no number above 0`,
		"-connections many": `-connections: "many" is no number above 0`,
		"-rounds 0":         "-rounds, -seconds",
		"create":            `"create" is no flag`,
	} {
		if _, err := readSettings(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

// All operations are measured at the usual number of connections, with what is compared only there.
func TestGroups(t *testing.T) {
	t.Parallel()
	s, err := readSettings([]string{"-peers"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[int]int)
	for _, g := range s.groups(bodies{}) {
		count[g.connections]++
		want := 4
		if g.connections == usual && g.op.name == creation {
			want = 7
		}
		if len(g.targets) != want || g.targets[0] != floor {
			t.Errorf("%s at %d connections is of %q", g.op.name, g.connections, g.targets)
		}
	}
	if count[usual] != len((bodies{}).operations()) || count[1] != 2 || count[64] != 2 {
		t.Errorf("operations by connections: %v", count)
	}
}

// What is sent has six lines each, without comments but where it is as printed, and faults only where it is to be rejected.
func TestReadBodies(t *testing.T) {
	t.Parallel()
	b, err := readBodies(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{b.sixLines, b.rejected} {
		var cart struct{ LineItems []any }
		if err := json.Unmarshal([]byte(body), &cart); err != nil || len(cart.LineItems) != 6 {
			t.Errorf("%d lines, %v", len(cart.LineItems), err)
		}
	}
	if json.Valid([]byte(b.printed)) || !strings.Contains(b.printed, "/*") {
		t.Error("the cart as printed has no comments")
	}
}

// The report has a row for each that was measured, its ratio to the floor of the same round, and what goals there are of it.
func TestReport(t *testing.T) {
	t.Parallel()
	r := newReport(t.Context(), ".", []string{"-ops", "create as printed"})
	create := operation{name: creation}
	r.groups = []group{{create, usual, []string{floor, inMemory, onSQLite}}}
	for round := range 3 {
		slow := float64(round + 1)
		for target, cpu := range map[string]float64{floor: 20, inMemory: 30, onSQLite: 80} {
			k := key{creation, usual, target}
			r.results[k] = append(r.results[k], result{requests: 9, cpu: cpu * slow, rate: 1000, p50: 1, p99: 5, peak: 12})
			r.starts[target] = append(r.starts[target], first{alive: 10, created: 12, idle: 25})
		}
	}
	text := r.markdown()
	for _, want := range []string{
		"`go run ./server/bench -ops 'create as printed'`",
		"| create, validated, memory | ≤ 1.50 × floor | 1.50 | yes |",
		"| create, validated and durable (SQLite, FULL) | ≤ 2.80 × floor | 4 | no |",
		"| p99 of create, SQLite | ≤ 1.50 × floor | 1 | yes |",
		"| create | sqlite | 160 | 4 | 1000 | 1 | 5 | 1 | 12 |",
		"| sqlite | 10 | 12 | 25 | 3 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"Prism", "PostgreSQL)", "million", "NaN"} {
		if strings.Contains(text, not) {
			t.Errorf("%q was not measured, and is in\n%s", not, text)
		}
	}
}
