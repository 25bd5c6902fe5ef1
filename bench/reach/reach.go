// Package reach measures what it costs a plugin to reach something: a call of a host function with the
// policy before it, against wazero's own; what the policy is of that; (policy); calls that are denied
// (denied); and requests to a server, against net/http's own client (http).
package reach

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing/fstest"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/guest.wat -o testdata/guest.wasm

//go:embed testdata/guest.wasm
var guest []byte

// Cases are policy, denied and http.
func Cases() []bench.Case {
	return []bench.Case{
		{Name: "policy", Processes: true, Help: "an allowed host call with the policy's decision before it, over wazero's own, and the decision alone", Unit: "ns",
			Systems: []string{bench.Ours, "wazero"}, Rounds: 10, Quick: 3, Takes: 15 * time.Second, TakesQuick: time.Second, Measure: policy},
		{Name: "denied", Help: "what ten million denied calls cost the host, and leave in it", Unit: "ns",
			Systems: []string{bench.Ours}, Takes: 15 * time.Second, TakesQuick: 2 * time.Second, Long: true, Measure: denied},
		{Name: "http", Help: "requests of a plugin to a server on loopback, beside net/http's own client", Unit: bench.Share,
			Systems: []string{bench.Ours, "net/http"}, Rounds: 10, Quick: 3, Takes: 30 * time.Second, TakesQuick: 2 * time.Second, Measure: requests},
	}
}

// callsOf is how many calls a round has.
func callsOf(r *bench.Run) int {
	switch {
	case r.Turn > 0: // for a test, which may have the race detector in it
		return 1000
	case r.Quick:
		return 100_000
	}
	return 1_000_000
}

// done is what is verified of calls that all answered as they should: the guest ends in a trap if one does not.
var done = []byte("as it should")

// box is the guest in a sandbox whose grants the caller chooses.
type box struct {
	*sandbox.Sandbox
	plugin *sandbox.Plugin
	close  func()
}

// newBox declares everything that the guest imports.
func newBox(services *hostfuncs.Services, host string, grants ...abi.Capability) (*box, error) {
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		return nil, err
	}
	manifest := fmt.Sprintf(`{"apiVersion": "v1", "id": "reach", "name": "Reach", "version": "1.0.0", "runtime": {"wasm": "plugin.wasm"},
		"capabilities": ["clock", "random", "http", "user", "api"],
		"permissions": {"api": [{"method": "GET", "path": "/customers/*"}, {"method": "GET", "path": "/orders/{id}"}], "net": [{"host": %q, "methods": ["GET"], "reason": "It is measured.", "plain": true}], "plain": ["user:id"]}}`, host)
	p, err := sandbox.Load(ctx, rt, fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "plugin.wasm": {Data: guest}},
		&sandbox.Policy{Services: services, Limits: &runtime.Limits{WallTime: time.Hour, HostCalls: 1 << 40, Fuel: 1 << 50}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	s, err := p.New(&sandbox.Options{Principal: "bench", Grants: grants, Permissions: p.Manifest().Permissions, Subject: hostfuncs.Subject{User: "ann"}})
	if err != nil {
		return nil, err
	}
	return &box{s, p, func() { _, _, _ = s.Close(ctx), p.Close(ctx), rt.Close(ctx) }}, nil
}

// rule sets rules in every layer that can have some, of several entries each: what is called is the last.
func (b *box) rule() error {
	rules := func() *sandbox.Rules {
		return &sandbox.Rules{Allow: []string{"clock", "GET /orders/{id}", "GET /orders/*", "sse:orders", "user:id"}, Deny: []string{"http", "POST /orders", "user:orgs"}}
	}
	if err := b.plugin.SetRules(rules()); err != nil {
		return err
	}
	permissions := b.plugin.Manifest().Permissions
	return b.SetRights(sandbox.Rights{Grants: []abi.Capability{abi.CapClock, abi.CapUser}, Permissions: permissions, User: rules(), Org: rules()})
}

// run answers how long n calls took.
func (b *box) run(fn string, n int, with []byte) (time.Duration, error) {
	in := append(binary.LittleEndian.AppendUint32(nil, uint32(n)), with...)
	began := time.Now()
	_, err := b.Call(context.Background(), fn, in)
	return time.Since(began), err
}

// policy compares a granted call with the same call of the same module in wazero alone, round by round, and then
// asks for the decision alone.
func policy(_ context.Context, r *bench.Run) error {
	ours, err := newBox(nil, "api.example.com", abi.CapClock, abi.CapUser)
	if err != nil {
		return err
	}
	defer ours.close()
	theirs, closeTheirs, err := wazeroAlone()
	if err != nil {
		return err
	}
	defer closeTheirs()
	calls := callsOf(r)
	for _, variant := range []string{"clock", "user", "user under rules"} {
		var over, whole []float64
		fn, _, ruled := strings.Cut(variant, " ")
		if ruled {
			if err := ours.rule(); err != nil {
				return err
			}
		}
		for range r.RoundsOf() {
			o, err := ours.run(fn, calls, nil)
			if err != nil {
				return err
			}
			t, err := theirs(fn, calls)
			if err != nil {
				return err
			}
			over = append(over, float64(o-t)/float64(calls))
			whole = append(whole, float64(o)/float64(calls))
		}
		if err := errors.Join(r.Verify("wazero", variant, done, done), r.Verify(bench.Ours, variant, done, done)); err != nil {
			return err
		}
		r.Samples("wazero", variant, "over", "ns", over)
		r.Samples(bench.Ours, variant, "call", "ns", whole)
	}
	return decide(r)
}

// wazeroAlone runs the module, not rewritten, with host functions that do nothing.
func wazeroAlone() (run func(fn string, n int) (time.Duration, error), closeAll func(), err error) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	for _, f := range []struct {
		module, name string
		params       []api.ValueType
		result       api.ValueType
	}{
		{"vitrine:core", "take", []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, api.ValueTypeI32},
		{"vitrine:clock", "monotonic", nil, api.ValueTypeI64},
		{"vitrine:user", "read", nil, api.ValueTypeI32},
		{"vitrine:random", "fill", []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, api.ValueTypeI32},
		{"vitrine:http", "request", []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, api.ValueTypeI32},
	} {
		_, err := r.NewHostModuleBuilder(f.module).NewFunctionBuilder().
			WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = 0 }), f.params, []api.ValueType{f.result}).
			Export(f.name).Instantiate(ctx)
		if err != nil {
			return nil, nil, err
		}
	}
	m, err := r.Instantiate(ctx, guest)
	if err != nil {
		return nil, nil, err
	}
	return func(fn string, n int) (time.Duration, error) {
		m.Memory().WriteUint32Le(1024, uint32(n))
		f := m.ExportedFunction(fn)
		began := time.Now()
		_, err := f.Call(ctx, 1024, 4)
		return time.Since(began), err
	}, func() { _ = r.Close(ctx) }, nil
}
