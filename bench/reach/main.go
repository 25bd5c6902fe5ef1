// Command reach measures what it costs a plugin to reach something: a call of a host function with the
// policy before it, against wazero's own; what the policy is of that; a call that is denied; and requests to a
// server, against net/http's own client.
//
//	go run ./bench/reach -json
//	{"case":"hostcall","system":"wazero","variant":"clock","metric":"over","value":98.1,"unit":"ns","n":10,"spread":0.02}
package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/pprof"
	"slices"
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

type suite struct {
	out    io.Writer
	rounds int
	calls  int
}

func main() {
	b := &suite{out: os.Stdout, rounds: 10, calls: 1_000_000}
	quick := flag.Bool("quick", false, "fewer rounds")
	only := flag.String("only", "hostcall,policy,denied,http", "the cases, separated by commas")
	profile := flag.String("cpuprofile", "", "a file for a profile of the processor's time")
	flag.Bool("json", true, "rows of JSON, as always")
	flag.Parse()
	if *quick {
		b.rounds, b.calls = 3, 100_000
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "reach:", err)
			os.Exit(1)
		}
		defer f.Close() // nobody reads it before the end
		if err := pprof.StartCPUProfile(f); err != nil {
			fmt.Fprintln(os.Stderr, "reach:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	for name, run := range map[string]func() error{"hostcall": b.hostcall, "policy": b.policy, "denied": b.denied, "http": b.http} {
		if slices.Contains(strings.Split(*only, ","), name) {
			if err := run(); err != nil {
				fmt.Fprintln(os.Stderr, "reach:", name+":", err)
				os.Exit(1)
			}
		}
	}
}

// report writes the median of some figures and their spread.
func (b *suite) report(name, system, variant, metric, unit string, values []float64) {
	m, spread := bench.Middle(values)
	r := bench.Row{Case: name, System: system, Variant: variant, Metric: metric, Value: m, Unit: unit, N: len(values), Spread: spread}
	_ = json.NewEncoder(b.out).Encode(&r) // who reads may have gone
}

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
		&sandbox.Policy{Services: services, Limits: &runtime.Limits{WallTime: 20 * time.Second, HostCalls: 1 << 40, Fuel: 1 << 50}, Logger: slog.New(slog.DiscardHandler)})
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

// hostcall compares a granted call with the same call of the same module in wazero alone, round by round.
func (b *suite) hostcall() error {
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
	for _, variant := range []string{"clock", "user", "user under rules"} {
		var over, whole []float64
		fn, _, ruled := strings.Cut(variant, " ")
		if ruled {
			if err := ours.rule(); err != nil {
				return err
			}
		}
		for range b.rounds {
			o, err := ours.run(fn, b.calls, nil)
			if err != nil {
				return err
			}
			t, err := theirs(fn, b.calls)
			if err != nil {
				return err
			}
			over = append(over, float64(o-t)/float64(b.calls))
			whole = append(whole, float64(o)/float64(b.calls))
		}
		b.report("hostcall", "wazero", variant, "over", "ns", over)
		b.report("hostcall", "vitrine", variant, "call", "ns", whole)
	}
	return nil
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
