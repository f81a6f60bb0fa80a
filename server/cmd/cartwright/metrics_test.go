package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Requests are counted by operation and status, with how long they took, and beside them the database's connections.
func TestMetrics(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--metrics")
	p.send("POST", someCustomer+"/carts", oneLicence)
	p.send("POST", someCustomer+"/carts", oneLicence)
	p.send("POST", someCustomer+"/carts", "{}")
	p.get("/v1/nothing")
	p.get("/_cartwright/version") // which is not counted
	status, header, body := p.get("/_cartwright/metrics")
	if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/plain; version=0.0.4") || header.Get("X-Cartwright") == "" {
		t.Errorf("%d, %v", status, header)
	}
	for _, want := range []string{
		`cartwright_requests_total{operation="createCart",status="201"} 2`,
		`cartwright_requests_total{operation="createCart",status="400"} 1`,
		`cartwright_requests_total{operation="none",status="404"} 1`,
		`cartwright_request_duration_seconds_bucket{operation="createCart",le="+Inf"} 3`,
		`cartwright_request_duration_seconds_count{operation="createCart"} 3`,
		`cartwright_requests_in_flight 0`,
		`go_sql_max_open_connections{db_name="writer"} 1`,
		`go_sql_open_connections{db_name="reader"} `,
		`process_start_time_seconds `,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("the metrics do not have %s:\n%s", want, body)
		}
	}
	if n := strings.Count(body, "\ncartwright_requests_total{"); n != 3 {
		t.Errorf("there are %d counters, want 3:\n%s", n, body)
	}
	if sum := regexp.MustCompile(`\ncartwright_request_duration_seconds_sum\{operation="createCart"\} (\S+)`).FindStringSubmatch(body); sum == nil || sum[1] == "0" {
		t.Errorf("the requests took no time: %v", sum)
	}
	if status, _, _ := get(t, p.url+"/_cartwright/clock"); status != http.StatusOK {
		t.Errorf("the metrics hide test control, which answers %d", status)
	}

	conn, _ := p.underWay(10)
	p.eventually(func() bool {
		_, _, body := p.get("/_cartwright/metrics")
		return strings.Contains(body, "\ncartwright_requests_in_flight 1\n")
	})
	_ = conn.Close()
	p.eventually(func() bool {
		_, _, body := p.get("/_cartwright/metrics")
		return strings.Contains(body, "\ncartwright_requests_in_flight 0\n")
	})
}

// A connection that a fault cuts is counted as such.
func TestMetrics_Cut(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--metrics", "--store", "memory")
	if status, body := p.send("POST", "/_cartwright/faults", `{"kind":"drop-after-commit"}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	p.get("/v1/products?country=US") // without a token, which is found out before any fault
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+someCustomer+"/carts", strings.NewReader(oneLicence))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	if response, err := http.DefaultClient.Do(r); err == nil {
		t.Errorf("the connection was not cut: %v", response)
	}
	p.eventually(func() bool {
		_, _, body := p.get("/_cartwright/metrics")
		return strings.Contains(body, `cartwright_requests_total{operation="createCart",status="cut"} 1`)
	})
}

// Metrics and test control are where they are asked for, and nowhere else.
func TestControl_Address(t *testing.T) {
	t.Parallel()
	controlOf := func(p *process) string {
		line := regexp.MustCompile(`\n  control   (\S+)\n`).FindStringSubmatch(read(t, p.stdout))
		if line == nil {
			t.Fatalf("the banner does not tell where test control is:\n%s", read(t, p.stdout))
		}
		return line[1]
	}
	for name, tc := range map[string]struct {
		args                              []string
		beside, besideMetrics, apart, api int
	}{
		"beside the API":     {nil, 200, 404, 200, 401},
		"with metrics":       {[]string{"--metrics"}, 200, 200, 200, 401},
		"apart":              {[]string{"--control", "127.0.0.1:0"}, 404, 404, 200, 404},
		"apart with metrics": {[]string{"--control", "127.0.0.1:0", "--metrics"}, 404, 404, 200, 404},
		"off":                {[]string{"--control", "off"}, 404, 404, 0, 0},
	} {
		p := start(t, t.TempDir(), append(tc.args, "--store", "memory")...)
		beside, _, _ := p.get("/_cartwright/version")
		metrics, _, _ := p.get("/_cartwright/metrics")
		if beside != tc.beside || metrics != tc.besideMetrics {
			t.Errorf("%s: at the API's address test control is %d and metrics %d, want %d and %d", name, beside, metrics, tc.beside, tc.besideMetrics)
		}
		control := controlOf(p)
		if tc.apart == 0 {
			if control != "off" {
				t.Errorf("%s: the banner says %s", name, control)
			}
			continue
		}
		apart, _, _ := get(t, control+"/version")
		api, _, _ := get(t, strings.TrimSuffix(control, "/_cartwright")+"/v1/products")
		if apart != tc.apart || api != tc.api {
			t.Errorf("%s: at its own address test control is %d, the API %d; want %d, %d", name, apart, api, tc.apart, tc.api)
		}
		if strings.Contains(name, "with metrics") {
			if status, _, body := get(t, control+"/metrics"); status != http.StatusOK || !strings.Contains(body, "\ncartwright_requests_total{") {
				t.Errorf("%s: metrics are %d\n%s", name, status, body)
			}
		}
		p.stop()
	}
}
