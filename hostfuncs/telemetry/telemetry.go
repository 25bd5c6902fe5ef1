// Package telemetry gives what plugins count and time to Prometheus and OpenTelemetry.
//
//	t, err := telemetry.New(prometheus.DefaultRegisterer, otel.GetTracerProvider(), otel.GetMeterProvider())
//	services := &hostfuncs.Services{Telemetry: t}
//
//	vitrine_plugin_events_total{plugin="weatherboard",name="refresh"} 3
//	vitrine_plugin_span_seconds_count{plugin="weatherboard",name="load",failed="false"} 3
//
// OpenTelemetry has the counter vitrine.plugin.events, the histogram vitrine.plugin.span.duration and a span
// for each span, with the same labels as attributes: vitrine.plugin, vitrine.name, vitrine.failed.
//
// The labels are fixed: which plugin, which name, and for spans whether it failed. Who the person is is in
// none of them. A plugin has at most MaxNames names, and there are at most MaxPlugins plugins; what is
// beyond goes under "other".
package telemetry

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/vitrine-run/vitrine/hostfuncs"
)

// Bounds of what is kept.
const (
	MaxNames   = 32  // of a plugin
	MaxPlugins = 256 // in all
)

// other is the name of all that is beyond a bound.
const other = "other"

// Telemetry is a hostfuncs.Telemetry. It is safe for concurrent use and needs no closing.
type Telemetry struct {
	events *prometheus.CounterVec
	spans  *prometheus.HistogramVec
	tracer trace.Tracer

	counter   metric.Int64Counter // nil without a MeterProvider
	durations metric.Float64Histogram

	mu    sync.Mutex
	names map[string]map[string]bool // by plugin
}

var _ hostfuncs.Telemetry = (*Telemetry)(nil)

// New registers the metrics. Any of them may be nil: then it hears nothing.
func New(reg prometheus.Registerer, traces trace.TracerProvider, meters metric.MeterProvider) (*Telemetry, error) {
	t := &Telemetry{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_plugin_events_total", Help: "What plugins have counted.",
		}, []string{"plugin", "name"}),
		spans: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_plugin_span_seconds", Help: "How long what plugins time took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
		}, []string{"plugin", "name", "failed"}),
		names: map[string]map[string]bool{},
	}
	if traces != nil {
		t.tracer = traces.Tracer(scope)
	}
	var errs []error
	if meters != nil {
		errs = append(errs, t.measure(meters.Meter(scope)))
	}
	if reg != nil {
		errs = append(errs, reg.Register(t.events), reg.Register(t.spans))
	}
	return t, errors.Join(errs...)
}

// scope is the name of what instruments.
const scope = "github.com/vitrine-run/vitrine"

// measure makes the instruments of OpenTelemetry.
func (t *Telemetry) measure(m metric.Meter) (err error) {
	t.counter, err = m.Int64Counter("vitrine.plugin.events", metric.WithDescription("What plugins have counted."))
	if err != nil {
		return err
	}
	t.durations, err = m.Float64Histogram("vitrine.plugin.span.duration", metric.WithUnit("s"), metric.WithDescription("How long what plugins time took."))
	return err
}

// labels are the plugin and the name as they are kept.
func (t *Telemetry) labels(plugin, name string) (string, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := t.names[plugin]
	switch {
	case names == nil && len(t.names) >= MaxPlugins:
		return other, other
	case names == nil:
		names = map[string]bool{}
		t.names[plugin] = names
	}
	if !names[name] && len(names) >= MaxNames {
		return plugin, other
	}
	names[name] = true
	return plugin, name
}

// Count implements hostfuncs.Telemetry.
func (t *Telemetry) Count(who *hostfuncs.Subject, name string, n uint64) {
	plugin, name := t.labels(who.Plugin, name)
	t.events.WithLabelValues(plugin, name).Add(float64(n))
	if t.counter != nil {
		t.counter.Add(context.Background(), int64(n), metric.WithAttributes(label("plugin", plugin), label("name", name)))
	}
}

// Span implements hostfuncs.Telemetry.
func (t *Telemetry) Span(who *hostfuncs.Subject, name string, begin, end time.Time, failed bool) {
	plugin, name := t.labels(who.Plugin, name)
	t.spans.WithLabelValues(plugin, name, strconv.FormatBool(failed)).Observe(end.Sub(begin).Seconds())
	if t.durations != nil {
		t.durations.Record(context.Background(), end.Sub(begin).Seconds(),
			metric.WithAttributes(label("plugin", plugin), label("name", name), attribute.Bool("vitrine.failed", failed)))
	}
	if t.tracer == nil {
		return
	}
	_, span := t.tracer.Start(context.Background(), "plugin "+name, trace.WithTimestamp(begin),
		trace.WithAttributes(label("plugin", plugin), attribute.String("vitrine.plugin.version", who.Version)))
	if failed {
		span.SetStatus(codes.Error, "the plugin says that it failed")
	}
	span.End(trace.WithTimestamp(end))
}

func label(name, value string) attribute.KeyValue { return attribute.String("vitrine."+name, value) }
