package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A request is one aligned line, whatever it is of; what else is logged is a line too.
func TestLog_Text(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := newLogger("text", &out)
	at := time.Date(2026, 1, 2, 3, 4, 5, 67e6, time.UTC)
	request := func(message string, status int, milliseconds float64, id, note string) {
		r := slog.NewRecord(at, slog.LevelInfo, message, 0)
		r.AddAttrs(slog.Int("status", status), slog.String("operation", "x"), slog.Float64("ms", milliseconds),
			slog.String("requestId", id), slog.String("correlationId", "y"), slog.String("note", note))
		if err := log.Handler().Handle(context.Background(), r); err != nil {
			t.Error(err)
		}
	}
	const customer = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"
	request("POST "+customer+"/carts/B4C8FDEA-cbe4-4d17-9576-13fcacbf9605/checkout", 201, 12.34, "4fa6dad6-a89f-4875-8247-8294a10ae1cf", "")
	request("GET /readyz", 200, 0.04, "", "")
	request("POST "+customer+"/carts", 0, 1234.5, "4fa6dad6-a89f-4875-8247-8294a10ae1cf", "fault: drop-after-commit")
	request("GET /v1/x", 404, 1, "4fa6dad6-a89f-4875-8247-8294a10ae1cf", "it has\na line\x1b[31m, a “quote” and \u202e")
	const want = `03:04:05.067  201  POST   /v1/customers/d6bf25b7…/carts/B4C8FDEA…/checkout             12.3 ms  4fa6dad6
03:04:05.067  200  GET    /readyz                                                       0.0 ms
03:04:05.067  cut  POST   /v1/customers/d6bf25b7…/carts                              1234.5 ms  4fa6dad6  fault: drop-after-commit
03:04:05.067  404  GET    /v1/x                                                         1.0 ms  4fa6dad6  it has�a line�[31m, a “quote” and �
`
	if out.String() != want {
		t.Errorf("the log is\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	log.With("a", 1).WithGroup("g").Info("stopping", "b", 2)
	if got := out.String(); !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3} INF stopping a=1 g\.b=2\n$`).MatchString(got) {
		t.Errorf("another line is %q", got)
	}
}

// requestLine is the line of a request without its time.
func requestLine(t *testing.T, log, path string) string {
	t.Helper()
	for line := range strings.Lines(log) {
		if strings.Contains(line, path) {
			return line
		}
	}
	t.Fatalf("no line has %s:\n%s", path, log)
	return ""
}

// A log that is no terminal's is JSON, or text where that is asked for, in which the binary's requests are read.
func TestLog_Files(t *testing.T) {
	t.Parallel()
	log := func(args ...string) string {
		p := start(t, t.TempDir(), append(args, "--store", "memory")...)
		p.send("POST", someCustomer+"/carts", "{}")
		p.stop()
		return read(t, p.stderr)
	}
	for _, args := range [][]string{nil, {"--log", "json"}} {
		var line struct {
			Msg, Operation, RequestID, Note string
			Status                          int
			MS                              float64
		}
		got := requestLine(t, log(args...), "/carts")
		if err := json.Unmarshal([]byte(got), &line); err != nil || line.Msg != "POST "+someCustomer+"/carts" ||
			line.Status != http.StatusBadRequest || line.Operation != "createCart" || len(line.RequestID) != 36 || line.MS <= 0 || line.Note == "" {
			t.Errorf("%q: the line is %s, %v", args, got, err)
		}
	}
	got := requestLine(t, log("--log", "text"), "/carts")
	if !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3}  400  POST   /v1/customers/d6bf25b7…/carts +\d+\.\d ms  …[0-9a-f]{7}  800002: .*lineItems: is missing\n$`).MatchString(got) {
		t.Errorf("the line is %q", got)
	}
}
