package hostfuncs_test

import (
	"bytes"
	"fmt"
	"io/fs"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

func TestFunctionsAreThoseOfTheABI(t *testing.T) {
	funcs := hostfuncs.Functions()
	imports := abi.Imports()
	if len(funcs) != len(imports) {
		t.Fatalf("%d functions, the ABI names %d", len(funcs), len(imports))
	}
	for i, f := range funcs {
		if f.Module != imports[i].Module || f.Name != imports[i].Name {
			t.Errorf("function %d is %s.%s, want %s.%s", i, f.Module, f.Name, imports[i].Module, imports[i].Name)
		}
	}
}

// arguments are such that every function would do something if it were allowed to.
func arguments(imp abi.Import) []uint64 { return make([]uint64, len(imp.Params)) }

// exported is the probe's name for a function, such as "http.request".
func exported(imp abi.Import) string {
	return strings.TrimPrefix(imp.Module, "vitrine:") + "." + imp.Name
}

func TestGateIsAskedAtEveryCall(t *testing.T) {
	for _, code := range []abi.Code{abi.CodeDenied, abi.CodeUnavailable} {
		g := &gate{code: code}
		p := newProbe(t, &hostfuncs.Options{Gate: g, UI: &screen{}})
		var want []abi.Capability
		for _, imp := range abi.Imports() {
			switch {
			case imp.Name == "memory": // TestMemoryLimit has it
				continue
			case imp.Name == "cancel":
				p.expect(int64(abi.CodeNotFound), exported(imp), arguments(imp)...)
				continue
			case imp.Capability == "":
				p.expect(0, exported(imp), arguments(imp)...)
				continue
			}
			want = append(want, imp.Capability)
			p.expect(int64(code), exported(imp), arguments(imp)...)
		}
		if !slices.Equal(g.asked, want) {
			t.Errorf("gate was asked for %v, want %v", g.asked, want)
		}
	}
}

func TestRefusedWithoutGate(t *testing.T) {
	for name, state := range map[string]any{"no state": nil, "another state": 7, "no gate": hostfuncs.NewEnv(nil)} {
		p := &probe{t: t, in: instantiate(t, probeWasm, state)}
		for _, imp := range abi.Imports() {
			if imp.Capability == "" {
				continue
			}
			t.Run(name+"/"+imp.Name, func(t *testing.T) {
				p.expect(int64(abi.CodeDenied), exported(imp), arguments(imp)...)
			})
		}
	}
}

// The guest learns the smaller of the host's limit and its own maximum, which is one page for the probe.
func TestMemoryLimit(t *testing.T) {
	p := newProbe(t, nil)
	p.expect(1<<16, "core.memory")
	p = &probe{t: t, in: instantiate(t, probeWasm, "another state")}
	p.expect(int64(abi.CodeDenied), "core.memory")
}

func TestBytesOutsideOfMemory(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, UI: &screen{}})
	for _, at := range [][2]uint64{{outside, 1}, {outside - 1, 2}, {0xfffffff0, 0x20}, {0, 0xffffffff}} {
		for _, name := range []string{"core.take", "ui.render", "ui.paint", "random.fill"} {
			p.expect(int64(abi.CodeInvalid), name, at[0], at[1])
		}
		p.expect(int64(abi.CodeInvalid), "log.write", 1, at[0], at[1])
	}
}

// A guest can show all of its memory with every call. What is too long is refused by its length: none of it is copied.
func TestNothingIsCopiedOfWhatIsTooLong(t *testing.T) {
	const most = 1 << 20
	granted, denied := &gate{}, &gate{permit: func(*abi.Need) abi.Code { return abi.CodeDenied }}
	for _, c := range []struct {
		fn, head string // how what is shown begins; the rest is zeros
		n        uint64
		gate     hostfuncs.Gate
		want     abi.Code
	}{
		{"telemetry.count", "\x82\x7a\x03\x80\x00\x00", 6 + 0x3800000 + 1, granted, abi.CodeInvalid},
		{"assets.read", "a", 0x3800000, granted, abi.CodeInvalid},
		{"jobs.start", "\x82\x61f\x5a\x03\x80\x00\x00", 8 + 0x3800000, granted, abi.CodeLimit},
		{"jobs.start", "\x82\x7a\x03\x80\x00\x00", 6 + 0x3800000 + 1, granted, abi.CodeLimit},
		{"jobs.start", "\x82\x61f\x5a\x00\x3f\x00\x00", 8 + 0x3f0000, denied, abi.CodeDenied},
	} {
		env := hostfuncs.NewEnv(&hostfuncs.Options{Gate: c.gate, Jobs: failingJobs{}, Services: &hostfuncs.Services{Telemetry: new(counter)},
			Assets: func(string) ([]byte, error) { return nil, fs.ErrNotExist }})
		p := &probe{t: t, in: instantiate(t, largeWasm, env), env: env}
		p.put(0, []byte(c.head))
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		p.expect(int64(c.want), c.fn, 0, c.n)
		goruntime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s of %d bytes: the host allocated %d, at most %d is enough", c.fn, c.n, got, most)
		}
	}
}

func TestTake(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Props: []byte{0xa1, 0x61, 0x61, 0x01}})
	p.expect(0, "core.take", 8, 4) // nothing is parked
	p.expect(4, "props.read")
	p.expect(int64(abi.CodeInvalid), "core.take", outside, 4)
	p.expect(4, "core.take", 8, 100) // what could not be delivered stayed
	if got := fmt.Sprintf("%x", p.get(7, 6)); got != "00a161610100" {
		t.Errorf("memory holds %s", got)
	}
	p.expect(0, "core.take", 8, 4)
	p.expect(4, "props.read")
	p.expect(2, "core.take", 8, 2) // the rest is gone
	p.expect(0, "core.take", 8, 4)
	p.expect(4, "props.read")
	p.env.Begin() // a new call does not see what an older one left
	p.expect(0, "core.take", 8, 4)
}

func TestAgainAndPending(t *testing.T) {
	waiting := false
	p := newProbe(t, &hostfuncs.Options{Pending: func() bool { return waiting }})
	p.expect(0, "core.pending")
	waiting = true
	p.expect(1, "core.pending")
	if p.env.Again() {
		t.Error("another turn before it was asked for")
	}
	p.expect(0, "core.again")
	if !p.env.Again() {
		t.Error("no other turn after it was asked for")
	}
	p.env.Begin()
	if p.env.Again() {
		t.Error("asking for a turn outlived its call")
	}
}

func TestProps(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}})
	p.expect(1, "props.read")
	p.expect(1, "core.take", 0, 9)
	if got := p.get(0, 1)[0]; got != 0xa0 {
		t.Errorf("no props read as %#x, want an empty map", got)
	}
	p.env.SetProps([]byte{0xa1, 0x61, 0x62, 0x02})
	p.expect(4, "props.read")
	p.expect(1, "props.settings")
	p.env.SetSettings([]byte{0xa1, 0x61, 0x62, 0x03})
	p.expect(4, "props.settings")
	p.expect(4, "core.take", 0, 9)
	if got := p.get(0, 4); got[3] != 3 {
		t.Errorf("the settings read as %x", got)
	}
}

// effector is a screen that can do more.
type effector struct {
	screen
	asked []byte
}

func (s *effector) Effect(b []byte) abi.Code { s.asked = bytes.Clone(b); return s.code }

func (p *probe) effect(request string) {
	ptr, n := p.put(16, []byte(request))
	p.expect(0, "ui.effect", ptr, n)
}

func TestUI(t *testing.T) {
	s := &screen{}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, UI: s})
	ptr, n := p.put(16, []byte("tree"))
	p.expect(0, "ui.render", ptr, n)
	ptr, n = p.put(32, []byte("pixels"))
	p.expect(0, "ui.paint", ptr, n)
	if string(s.rendered) != "tree" || string(s.paint) != "pixels" {
		t.Errorf("shown were %q and %q", s.rendered, s.paint)
	}
	p.expect(int64(abi.CodeUnsupported), "ui.effect", ptr, n) // the screen cannot
	able := &effector{}
	newProbe(t, &hostfuncs.Options{Gate: &gate{}, UI: able}).effect("toast")
	if string(able.asked) != "toast" {
		t.Errorf("asked was %q", able.asked)
	}
	s.code = abi.CodeInvalid
	p.expect(int64(abi.CodeInvalid), "ui.render", ptr, n)
	blind := newProbe(t, &hostfuncs.Options{Gate: &gate{}})
	blind.expect(int64(abi.CodeUnavailable), "ui.render", 0, 0)
	blind.expect(int64(abi.CodeUnavailable), "ui.paint", 0, 0)
}

func TestOffered(t *testing.T) {
	for _, c := range []abi.Capability{"gravity", ""} {
		if hostfuncs.Offered(c) {
			t.Errorf("%q is offered", string(c))
		}
	}
	for _, imp := range abi.Imports() {
		if imp.Capability != "" && !hostfuncs.Offered(imp.Capability) {
			t.Errorf("%q has functions and is not offered", string(imp.Capability))
		}
	}
}

func ExampleFunctions() {
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rt.Engine(), len(hostfuncs.Functions()))
	// Output: wazero 34
}

func ExampleNewEnv() {
	env := hostfuncs.NewEnv(&hostfuncs.Options{Plugin: "fractal", Props: []byte{0xa0}})
	// module.Instantiate(ctx, &runtime.InstanceOptions{State: env})
	env.Begin() // before every call of the guest
	fmt.Fprintln(env.Output("stderr"), "panic: \x1b[2J")
	fmt.Println(env.Again(), env.LastWords()) // or env.End(), if the instance has survived the call
	// Output: false panic: \x1b[2J
}
