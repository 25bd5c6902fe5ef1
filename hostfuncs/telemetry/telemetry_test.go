package telemetry_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/hostfuncs/telemetry"
)

// series is how many time series there are of each metric.
func series(t *testing.T, reg *prometheus.Registry) map[string]int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range families {
		out[f.GetName()] = len(f.GetMetric())
	}
	return out
}

func TestCardinalityIsBounded(t *testing.T) {
	reg := prometheus.NewRegistry()
	tel, err := telemetry.New(reg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	who := &hostfuncs.Subject{Plugin: "p", User: "canary", Tenant: "canary"}
	for i := range 10_000 {
		tel.Count(who, fmt.Sprint("n", i), 1)
		tel.Span(who, fmt.Sprint("n", i), time.Unix(0, 0), time.Unix(1, 0), i%2 == 0)
	}
	got := series(t, reg)
	if n := got["vitrine_plugin_events_total"]; n != telemetry.MaxNames+1 {
		t.Errorf("%d series of one plugin", n)
	}
	if n := got["vitrine_plugin_span_seconds"]; n > 2*(telemetry.MaxNames+1) {
		t.Errorf("%d series of spans", n)
	}
	for i := range 1000 {
		tel.Count(&hostfuncs.Subject{Plugin: fmt.Sprint("p", i)}, "n", 1)
	}
	if n := series(t, reg)["vitrine_plugin_events_total"]; n > telemetry.MaxNames+1+telemetry.MaxPlugins {
		t.Errorf("%d series of all plugins", n)
	}
}

func TestSpans(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	tel, err := telemetry.New(nil, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)), nil)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Unix(1700000000, 0)
	tel.Span(&hostfuncs.Subject{Plugin: "p", Version: "1.0.0", User: "canary"}, "load", begin, begin.Add(time.Second), true)
	got := spans.Ended()
	if len(got) != 1 || got[0].Name() != "plugin load" || !got[0].StartTime().Equal(begin) || got[0].EndTime().Sub(begin) != time.Second ||
		len(got[0].Attributes()) != 2 || got[0].Attributes()[0].Value.AsString() != "p" || got[0].Attributes()[1].Value.AsString() != "1.0.0" {
		t.Errorf("spans %+v, %v", got, got[0].Attributes())
	}
}

func TestMeters(t *testing.T) {
	reader := metric.NewManualReader()
	tel, err := telemetry.New(nil, nil, metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		t.Fatal(err)
	}
	who := &hostfuncs.Subject{Plugin: "p", User: "canary", Tenant: "canary"}
	tel.Count(who, "refresh", 3)
	tel.Count(who, "refresh", 4)
	tel.Span(who, "load", time.Unix(0, 0), time.Unix(2, 0), true)
	var got metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &got); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, m := range got.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			p := data.DataPoints[0]
			texts[m.Name] = fmt.Sprint(p.Value, p.Attributes.ToSlice())
		case metricdata.Histogram[float64]:
			p := data.DataPoints[0]
			texts[m.Name] = fmt.Sprint(p.Count, p.Sum, p.Attributes.ToSlice())
		}
	}
	want := map[string]string{
		"vitrine.plugin.events":        `7 [{"vitrine.name":"refresh"} {"vitrine.plugin":"p"}]`,
		"vitrine.plugin.span.duration": `1 2 [{"vitrine.failed":true} {"vitrine.name":"load"} {"vitrine.plugin":"p"}]`,
	}
	for name, text := range want {
		if texts[name] != text {
			t.Errorf("%s: %s, want %s", name, texts[name], text)
		}
	}
}

func ExampleNew() {
	reg := prometheus.NewRegistry()
	tel, err := telemetry.New(reg, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	tel.Count(&hostfuncs.Subject{Plugin: "weatherboard"}, "refresh", 3)
	families, err := reg.Gather()
	fmt.Println(families[0].GetName(), families[0].GetMetric()[0].GetCounter().GetValue(), err)
	// Output: vitrine_plugin_events_total 3 <nil>
}
