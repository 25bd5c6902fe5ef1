package runtime

import (
	"cmp"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// Limits bound what one module or instance may use. A zero field means the default
// of DefaultLimits, so that a limit holds even when nobody has thought of it.
type Limits struct {
	Fuel       uint64        // of one call; a unit is about one simple instruction
	WallTime   time.Duration // of one call, host functions included, waiting for a turn not
	Memory     uint64        // bytes of linear memory
	Table      uint32        // elements of one table, and of all together at the start; at most 16,777,215
	StackDepth uint32        // frames of calls that may recurse, each of up to 16 values; on the interpreter at most 1,500
	HostCalls  uint64        // calls of host functions during one call; those of WASI cost time and fuel only
	Output     uint64        // bytes that one call returns; stdout of a command
	LogBytes   uint64        // bytes each of stdout and stderr during one call
	ModuleSize uint64        // bytes of wasm
}

// The names of limits in Fault.Limit and InvalidError.Limit.
const (
	LimitFuel      = "fuel"
	LimitFuelRate  = "fuel_per_second" // RationOptions.PerSecond
	LimitWallTime  = "wall_time"
	LimitContext   = "context" // the deadline of the caller's own context
	LimitQueue     = "queue"   // SchedulerOptions.Wait
	LimitMemory    = "memory"
	LimitTable     = "table"
	LimitHostCalls = "host_calls"
	LimitOutput    = "output"
	LimitStack     = "stack_depth"

	LimitPoolInstances = "pool_instances" // PoolOptions.Instances
	LimitPoolBytes     = "pool_bytes"     // PoolOptions.Bytes
	LimitPoolQueue     = "pool_queue"     // PoolOptions.Queue

	LimitModuleSize  = "module_size"
	LimitCompileTime = "compile_time" // CompilerOptions.Time
)

// DefaultLimits suit an interactive plugin.
func DefaultLimits() *Limits {
	return &Limits{
		Fuel:       100_000_000_000,
		WallTime:   2 * time.Second,
		Memory:     64 << 20,
		Table:      1 << 17,
		StackDepth: 10_000,
		HostCalls:  100_000,
		Output:     4 << 20,
		LogBytes:   64 << 10,
		ModuleSize: 32 << 20,
	}
}

// maxTable is below what metering takes for a length that no table has, and does not charge for.
const maxTable = meter.TableEnd - 1

// over returns l with the zero fields taken from base. l may be nil.
func (l *Limits) over(base *Limits) *Limits {
	if l == nil {
		return base
	}
	return &Limits{
		Fuel:       cmp.Or(l.Fuel, base.Fuel),
		WallTime:   cmp.Or(l.WallTime, base.WallTime),
		Memory:     cmp.Or(l.Memory, base.Memory),
		Table:      min(cmp.Or(l.Table, base.Table), maxTable),
		StackDepth: cmp.Or(l.StackDepth, base.StackDepth),
		HostCalls:  cmp.Or(l.HostCalls, base.HostCalls),
		Output:     cmp.Or(l.Output, base.Output),
		LogBytes:   cmp.Or(l.LogBytes, base.LogBytes),
		ModuleSize: cmp.Or(l.ModuleSize, base.ModuleSize),
	}
}

// interpreterDepth is below the 2,000 nested calls at which wazero's interpreter gives up, after which
// nobody knows what the guest has used.
const interpreterDepth = 1500

// within lowers what the engine cannot give.
func (rt *Runtime) within(l *Limits) *Limits {
	if rt.Engine() != engine.Interpreter || l.StackDepth <= interpreterDepth {
		return l
	}
	lower := *l
	lower.StackDepth = interpreterDepth
	return &lower
}
