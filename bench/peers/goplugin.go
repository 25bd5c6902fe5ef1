package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/knqyf263/go-plugin/examples/helloworld/greeting"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// goPluginName is knqyf263/go-plugin: wazero behind Go interfaces, which are generated from protocol buffers. What is measured is
// its own example, helloworld, built by Go as its documentation has it: a function that is given a name and answers a
// greeting. What it puts before the name is taken away again, so that it answers what it was given.
const goPluginName = "go-plugin"

const morning = "Good morning, "

// goPluginGuest is the example as a module of WebAssembly.
func goPluginGuest() ([]byte, error) {
	return pluginModule("goplugin", "github.com/knqyf263/go-plugin/examples/helloworld/plugin-morning")
}

// goPluginCache is what the process has compiled of it.
var goPluginCache = sync.OnceValue(wazero.NewCompilationCache)

// goPlugin has the guest in a file, from which the library loads it, and code that was compiled in a cache: by itself the library compiles
// the module each time that it is loaded.
type goPlugin struct {
	dir    string
	loader *greeting.GreeterPlugin
}

func newGoPlugin(ctx context.Context) (*goPlugin, error) {
	wasm, err := goPluginGuest()
	if err != nil {
		return nil, err
	}
	p := &goPlugin{}
	if p.dir, err = os.MkdirTemp("", "goplugin"); err != nil {
		return nil, err
	}
	if err = os.WriteFile(p.file(), wasm, 0o600); err == nil {
		p.loader, err = newGreeter(ctx, goPluginCache())
	}
	if err != nil {
		_ = p.Close(ctx) // the first error is the answer
		return nil, err
	}
	return p, nil
}

func newGreeter(ctx context.Context, cache wazero.CompilationCache) (*greeting.GreeterPlugin, error) {
	return greeting.NewGreeterPlugin(ctx, greeting.WazeroRuntime(func(ctx context.Context) (wazero.Runtime, error) {
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
		_, err := wasi_snapshot_preview1.Instantiate(ctx, rt)
		return rt, err
	}))
}

func (p *goPlugin) file() string { return filepath.Join(p.dir, "plugin.wasm") }

// Name implements fresh.System.
func (p *goPlugin) Name() string { return goPluginName }

// Once implements fresh.System.
func (p *goPlugin) Once(ctx context.Context) ([]byte, error) {
	g, err := p.loader.Load(ctx, p.file())
	if err != nil {
		return nil, err
	}
	out, err := fresh.Said(greet(ctx, g, fresh.Input))
	if closed := g.Close(ctx); err == nil {
		err = closed
	}
	return out, err
}

// Close implements fresh.System.
func (p *goPlugin) Close(context.Context) error { return os.RemoveAll(p.dir) }

// greet calls the plugin, and takes away what it puts before the name.
func greet(ctx context.Context, g greeting.Greeter, name []byte) ([]byte, error) {
	reply, err := g.Greet(ctx, &greeting.GreetRequest{Name: string(name)})
	if err != nil {
		return nil, err
	}
	said, ok := strings.CutPrefix(reply.GetMessage(), morning)
	if !ok {
		return nil, fmt.Errorf("answered %.40q", reply.GetMessage())
	}
	return []byte(said), nil
}

// goPluginEcho is one plugin that stays.
type goPluginEcho struct {
	ctx context.Context
	greeting.Greeter
}

func newGoPluginEcho(ctx context.Context) (call.System, func(), error) {
	p, err := newGoPlugin(ctx)
	if err != nil {
		return nil, nil, err
	}
	g, err := p.loader.Load(ctx, p.file())
	if err != nil {
		_ = p.Close(ctx) // the first error is the answer
		return nil, nil, err
	}
	return &goPluginEcho{ctx, g}, func() { _, _ = g.Close(ctx), p.Close(ctx) }, nil // nothing runs
}

func (e *goPluginEcho) Name() string { return goPluginName }

func (e *goPluginEcho) Echo(in []byte) ([]byte, error) { return greet(e.ctx, e.Greeter, in) }

// startGoPlugin loads the plugin from its file, with wazero's cache on the disk.
func startGoPlugin(ctx context.Context, code []byte, dir string) ([]byte, error) {
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, err
	}
	loader, err := newGreeter(ctx, cache)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "plugin.wasm")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		return nil, err
	}
	g, err := loader.Load(ctx, file)
	if err != nil {
		return nil, err
	}
	return greet(ctx, g, fresh.Input)
}
