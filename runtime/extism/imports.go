package extism

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/vitrine-run/vitrine/runtime"
)

// hostModule is what Extism's plugins import from.
const hostModule = "extism:host/env"

// environment is every function of Extism's own, EIP-007. All offsets are of blocks.
func environment() []runtime.HostFunc {
	funcs := memoryFuncs()
	funcs = append(funcs, dataFuncs()...)
	funcs = append(funcs, httpFuncs()...)
	return append(funcs, logFuncs()...)
}

const (
	i32 = runtime.I32
	i64 = runtime.I64
)

type types []runtime.ValueType

// imported makes a host function of f, which gets the instance that calls.
func imported(name string, params, results types, f func(in *Instance, c *runtime.Caller, s []uint64)) runtime.HostFunc {
	return runtime.HostFunc{Module: hostModule, Name: name, Params: params, Results: results,
		Call: func(c *runtime.Caller, s []uint64) { f(c.State().(*Instance), c, s) }}
}

// memoryFuncs are those that make, read and write blocks.
func memoryFuncs() []runtime.HostFunc {
	length := func(in *Instance, _ *runtime.Caller, s []uint64) { s[0] = in.blocks.length[s[0]] }
	return []runtime.HostFunc{
		imported("alloc", types{i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) { s[0] = in.alloc(c, s[0]) }),
		imported("free", types{i64}, nil, func(in *Instance, _ *runtime.Caller, s []uint64) { in.blocks.release(s[0]) }),
		imported("length", types{i64}, types{i64}, length),
		imported("length_unsafe", types{i64}, types{i64}, length),
		imported("load_u8", types{i64}, types{i32}, func(in *Instance, c *runtime.Caller, s []uint64) {
			s[0] = uint64(in.view(c, s[0], 1)[0])
		}),
		imported("load_u64", types{i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			v, ok := in.blocks.load64(s[0])
			if !ok {
				outside(c, s[0], 8)
			}
			s[0] = v
		}),
		imported("store_u8", types{i64, i32}, nil, func(in *Instance, c *runtime.Caller, s []uint64) {
			in.view(c, s[0], 1)[0] = byte(s[1])
		}),
		imported("store_u64", types{i64, i64}, nil, func(in *Instance, c *runtime.Caller, s []uint64) {
			if !in.blocks.store64(s[0], s[1]) {
				outside(c, s[0], 8)
			}
		}),
		imported("memory_bytes", nil, types{i64}, func(in *Instance, _ *runtime.Caller, s []uint64) { s[0] = uint64(len(in.blocks.bytes)) }),
		imported("reset", nil, nil, func(in *Instance, _ *runtime.Caller, _ []uint64) {
			in.blocks.reset()
			in.input, in.output, in.failure = span{}, span{}, 0
		}),
	}
}

// dataFuncs are input, output, the error, configuration and variables.
func dataFuncs() []runtime.HostFunc {
	get := func(f func(*Instance) uint64) func(*Instance, *runtime.Caller, []uint64) {
		return func(in *Instance, _ *runtime.Caller, s []uint64) { s[0] = f(in) }
	}
	return []runtime.HostFunc{
		imported("input_set", types{i64, i64}, nil, func(in *Instance, _ *runtime.Caller, s []uint64) { in.input = span{s[0], s[1]} }),
		imported("input_length", nil, types{i64}, get(func(in *Instance) uint64 { return in.input.n })),
		imported("input_offset", nil, types{i64}, get(func(in *Instance) uint64 { return in.input.at })),
		imported("input_load_u8", types{i64}, types{i32}, func(in *Instance, _ *runtime.Caller, s []uint64) { s[0] = in.inputByte(s[0]) }),
		imported("input_load_u64", types{i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			at := in.input.at + s[0]
			v, ok := in.blocks.load64(at)
			if !ok || at < in.input.at {
				outside(c, at, 8)
			}
			s[0] = v
		}),
		imported("output_set", types{i64, i64}, nil, func(in *Instance, _ *runtime.Caller, s []uint64) { in.output = span{s[0], s[1]} }),
		imported("output_length", nil, types{i64}, get(func(in *Instance) uint64 { return in.output.n })),
		imported("output_offset", nil, types{i64}, get(func(in *Instance) uint64 { return in.output.at })),
		imported("error_set", types{i64}, nil, func(in *Instance, _ *runtime.Caller, s []uint64) { in.failure = s[0] }),
		imported("error_get", nil, types{i64}, get(func(in *Instance) uint64 { return in.failure })),
		imported("config_get", types{i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			value, ok := in.config[string(in.named(c, s[0]))]
			s[0] = 0
			if ok {
				s[0] = in.put(c, []byte(value))
			}
		}),
		imported("var_get", types{i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			s[0] = in.put(c, in.vars[string(in.takeNamed(c, s[0]))])
		}),
		imported("var_set", types{i64, i64}, nil, func(in *Instance, c *runtime.Caller, s []uint64) {
			in.setVar(c, string(in.takeNamed(c, s[0])), s[1])
		}),
	}
}

// inputByte is a byte of the input, 0 past its end.
func (in *Instance) inputByte(i uint64) uint64 {
	view, ok := in.blocks.view(in.input.at, in.input.n)
	if !ok || i >= uint64(len(view)) {
		return 0
	}
	return uint64(view[i])
}

// setVar keeps a variable, or forgets it if the offset is 0.
func (in *Instance) setVar(c *runtime.Caller, name string, at uint64) {
	if in.maxVars == 0 {
		c.Fail(&runtime.Fault{Kind: runtime.FaultDenied, Message: "this host keeps no variables"})
	}
	if at == 0 {
		in.keep(name, nil)
		return
	}
	if !in.keep(name, append([]byte{}, in.takeNamed(c, at)...)) {
		c.Fail(&runtime.Fault{Kind: runtime.FaultMemory, Limit: runtime.LimitMemory,
			Message: fmt.Sprintf("variables of more than %d bytes", in.maxVars)})
	}
}

// keep sets a variable, or forgets it if value is nil. It is false when that is more than variables
// may have.
func (in *Instance) keep(name string, value []byte) bool {
	used := in.varsUsed - varSize(name, in.vars[name]) + varSize(name, value)
	if used > in.maxVars && value != nil {
		return false
	}
	in.varsUsed = used
	if value == nil {
		delete(in.vars, name)
	} else {
		if in.vars == nil {
			in.vars = map[string][]byte{}
		}
		in.vars[name] = value
	}
	return true
}

// varSize counts what it costs to know a variable as well.
func varSize(name string, value []byte) int {
	if value == nil {
		return 0
	}
	return len(name) + len(value) + blockCost
}

// levels are Extism's, by their number.
var levels = [...]struct {
	name  string
	level slog.Level
}{
	{"log_trace", slog.LevelDebug - 4}, {"log_debug", slog.LevelDebug}, {"log_info", slog.LevelInfo},
	{"log_warn", slog.LevelWarn}, {"log_error", slog.LevelError},
}

func logFuncs() []runtime.HostFunc {
	funcs := []runtime.HostFunc{imported("get_log_level", nil, types{i32}, func(in *Instance, c *runtime.Caller, s []uint64) {
		s[0] = 1<<31 - 1 // off
		for i := len(levels) - 1; i >= 0 && in.plugin.logger.Enabled(c.Context(), levels[i].level); i-- {
			s[0] = uint64(i)
		}
	})}
	for _, l := range levels {
		funcs = append(funcs, imported(l.name, types{i64}, nil, func(in *Instance, c *runtime.Caller, s []uint64) {
			in.log(c, l.level, in.takeNamed(c, s[0]))
		}))
	}
	return funcs
}

// log passes a plugin's line on until the call has said as much as it may. slog escapes it.
func (in *Instance) log(c *runtime.Caller, level slog.Level, text []byte) {
	logger, ctx := in.plugin.logger, context.WithoutCancel(c.Context())
	if !logger.Enabled(ctx, level) || in.logged > in.plugin.limits.LogBytes {
		return
	}
	in.logged += uint64(len(text)) + blockCost
	if in.logged > in.plugin.limits.LogBytes {
		logger.Log(ctx, slog.LevelWarn, "extism: the plugin logs too much, the rest of this call is left out")
		return
	}
	logger.Log(ctx, level, "extism: plugin", "text", string(text[:min(len(text), maxMessage)]))
}

// look has the plugin pay for the bytes that host functions have cleared, copied or looked at in its blocks, and ends the call if its time is up.
func (in *Instance) look(c *runtime.Caller) {
	c.Work(int(in.blocks.work))
	in.blocks.work = 0
}

// The functions that follow end the call when the plugin broke its side of the conventions.

func outside(c *runtime.Caller, at, n uint64) {
	c.Fail(&runtime.Fault{Kind: runtime.FaultTrap, Message: fmt.Sprintf("%d bytes at 0x%x are not in the blocks", n, at)})
}

func (in *Instance) view(c *runtime.Caller, at, n uint64) []byte {
	v, ok := in.blocks.view(at, n)
	if !ok {
		outside(c, at, n)
	}
	return v
}

func (in *Instance) alloc(c *runtime.Caller, n uint64) uint64 {
	at, ok := in.blocks.alloc(n)
	in.look(c)
	if !ok {
		c.Fail(&runtime.Fault{Kind: runtime.FaultMemory, Limit: runtime.LimitMemory,
			Message: fmt.Sprintf("blocks of more than %d bytes", in.blocks.limit)})
	}
	return at
}

// put makes a block of a copy of p; none of nothing.
func (in *Instance) put(c *runtime.Caller, p []byte) uint64 {
	at := in.alloc(c, uint64(len(p)))
	if at != 0 {
		copy(in.blocks.bytes[at:], p)
	}
	return at
}

// named is the block at an offset that a plugin passes; nothing for 0.
func (in *Instance) named(c *runtime.Caller, at uint64) []byte {
	if at == 0 {
		return nil
	}
	b, ok := in.blocks.block(at)
	in.blocks.work += uint64(len(b))
	in.look(c)
	if !ok {
		c.Fail(&runtime.Fault{Kind: runtime.FaultTrap, Message: fmt.Sprintf("there is no block at 0x%x", at)})
	}
	return b
}

// takeNamed is named, and the block is free afterwards. Its bytes stay as they are until the next
// block is made.
func (in *Instance) takeNamed(c *runtime.Caller, at uint64) []byte {
	b := in.named(c, at)
	in.blocks.release(at)
	return b
}
