package intake

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count the requests of clients. Labels have few values: the paths are those of the
// routes, and no label depends on a workspace.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	running  prometheus.Gauge
}

func newMetrics(to prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_requests_total",
			Help: "Answers by route and status."}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "taskport_request_seconds",
			Help:    "Duration of requests, including uploads and waiting for results.",
			Buckets: prometheus.ExponentialBuckets(.001, 2.5, 12)}, []string{"method", "route"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "taskport_requests_running",
			Help: "Requests that are being answered."}),
	}
	if to != nil {
		to.MustRegister(m.requests, m.took, m.running)
	}
	return m
}

// methods bounds the values of the label.
var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true,
	"OPTIONS": true}

func (m *metrics) answered(method, route string, status int, took time.Duration) {
	if !methods[method] {
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(method, route).Observe(took.Seconds())
}
