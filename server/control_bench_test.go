package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/journal"
)

// BenchmarkJournal makes the documents' six-line cart with the journal and without. The figure to look at is ×off.
func BenchmarkJournal(b *testing.B) {
	body := example(b, "createCart.six-lines.request")
	off := 0.0
	for _, control := range []bool{false, true, false, true} {
		name := map[bool]string{false: "off", true: "on"}[control]
		b.Run(name, func(b *testing.B) {
			handler, err := server.New(server.Options{Control: control})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/v1/customers/"+customer+"/carts", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer any")
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusCreated {
					b.Fatalf("%d\n%s", w.Code, w.Body)
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if !control {
				off = each
			}
			b.ReportMetric(each/off, "×off")
			if n := len(handler.Requests(journal.Filter{})); control && n != min(b.N, journal.MaxEntries) {
				b.Errorf("the journal has %d of %d requests", n, b.N)
			}
		})
	}
}
