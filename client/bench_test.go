package client_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
)

// What a call costs beside a bare net/http call that does the same: gets the documents' six-line cart over the loopback with a
// token, and decodes it. Both are measured in turn in one run; "ratio" is that of their times.
func BenchmarkCall(b *testing.B) {
	answer := []byte(example(b, "createCart.six-lines.response.json"))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	defer s.Close()
	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(s.URL))
	if err != nil {
		b.Fatal(err)
	}
	var ours, bare time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		if _, err := c.Carts.Get(b.Context(), customer, customer); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if err := bareGet(b, s.URL); err != nil {
			b.Fatal(err)
		}
		ours, bare = ours+between.Sub(begin), bare+time.Since(between)
	}
	b.ReportMetric(float64(ours)/float64(bare), "ratio")
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "client-ns/call")
	b.ReportMetric(float64(bare.Nanoseconds())/float64(b.N), "bare-ns/call")
}

func bareGet(b *testing.B, url string) error {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/v1/customers/"+customer+"/carts/"+customer, http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer any")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var cart client.Cart
	return json.NewDecoder(response.Body).Decode(&cart)
}
