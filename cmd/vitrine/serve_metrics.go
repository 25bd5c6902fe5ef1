package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs/telemetry"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// watch is what whoever runs a server may look at: what is counted, and what was denied.
type watch struct {
	audit    *sandbox.Audit
	counters *sandbox.Counters
	pool     *runtime.Pool
	registry *prometheus.Registry
	host     func() *host.Host // nil until there is one
}

// newWatch also gives plugins somewhere to count.
func newWatch(s *shelf) (*watch, error) {
	w := &watch{s.audit, s.counters, s.pool, prometheus.NewRegistry(), s.host.Load}
	t, err := telemetry.New(w.registry, nil, nil)
	s.world.Telemetry = t
	return w, errors.Join(err, w.registry.Register(w), w.registry.Register(collectors.NewGoCollector()),
		w.registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})))
}

var _ prometheus.Collector = (*watch)(nil)

// The metrics, each with all the labels that it ever has.
var (
	callsMetric   = prometheus.NewDesc("vitrine_calls_total", "Calls of plugins, by kind.", []string{"plugin", "kind"}, nil)
	faultsMetric  = prometheus.NewDesc("vitrine_faults_total", "What ended plugins.", []string{"plugin", "fault"}, nil)
	waitsMetric   = prometheus.NewDesc("vitrine_fuel_waits_total", "How often plugins waited because they had used more fuel than they may in a second.", []string{"plugin"}, nil)
	waitedMetric  = prometheus.NewDesc("vitrine_fuel_wait_seconds_total", "For how long they did.", []string{"plugin"}, nil)
	denialsMetric = prometheus.NewDesc("vitrine_denials_total", "What plugins were refused, by the step that refused it.", []string{"plugin", "capability", "step"}, nil)
	poolMetric    = prometheus.NewDesc("vitrine_pool_instances", "Instances of the pool, and who waits for one.", []string{"state"}, nil)
	bytesMetric   = prometheus.NewDesc("vitrine_pool_bytes", "Memory of the pool.", []string{"of"}, nil)
	fateMetric    = prometheus.NewDesc("vitrine_pool_total", "What has happened in the pool.", []string{"what"}, nil)
	mountsMetric  = prometheus.NewDesc("vitrine_mounts", "Plugins that are shown in pages.", nil, nil)
	shownMetric   = prometheus.NewDesc("vitrine_shown_bytes", "Memory of trees and pixels, above what each mount may have.", nil, nil)
	noRoomMetric  = prometheus.NewDesc("vitrine_shown_refused_total", "Mounts that ended because there was no room for what they showed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (w *watch) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{callsMetric, faultsMetric, waitsMetric, waitedMetric, denialsMetric, poolMetric, bytesMetric, fateMetric,
		mountsMetric, shownMetric, noRoomMetric} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (w *watch) Collect(ch chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, float64(n), labels...)
	}
	for _, c := range w.counters.Calls() {
		send(callsMetric, prometheus.CounterValue, c.N, c.Plugin, c.Of)
	}
	for _, c := range w.counters.Faults() {
		send(faultsMetric, prometheus.CounterValue, c.N, c.Plugin, c.Of)
	}
	for _, c := range w.counters.Waits() {
		send(waitsMetric, prometheus.CounterValue, c.N, c.Plugin)
		ch <- prometheus.MustNewConstMetric(waitedMetric, prometheus.CounterValue, c.For.Seconds(), c.Plugin)
	}
	for k, n := range w.audit.Counts() {
		send(denialsMetric, prometheus.CounterValue, n, k.Plugin, string(k.Capability), string(k.Step))
	}
	p := w.pool.Stats()
	for state, n := range map[string]int{"in_use": p.InUse, "idle": p.Idle, "waiting": p.Waiting} {
		send(poolMetric, prometheus.GaugeValue, uint64(max(0, n)), state)
	}
	for of, n := range map[string]uint64{"all": p.Bytes, "idle": p.IdleBytes, "kept": p.KeptBytes, "warm": p.WarmBytes} {
		send(bytesMetric, prometheus.GaugeValue, n, of)
	}
	for what, n := range map[string]uint64{"made": p.Made, "reused": p.Reused, "discarded": p.Discarded, "refused": p.Refused} {
		send(fateMetric, prometheus.CounterValue, n, what)
	}
	if h := w.host(); h != nil {
		s := h.Stats()
		send(mountsMetric, prometheus.GaugeValue, uint64(s.Mounts))
		send(shownMetric, prometheus.GaugeValue, uint64(s.ShownBytes))
		send(noRoomMetric, prometheus.CounterValue, s.ShownRefused)
	}
}

// serve answers on a listener of its own, until the function that it returns is called.
func (w *watch) serve(addr string, logger *slog.Logger, says io.Writer) (end func(context.Context) error, err error) {
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("--metrics %s: %w", addr, err), "for example 127.0.0.1:9090"}
	}
	if name == "" {
		name = "127.0.0.1" // who wants others to see it names an address
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(name, port))
	if err != nil {
		return nil, &exitError{exitUsage, err, "choose another address with --metrics; port 0 takes a free one"}
	}
	inside := isLoopback(name)
	if !inside {
		logger.Warn("vitrine: metrics and denials can be read by everybody who reaches their address", "address", listener.Addr().String())
	}
	server := &http.Server{
		Handler: w.routes(inside), ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: headerTime, ReadTimeout: answerTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: 16 << 10,
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("vitrine: no more metrics", "error", err)
		}
	}()
	fmt.Fprintf(says, "metrics on http://%s/metrics, denials on /audit\n", listener.Addr())
	return server.Shutdown, nil
}

// isLoopback reports whether a name leads to this machine alone.
func isLoopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// routes are those of the private listener. A page in a browser on this machine is not whom they are for: it may
// neither come from another site nor by a name that was made to lead here.
func (w *watch) routes(inside bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(w.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: answerTime / 2}))
	mux.HandleFunc("GET /audit", w.denials)
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			name = r.Host
		}
		site := r.Header.Get("Sec-Fetch-Site")
		if inside && !isLoopback(name) || site != "" && site != "none" && site != "same-origin" {
			http.Error(out, "This is not for pages.", http.StatusForbidden)
			return
		}
		out.Header().Set("Cache-Control", "no-store")
		out.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(out, r)
	})
}

// auditPage is what GET /audit answers.
type auditPage struct {
	Denials []sandbox.Denial `json:"denials"`          // newest first
	Before  uint64           `json:"before,omitempty"` // what to ask with for the next page; none if this is the last one
}

// Bounds of a page of denials.
const (
	denialsOfPage = 50
	mostDenials   = 200
)

// denials answers GET /audit?plugin=&principal=&capability=&step=&since=&before=&limit=
func (w *watch) denials(out http.ResponseWriter, r *http.Request) {
	q, err := denialQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	limit := q.Most
	q.Most++
	page := auditPage{Denials: w.audit.Denials(q)}
	if len(page.Denials) > limit {
		page.Denials = page.Denials[:limit]
		page.Before = page.Denials[limit-1].Number
	}
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(&page) // who asked may have gone
}

// denialQuery reads a query strictly: a filter that is misspelt must not show everything.
func denialQuery(raw string) (*sandbox.DenialQuery, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, err
	}
	q := &sandbox.DenialQuery{Most: denialsOfPage}
	steps := []sandbox.Step{sandbox.StepManifest, sandbox.StepGrant, sandbox.StepUser, sandbox.StepOrganisation, sandbox.StepHost, sandbox.StepBudget}
	for key, list := range values {
		v, ok := list[0], len(list) == 1
		switch key {
		case "plugin":
			q.Plugin = v
		case "principal":
			q.Principal = v
		case "capability":
			q.Capability, ok = abi.Capability(v), ok && abi.Capability(v).Known()
		case "step":
			q.Step, ok = sandbox.Step(v), ok && slices.Contains(steps, sandbox.Step(v))
		case "since":
			q.Since, err = time.Parse(time.RFC3339, v)
		case "before":
			q.Before, err = strconv.ParseUint(v, 10, 64)
			ok = ok && q.Before > 0
		case "limit":
			q.Most, err = strconv.Atoi(v)
			ok = ok && q.Most >= 1 && q.Most <= mostDenials
		default:
			return nil, fmt.Errorf("no filter %.40q: there are plugin, principal, capability, step, since, before and limit", key)
		}
		if err != nil || !ok {
			return nil, fmt.Errorf("%.40q is not what %s takes, or it is there twice", v, key)
		}
	}
	return q, nil
}
