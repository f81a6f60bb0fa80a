package main

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/store"
)

// metricsPath is where Prometheus finds what --metrics counts.
const metricsPath = server.ControlPath + "/metrics"

// metrics counts requests, for Prometheus.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(documents store.Store) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cartwright_requests_total",
			Help: "Requests by operation and status; cut where the connection was cut before the answer.",
		}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cartwright_request_duration_seconds",
			Help:    "How long requests took, by operation.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16), // to 16 s
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cartwright_requests_in_flight",
			Help: "Requests that are being served.",
		}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if s, ok := documents.(interface{ Pools() map[string]*sql.DB }); ok {
		for name, pool := range s.Pools() {
			m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
		}
	}
	return m
}

// handler gives the counts to Prometheus. It says the version, as each answer of the stub does.
func (m *metrics) handler() http.Handler {
	counts := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Cartwright", server.Version)
		counts.ServeHTTP(w, r)
	})
}

// around counts the requests that a handler serves at the moment.
func (m *metrics) around(handler http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(m.inFlight, handler)
}

// countRequests counts each request that is logged, and hands its record on.
type countRequests struct {
	slog.Handler
	metrics *metrics
}

// Handle implements slog.Handler.
func (c countRequests) Handle(ctx context.Context, record slog.Record) error {
	if r, ok := requestOf(record); ok {
		operation := r.operation
		if operation == "" {
			operation = "none" // of the contract: /readyz, a path that nothing has
		}
		c.metrics.requests.WithLabelValues(operation, statusText(r.status)).Inc()
		c.metrics.duration.WithLabelValues(operation).Observe(r.milliseconds * float64(time.Millisecond) / float64(time.Second))
	}
	return c.Handler.Handle(ctx, record)
}
