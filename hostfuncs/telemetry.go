package hostfuncs

import (
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Telemetry is where a plugin's counts and timings go. Names are lower case letters, digits, '_' and '.', at
// most 64; whoever implements it bounds how many it keeps. Package telemetry has one for Prometheus and OpenTelemetry.
// It is safe for concurrent use and does not wait.
type Telemetry interface {
	Count(who *Subject, name string, n uint64)
	Span(who *Subject, name string, begin, end time.Time, failed bool)
}

// Bounds of what a plugin reports.
const (
	maxMetricName   = 64 // bytes
	maxSpans        = 16 // open at a time
	maxCount        = 1 << 32
	telemetryRate   = 100 // a second
	telemetryBursts = 1000
)

// span is one that has begun.
type span struct {
	name  string
	begin time.Time
}

// telemetryCount is vitrine:telemetry.count, which adds to a counter.
//
// Parameters: the address and the length of [name, n]; n is 1 to 2^32. Result: CodeOK; CodeInvalid;
// CodeLimit if too much is reported; CodeDenied; CodeUnsupported.
func telemetryCount(e *Env, c *runtime.Caller, args []uint64) int64 {
	b, ok := view(c, args)
	if len(b) > kvRoom {
		return int64(abi.CodeInvalid)
	}
	r := cbor.NewReader(b)
	items, name, n := r.Array(), string(r.Text()), r.Uint()
	if !ok || r.End() != nil || items != 2 || !validMetric(name) || n < 1 || n > maxCount {
		return int64(abi.CodeInvalid)
	}
	code := e.reports()
	if code == abi.CodeOK {
		e.services.Telemetry.Count(&e.subject, name, n)
	}
	return int64(code)
}

// telemetryBegin is vitrine:telemetry.begin, which begins a span of time.
//
// Parameters: the address and the length of its name, UTF-8. Result: its number, above 0; CodeLimit if 16
// are open or too much is reported; the rest as for telemetryCount.
func telemetryBegin(e *Env, c *runtime.Caller, args []uint64) int64 {
	name, ok := view(c, args)
	if !ok || len(name) > maxMetricName || !validMetric(string(name)) {
		return int64(abi.CodeInvalid)
	}
	if len(e.spans) >= maxSpans {
		return int64(abi.CodeLimit)
	}
	if code := e.reports(); code != abi.CodeOK {
		return int64(code)
	}
	if e.spans == nil {
		e.spans = map[uint32]span{}
	}
	e.lastSpan = e.lastSpan&0x3fffffff + 1
	e.spans[e.lastSpan] = span{string(name), e.now()}
	return int64(e.lastSpan)
}

// telemetryEnd is vitrine:telemetry.end, which ends a span. How long it took is the host's to measure.
//
// Parameters: the number of the span; 1 if what it is about failed, else 0. Result: CodeOK; CodeNotFound if
// it is not open; CodeDenied; CodeUnsupported.
func telemetryEnd(e *Env, _ *runtime.Caller, args []uint64) int64 {
	s, ok := e.spans[uint32(args[0])]
	switch {
	case e.services.Telemetry == nil:
		return int64(abi.CodeUnsupported)
	case !ok:
		return int64(abi.CodeNotFound)
	}
	delete(e.spans, uint32(args[0]))
	e.services.Telemetry.Span(&e.subject, s.name, s.begin, e.now(), uint32(args[1]) != 0)
	return int64(abi.CodeOK)
}

// reports takes one report from the budget.
func (e *Env) reports() abi.Code {
	switch {
	case e.services.Telemetry == nil:
		return abi.CodeUnsupported
	case !e.reported.take(e.now()):
		return abi.CodeLimit
	}
	return abi.CodeOK
}

func validMetric(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return name != "" && len(name) <= maxMetricName
}
