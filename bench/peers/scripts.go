package main

import (
	"context"

	"github.com/dop251/goja"
	lua "github.com/yuin/gopher-lua"

	"github.com/vitrine-run/vitrine/bench/call"
)

// gojaPeer is goja, an interpreter of JavaScript in Go. Bytes cross as an ArrayBuffer, which is not copied.
type gojaPeer struct {
	vm        *goja.Runtime
	echo, run goja.Callable
}

const javascript = `
	function echo(bytes) { return bytes; }
	function run() {
		var sum = 0;
		for (var i = 0; i < 1000; i++) sum += tick(i);
		return sum;
	}`

func newGoja(context.Context) (call.System, func(), error) {
	vm := goja.New()
	if err := vm.Set("tick", func(i uint32) uint32 { return call.Tick(i) }); err != nil {
		return nil, nil, err
	}
	if _, err := vm.RunString(javascript); err != nil {
		return nil, nil, err
	}
	p := &gojaPeer{vm: vm}
	p.echo, _ = goja.AssertFunction(vm.Get("echo"))
	p.run, _ = goja.AssertFunction(vm.Get("run"))
	return p, func() {}, nil
}

func (p *gojaPeer) Name() string { return "goja" }

func (p *gojaPeer) Echo(in []byte) ([]byte, error) {
	v, err := p.echo(goja.Undefined(), p.vm.ToValue(p.vm.NewArrayBuffer(in)))
	if err != nil {
		return nil, err
	}
	out, _ := v.Export().(goja.ArrayBuffer)
	return append([]byte(nil), out.Bytes()...), nil
}

func (p *gojaPeer) Ticks() error {
	v, err := p.run(goja.Undefined())
	if err == nil && v.ToInteger() != 500_500 {
		err = call.ErrTicks
	}
	return err
}

// luaPeer is gopher-lua, an interpreter of Lua in Go. Bytes cross as a string.
type luaPeer struct{ state *lua.LState }

const script = `
	function echo(bytes) return bytes end
	function run()
		local sum = 0
		for i = 0, 999 do sum = sum + tick(i) end
		return sum
	end`

func newLua(ctx context.Context) (call.System, func(), error) {
	state := lua.NewState()
	state.SetContext(ctx)
	state.SetGlobal("tick", state.NewFunction(func(l *lua.LState) int {
		l.Push(lua.LNumber(call.Tick(uint32(l.CheckInt(1)))))
		return 1
	}))
	if err := state.DoString(script); err != nil {
		state.Close()
		return nil, nil, err
	}
	return &luaPeer{state}, state.Close, nil
}

func (p *luaPeer) Name() string { return "gopher-lua" }

func (p *luaPeer) Echo(in []byte) ([]byte, error) {
	v, err := p.call("echo", lua.LString(in))
	out, _ := v.(lua.LString)
	return []byte(out), err
}

func (p *luaPeer) Ticks() error {
	v, err := p.call("run")
	if n, ok := v.(lua.LNumber); err == nil && (!ok || n != 500_500) {
		err = call.ErrTicks
	}
	return err
}

func (p *luaPeer) call(name string, args ...lua.LValue) (lua.LValue, error) {
	if err := p.state.CallByParam(lua.P{Fn: p.state.GetGlobal(name), NRet: 1, Protect: true}, args...); err != nil {
		return lua.LNil, err
	}
	defer p.state.Pop(1)
	return p.state.Get(-1), nil
}
