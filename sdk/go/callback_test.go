package vitrine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/sandbox"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

const callbackManifest = `{"apiVersion": "v1", "id": "callback", "name": "Callback", "version": "0.1.0", "runtime": {"wasm": "p.wasm"},
	"capabilities": ["props", "ui"],
	"props": {"type": "object", "additionalProperties": false, "properties": {"who": {"type": "string", "maxLength": 10}}},
	"settings": {"type": "object", "additionalProperties": false, "properties": {
		"units": {"type": "string", "enum": ["metric", "imperial"], "default": "metric"}, "key": {"type": "string", "writeOnly": true}}, "required": ["key"]},
	"callbacks": {
		"onSelect": {"input": {"type": "integer"}, "output": {"type": "string"}},
		"total": {"input": {"type": "array", "items": {"type": "integer"}}, "output": {"type": "integer"}},
		"faulty": {"input": {"type": "null"}, "output": {"type": "integer"}},
		"panics": {"input": {"type": "null"}, "output": {"type": "null"}}
	}}`

func callbacks() map[string]sandbox.Callback {
	return map[string]sandbox.Callback{
		"onSelect": func(_ context.Context, by sandbox.Caller, input any) (any, error) {
			if by.Principal != "somebody" || by.Plugin != "callback" || input != int64(7) {
				return nil, abi.CodeConflict
			}
			return "selected", nil
		},
		"total": func(_ context.Context, _ sandbox.Caller, input any) (any, error) {
			sum := int64(0)
			for _, n := range input.([]any) {
				sum += n.(int64)
			}
			return sum, nil
		},
		"faulty": func(context.Context, sandbox.Caller, any) (any, error) { return "not a number", nil },
		"panics": func(context.Context, sandbox.Caller, any) (any, error) { panic("a bug of the host") },
	}
}

// A plugin in WebAssembly gets props and new ones, and calls functions of the host, whose arguments and
// answers are checked.
func TestPropsBothWays(t *testing.T) {
	ctx := context.Background()
	pkg := fstest.MapFS{abi.ManifestName: {Data: []byte(callbackManifest)}, "p.wasm": {Data: build(t, "callback")}}
	plugin, err := sandbox.Load(ctx, newRuntime(t), pkg, &sandbox.Policy{Limits: patient})
	if err != nil {
		t.Fatal(err)
	}
	view := make(shown, 16)
	props := func(v map[string]any) []byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	opts := &sandbox.Options{Principal: "somebody", Grants: []abi.Capability{abi.CapProps, abi.CapUI}, Props: props(map[string]any{"who": "Ada"}), View: view, Callbacks: callbacks()}
	box, err := plugin.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(ctx)
	if err := box.Mount(abi.MountContext{}); err != nil {
		t.Fatal(err)
	}
	const rest = ", total 3 <nil>, wrong invalid, missing not found, faulty internal, panics internal"
	expectShown(t, view, "who Ada, units metric, updates 0, said selected <nil>"+rest)
	if err := box.Update(props(map[string]any{"who": "Grace"})); err != nil {
		t.Fatal(err)
	}
	expectShown(t, view, "who Grace, units metric, updates 1, said selected <nil>"+rest)
	if err := box.UpdateSettings(props(map[string]any{"units": "imperial"})); err != nil {
		t.Fatal(err)
	}
	expectShown(t, view, "who Grace, units imperial, updates 2, said selected <nil>"+rest)
	for _, wrong := range []map[string]any{{"units": 1}, {"units": "other"}, {"Units": "metric"}, {"key": "sesame-sesame"}} {
		var e *abi.SchemaError
		if err := box.UpdateSettings(props(wrong)); !errors.Is(err, sandbox.ErrSettings) || !errors.As(err, &e) {
			t.Errorf("settings %v: %v", wrong, err)
		}
		if _, err := plugin.New(&sandbox.Options{Settings: props(wrong)}); !errors.Is(err, sandbox.ErrSettings) {
			t.Errorf("a sandbox with settings %v: %v", wrong, err)
		}
	}
	for _, wrong := range []map[string]any{{"who": 1}, {"Who": "x"}, {"who": strings.Repeat("x", 11)}} {
		var e *abi.SchemaError
		if err := box.Update(props(wrong)); !errors.Is(err, sandbox.ErrProps) || !errors.As(err, &e) {
			t.Errorf("props %v: %v", wrong, err)
		}
		if _, err := plugin.New(&sandbox.Options{Props: props(wrong)}); !errors.Is(err, sandbox.ErrProps) {
			t.Errorf("a sandbox with props %v: %v", wrong, err)
		}
	}
	opts.Callbacks = map[string]sandbox.Callback{"onclick": nil}
	if _, err := plugin.New(opts); !errors.Is(err, sandbox.ErrCallback) {
		t.Errorf("a callback that is not declared: %v", err)
	}
}

// expectShown waits until want is shown.
func expectShown(t *testing.T, view shown, want string) {
	t.Helper()
	last := ""
	for deadline := time.After(time.Minute); ; {
		select {
		case last = <-view:
			if strings.ReplaceAll(last, "vitrine: ", "") == want {
				return
			}
		case <-deadline:
			t.Fatalf("shown was\n  %s\nwant\n  %s", last, want)
		}
	}
}

func TestCallbacksOfATestPage(t *testing.T) {
	page := vitrinetest.Mount(t, v.App(func(c *v.Context) v.View {
		said := "nothing"
		c.Call("onSelect", 7, func(out any, err error) { said = out.(string) })
		total, err := c.CallAndWait("total", 2)
		if _, missing := c.CallAndWait("other", nil); missing == nil || err != nil {
			said = "wrong"
		}
		return func() v.Node { return v.Text(said + strings.Repeat("!", int(total.(int64)))) }
	}), &vitrinetest.Options{World: vitrinetest.World{Callbacks: map[string]func(any) (any, error){
		"onSelect": func(any) (any, error) { return "selected", nil },
		"total":    func(n any) (any, error) { return n.(int64) + 1, nil },
	}}})
	page.Run()
	if got := page.String(); !strings.Contains(got, "selected!!!") {
		t.Errorf("shown %q", got)
	}
}
