package main

import (
	"context"
	"fmt"

	extism "github.com/extism/go-sdk"

	"github.com/vitrine-run/vitrine/bench/call"
)

// extismPeer calls through Extism's Go SDK, with its defaults.
type extismPeer struct{ plugin *extism.Plugin }

func newExtism(ctx context.Context) (call.System, func(), error) {
	tick := extism.NewHostFunctionWithStack("tick", func(_ context.Context, _ *extism.CurrentPlugin, stack []uint64) {
		stack[0] = uint64(call.Tick(uint32(stack[0])))
	}, []extism.ValueType{extism.ValueTypeI32}, []extism.ValueType{extism.ValueTypeI32})
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: call.ExtismGuest}}}
	plugin, err := extism.NewPlugin(ctx, manifest, extism.PluginConfig{}, []extism.HostFunction{tick})
	if err != nil {
		return nil, nil, err
	}
	return &extismPeer{plugin}, func() { _ = plugin.Close(ctx) }, nil // nothing runs
}

func (p *extismPeer) Name() string { return "extism" }

func (p *extismPeer) Echo(in []byte) ([]byte, error) { return p.call("echo", in) }

func (p *extismPeer) Ticks() error {
	_, err := p.call("run", nil)
	return err
}

func (p *extismPeer) call(name string, in []byte) ([]byte, error) {
	code, out, err := p.plugin.Call(name, in)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return out, err
}
