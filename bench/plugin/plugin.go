// Package plugin measures one function of somebody's own plugin: on the engines, with metering and without, on a
// clean instance for every call and on one that stays, and which of its functions use how much fuel.
//
//	p := &plugin.Plugin{Wasm: code, Func: "analyze", Kind: plugin.ABI, Input: csv}
//	err := p.Case().Run(ctx, nil, print)
//	list, err := p.Profile(ctx)
//
// The figures are rows of the case "plugin", whose systems are
//
//	vitrine              a clean instance for each call, out of the pool
//	vitrine-warm         one instance, called again
//	vitrine-fresh        a new instance for each call
//	vitrine-interpreter  one instance on the interpreter
//	vitrine-wasmtime     one instance on wasmtime, where that is built in
//	wazero               one instance on wazero as it comes, which nothing stops
//	wazero-ctx           the same with wazero's own interruption
//	wazero-fresh         a new instance for each call on wazero as it comes
//
// and of the case "fuel", whose variants are the plugin's functions. A ratio is of like and like: "vitrine" over what makes a
// clean instance, "vitrine-warm" over what keeps one. Every answer is held against the first one of
// Vitrine's: a system that answers otherwise is not measured, and a note says so. A plugin reaches its World as it would in a
// sandbox, with the gate before each call of it; wazero as it comes has none, and is left out of a plugin that calls its host.
package plugin

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// Kind is how a function is called.
type Kind int

// The kinds.
const (
	ABI    Kind = iota // by the guest ABI: bytes in, bytes out
	Raw                // with numbers
	Extism             // by Extism's conventions
)

// ExtismModule is what a plugin imports that was made for Extism.
const ExtismModule = "extism:host/env"

// A Plugin is a function, and what it is called with. It must not be changed while it is measured.
type Plugin struct {
	Wasm  []byte
	Func  string
	Kind  Kind
	Input []byte   // of ABI and Extism
	Args  []uint64 // of Raw

	World   *hostfuncs.Options // what an instance reaches through its imports, but for Extism; nil: nothing
	Refused func() string      // is asked after the first call what it was refused, to be noted; nil: nobody is asked
	Extism  *extism.Options    // HTTP of it; Limits, Engine and Profile are ours. Nil: it reaches no server
	Config  map[string]string  // of Extism
	Limits  *runtime.Limits    // hold in Vitrine; see runtime.Limits
}

// Systems are those that there may be, ours first.
var Systems = []string{bench.Ours, "vitrine-warm", "vitrine-fresh", "vitrine-interpreter", "vitrine-wasmtime",
	"wazero", "wazero-ctx", "wazero-fresh"}

// A system is one way to call the function. It is for one goroutine.
type system struct {
	name    string
	call    func(context.Context) ([]byte, error)
	close   func()
	compile time.Duration // 0: as another one's
	took    time.Duration // the last call of its check
}

// beside is the system of ours that does the same as s: one that stays beside one that stays.
func (s *system) beside() string {
	if strings.HasSuffix(s.name, "-fresh") {
		return bench.Ours
	}
	return "vitrine-warm"
}

// Case measures calls of the function. It ends with the error of the plugin's first call, if that has one; systems that
// cannot run the plugin, or answer otherwise, are left out.
func (p *Plugin) Case() *bench.Case {
	return &bench.Case{Name: "plugin", Help: "a call of your plugin's function", Unit: "ns", Systems: Systems,
		Takes: 40 * time.Second, TakesQuick: 8 * time.Second,
		Measure: func(ctx context.Context, r *bench.Run) error {
			c, err := p.in(ctx, "", false)
			if err != nil {
				return err
			}
			defer c.close()
			return (&measuring{Plugin: p, Run: r, ours: c}).measure(ctx)
		}}
}

// measuring is one run of the case.
type measuring struct {
	*Plugin
	*bench.Run
	ours *compiled
	want []byte // what the first call answered
}

func (m *measuring) measure(ctx context.Context) error {
	first := m.clean(m.ours)
	want, err := first.call(ctx)
	if err != nil {
		return err
	}
	if m.Refused != nil {
		if refused := m.Refused(); refused != "" {
			m.Note("it answers, but %s", refused)
		}
	}
	m.want = bytes.Clone(want)
	if err := m.check(ctx, first); err != nil {
		return fmt.Errorf("called again on a clean instance: %w", err)
	}
	systems := []*system{first}
	defer func() {
		for _, s := range systems {
			s.close()
		}
	}()
	var out leftOut
	for _, other := range m.others(m.ours) {
		s, err := other.make(ctx)
		if err == nil {
			if err = m.check(ctx, s); err != nil {
				s.close()
			}
		}
		switch {
		case ctx.Err() != nil || err != nil && other.name == m.Liar:
			return errors.Join(err, ctx.Err())
		case err != nil:
			out.add(other.name, err)
			continue
		}
		systems = append(systems, s)
	}
	out.note(m.Run)
	return m.all(ctx, systems)
}

// leftOut are systems that are not measured, with those of one reason together.
type leftOut struct {
	reasons []string
	names   map[string][]string // by reason
}

func (l *leftOut) add(name string, err error) {
	why := err.Error()
	if l.names == nil {
		l.names = map[string][]string{}
	}
	if l.names[why] == nil {
		l.reasons = append(l.reasons, why)
	}
	l.names[why] = append(l.names[why], name)
}

func (l *leftOut) note(r *bench.Run) {
	for _, why := range l.reasons {
		names, are := l.names[why], "are"
		if len(names) == 1 {
			are = "is"
		}
		r.Note("%s %s left out: %s", strings.Join(names, ", "), are, why)
	}
}

// check calls twice: what is left of the first call may change the second.
func (m *measuring) check(ctx context.Context, s *system) error {
	defer watch()()
	for range 2 {
		began := time.Now()
		got, err := counted(s.call)(ctx)
		if err != nil {
			return err
		}
		s.took = time.Since(began)
		if err := m.Verify(s.name, m.Func, got, m.want); err != nil {
			return err
		}
	}
	if most := m.budget() / 4; s.took > most {
		hint := "a smaller input"
		if m.Quick {
			hint += ", or no --quick"
		}
		return fmt.Errorf("it takes %v a call, over %v: %s", s.took.Round(time.Millisecond), most, hint)
	}
	return nil
}

// once calls the function and looks at the answer.
func (m *measuring) once(ctx context.Context, s *system) error {
	got, err := s.call(ctx)
	if err == nil && !bytes.Equal(got, m.want) {
		err = &bench.WrongError{System: s.name, Variant: m.Func, Got: "something else", Want: "what it answered before"}
	}
	return err
}

// A maker is a system that is still to be made.
type maker struct {
	name string
	make func(context.Context) (*system, error)
}

// others are the systems beside the first, as far as they exist for this kind of plugin.
func (p *Plugin) others(c *compiled) []maker {
	list := []maker{
		{"vitrine-warm", func(ctx context.Context) (*system, error) { return p.warm(ctx, c) }},
	}
	if p.Kind != Extism {
		list = append(list,
			maker{"vitrine-fresh", func(context.Context) (*system, error) { return p.fresh(c), nil }},
			maker{"wazero", func(ctx context.Context) (*system, error) { return p.wazero(ctx, "wazero", false) }},
			maker{"wazero-ctx", func(ctx context.Context) (*system, error) { return p.wazero(ctx, "wazero-ctx", true) }},
			maker{"wazero-fresh", p.wazeroFresh})
	}
	for _, name := range engine.Names()[1:] {
		list = append(list, maker{"vitrine-" + name, func(ctx context.Context) (*system, error) { return p.on(ctx, name) }})
	}
	return list
}

// instance is what Vitrine's instances of all kinds can do.
type instance interface {
	Stats() runtime.Stats
	Profile() []runtime.FuncFuel
	Close(context.Context) error
}

// call calls the function on an instance.
func (p *Plugin) call(ctx context.Context, in instance) ([]byte, error) {
	switch in := in.(type) {
	case *extism.Instance:
		return in.Call(ctx, p.Func, p.Input)
	case *guest:
		if p.Kind == ABI {
			return in.Call(ctx, p.Func, p.Input)
		}
		results, err := in.Invoke(ctx, p.Func, p.Args...)
		return numbers(results), err
	}
	return nil, fmt.Errorf("bench/plugin: an instance is a %T", in)
}

// numbers are results as bytes.
func numbers(results []uint64) []byte {
	out := make([]byte, 0, 8*len(results))
	for _, r := range results {
		out = binary.LittleEndian.AppendUint64(out, r)
	}
	return out
}
