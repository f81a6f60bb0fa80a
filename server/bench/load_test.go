package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func serverOf(t *testing.T, handler http.HandlerFunc) *process {
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	return &process{name: "web", address: web.Listener.Addr().String(), log: filepath.Join(t.TempDir(), "log")}
}

// Each request of a source is sent once, and as many as there may be.
func TestLoad(t *testing.T) {
	t.Parallel()
	var paths sync.Map
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		if _, twice := paths.LoadOrStore(r.URL.Path, true); twice {
			w.WriteHeader(http.StatusConflict)
		}
	})
	var requests []request
	for range 100 {
		requests = append(requests, request{http.MethodGet, "/" + strings.Repeat("x", len(requests)), "", http.StatusOK})
	}
	for _, tc := range []struct {
		next  source
		until bound
		want  int
	}{
		{each(requests[:50]), bound{}, 50},
		{each(requests[50:]), bound{requests: 20}, 20},
	} {
		times, err := s.load(t.Context(), 4, tc.next, tc.until, nil)
		if len(times) != tc.want || err != nil {
			t.Errorf("%d requests were sent, %v; want %d", len(times), err, tc.want)
		}
	}
}

// One wrong answer ends a load with an error: what measures errors is worth nothing.
func TestLoad_WrongStatus(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	s := serverOf(t, func(w http.ResponseWriter, _ *http.Request) {
		if served.Add(1) == 30 {
			http.Error(w, "enough", http.StatusTooManyRequests)
		}
	})
	_, err := s.load(t.Context(), 3, always(request{http.MethodGet, "/", "", http.StatusOK}), bound{}, nil)
	if err == nil || !strings.Contains(err.Error(), "answers 429, want 200\nenough") {
		t.Errorf("it ends with %v", err)
	}
}

// So does an answer that has not what is needed.
func TestLoad_WrongAnswer(t *testing.T) {
	t.Parallel()
	s := serverOf(t, func(http.ResponseWriter, *http.Request) {})
	wrong := errors.New("wrong")
	_, err := s.load(t.Context(), 1, always(request{http.MethodGet, "/", "", http.StatusOK}), bound{}, func(int, []byte) error { return wrong })
	if !errors.Is(err, wrong) {
		t.Errorf("it ends with %v", err)
	}
}
