// Package telemetry is what Prometheus reads of a process: cxloop's own metrics,
// the Temporal SDK's and the Go runtime's. Labels are names from the configuration
// and from the code, never ids and nothing of a person. docs/operations.md lists
// them.
package telemetry

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/cxloop/cxloop/integrations"
)

// The limits of reading the metrics: each reading asks the database.
const (
	readersAtOnce = 4
	readTimeout   = 5 * time.Second
)

var (
	// answerSeconds are for requests to this process, most of which wait for one
	// transaction.
	answerSeconds = []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	// callSeconds are for calls to other systems.
	callSeconds = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
)

// Metrics are the metrics of one process. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	temporal client.MetricsHandler

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	calls          *prometheus.CounterVec
	callSeconds    *prometheus.HistogramVec
	batches        *prometheus.CounterVec
	batchItems     prometheus.Histogram
	invitations    *prometheus.CounterVec
	answers        *prometheus.CounterVec
	mailEvents     *prometheus.CounterVec
	feedback       *prometheus.CounterVec
	unanswered     *prometheus.CounterVec
}

// New makes the metrics of a process, all at zero.
func New() (*Metrics, error) {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counters("cxloop_http_requests_total", "Answered HTTP requests.", "route", "status"),
		requestSeconds: histograms("cxloop_http_request_seconds", "Time to answer an HTTP request.", answerSeconds,
			"route"),
		calls: counters("cxloop_vendor_requests_total",
			"HTTP calls to vendors: ok, limited (429), refused (other 4xx), failed (5xx) or no_answer.", "vendor", "outcome"),
		callSeconds: histograms("cxloop_vendor_request_seconds", "Time until a vendor's answer begins.", callSeconds, "vendor"),
		batches:     counters("cxloop_dispatch_batches_total", "Batches claimed from the inbox, repetitions included.", "topic"),
		batchItems: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cxloop_dispatch_batch_items", Help: "Items of a batch claimed from the inbox.",
			Buckets: []float64{1, 2, 5, 10, 25, 50, 100, 250, 500},
		}),
		invitations: counters("cxloop_invitations_total",
			"Admission's decisions, repetitions included: state admitted, sent (by a link, or by another tool) or suppressed, and the rule that suppressed.",
			"program", "state", "rule"),
		unanswered: counters("cxloop_conditions_unanswered_total",
			"Expressions without an answer, which is a no: a field was missing or its value invalid.", "program", "expression", "reason"),
		answers:  counters("cxloop_answers_total", "Answers saved, each change of one included.", "program", "band"),
		feedback: counters("cxloop_feedback_total", "Comments saved that nobody asked for, repetitions included.", "kind"),
		mailEvents: counters("cxloop_mail_events_total",
			"What the mail vendor told of mails, each kind once a mail: delivered, bounced, blocked, dropped, complaint, unsubscribed, opened or clicked.",
			"program", "event"),
	}
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewBuildInfoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.requests, m.requestSeconds, m.calls, m.callSeconds, m.batches, m.batchItems, m.invitations, m.answers, m.mailEvents, m.feedback, m.unanswered,
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	var err error
	m.temporal, err = temporalMetrics(m.registry)
	return m, err
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// temporalMetrics has the SDK's metrics under the names that Temporal documents
// for Prometheus, temporal_…, with times in seconds.
func temporalMetrics(registry *prometheus.Registry) (client.MetricsHandler, error) {
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("temporal's metrics: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(metric.NewView(
		metric.Instrument{Kind: metric.InstrumentKindHistogram},
		metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: callSeconds}},
	)))
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: provider.Meter("temporal-sdk-go"), UseMonotonicCounters: true,
		OnError: func(error) {}, // a metric less is no reason to stop
	}), nil
}

// Handler serves the metrics in Prometheus's formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: readersAtOnce, Timeout: 2 * readTimeout,
	})
}

// Temporal takes the metrics of the Temporal SDK.
func (m *Metrics) Temporal() client.MetricsHandler { return m.temporal }

// Request counts an answered HTTP request. The route is the pattern that it
// matched, "" where there was none.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(route).Observe(took.Seconds())
}

// UnansweredEvent counts an event whose data gave a program's condition no answer.
func (m *Metrics) UnansweredEvent(program, reason string) {
	m.unanswered.WithLabelValues(program, "condition", reason).Inc()
}

// Vendor counts the calls to a vendor.
func (m *Metrics) Vendor(vendor string) integrations.Observer {
	return func(status int, took time.Duration) {
		m.calls.WithLabelValues(vendor, outcome(status)).Inc()
		m.callSeconds.WithLabelValues(vendor).Observe(took.Seconds())
	}
}

// outcome classes a vendor's status; 0 is a call without an answer.
func outcome(status int) string {
	switch {
	case status == 0:
		return "no_answer"
	case status == http.StatusTooManyRequests:
		return "limited"
	case status >= 500:
		return "failed"
	case status >= 400:
		return "refused"
	}
	return "ok"
}
