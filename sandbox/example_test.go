package sandbox_test

import (
	"context"
	"fmt"
	"os"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

func ExampleLoad() {
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close(ctx)
	plugin, err := sandbox.Load(ctx, rt, os.DirFS("testdata/actor"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	box, err := plugin.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer box.Close(ctx)
	out, err := box.Call(ctx, "echo", []byte("hello"))
	fmt.Printf("%s %v\n", out, err)
	// Output: hello <nil>
}

// printer is a View that prints.
type printer struct{}

func (printer) Tree(t *abi.Tree) {
	text, _ := t.Prop(0, 0)
	fmt.Printf("%s %q\n", abi.ComponentAt(t.Nodes[0].Component).Name, t.Bytes(text))
}
func (printer) Paint(*abi.Paint)       {}
func (printer) Done()                  {}
func (printer) Fault(f *sandbox.Fault) { fmt.Println(f.Text) }

func ExamplePlugin_New() {
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close(ctx)
	plugin, err := sandbox.Load(ctx, rt, os.DirFS("testdata/actor"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	box, err := plugin.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI}, View: printer{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = box.Mount(abi.MountContext{Locale: "en"})
	click := func() ([]byte, bool) { return []byte{0x82, 0, 0x80}, true } // [0, []]: handler 0, no fields
	_ = box.Event(click)
	_, _ = box.Call(ctx, "echo", nil) // waits for what is before it
	fmt.Println(box.Close(ctx))
	// Output:
	// text "0"
	// text "1"
	// <nil>
}

func ExampleNewGate() {
	m := &abi.Manifest{ID: "orders", Capabilities: []abi.Capability{abi.CapKV, abi.CapRandom}, Permissions: []abi.Permission{{Capability: abi.CapKV, Name: "kv"}}}
	audit := sandbox.NewAudit()
	gate, err := sandbox.NewGate(m, &sandbox.Rights{Grants: []abi.Capability{abi.CapKV}, Permissions: m.Permissions}, audit, "me")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(gate.Permit(&abi.Need{Capability: abi.CapKV}), gate.Check(abi.CapRandom), gate.Check(abi.CapUI))
	for _, d := range audit.Denials(nil) {
		fmt.Println(d.Plugin, d.Principal, d.Need, d.Step)
	}
	// Output:
	// vitrine: ok vitrine: denied vitrine: denied
	// orders me ui manifest
	// orders me random grant
}
