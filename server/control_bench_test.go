//go:build unix

package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
)

// BenchmarkJournal makes the documents' six-line cart with the journal and without, in turns, so that both have the same
// machine. The figure to look at is ×off: the processor's time with the journal to that without, garbage collection included.
func BenchmarkJournal(b *testing.B) {
	body := example(b, "createCart.six-lines.request")
	var handlers [2]http.Handler
	for i, control := range []bool{false, true} {
		handler, err := server.New(server.Options{Control: control})
		if err != nil {
			b.Fatal(err)
		}
		handlers[i] = handler
	}
	const batch = 50
	var spent [2]time.Duration
	for b.Loop() {
		for i, handler := range handlers {
			begun := processorTime(b)
			for range batch {
				r := httptest.NewRequest(http.MethodPost, "/v1/customers/"+customer+"/carts", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer any")
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusCreated {
					b.Fatalf("%d\n%s", w.Code, w.Body)
				}
			}
			spent[i] += processorTime(b) - begun
		}
	}
	b.ReportMetric(float64(spent[0].Microseconds())/float64(b.N*batch), "off-cpu-µs/req")
	b.ReportMetric(float64(spent[1].Microseconds())/float64(b.N*batch), "on-cpu-µs/req")
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "×off")
	b.ReportMetric(0, "ns/op") // that of both together says nothing
}

// processorTime is what this process has had of the processor.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
