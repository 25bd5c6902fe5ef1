package sandbox

import (
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// Ceiling is the most that limits may be, as data: of a call, and of memory. A zero field does not bound.
// Of several the smallest counts, and none makes a limit wider than the plugin's Policy has it. It holds for
// an instance from its start: a plugin that runs keeps its limits until it is started again.
type Ceiling struct {
	Fuel       uint64 `json:"fuel,omitempty"`
	WallTimeMS uint64 `json:"wallTimeMs,omitempty"`
	HostCalls  uint64 `json:"hostCalls,omitempty"`
	Memory     uint64 `json:"memoryBytes,omitempty"`
	Output     uint64 `json:"outputBytes,omitempty"`
}

// maxWallTimeMS is an hour, as in a manifest.
const maxWallTimeMS = 3_600_000

func (c *Ceiling) check() error {
	if c.WallTimeMS > maxWallTimeMS {
		return fmt.Errorf("sandbox: limits: a wall time of %d ms, at most %d can be said", c.WallTimeMS, maxWallTimeMS)
	}
	return nil
}

// under is the smaller of both, field by field.
func (c *Ceiling) under(o *Ceiling) Ceiling {
	least := func(a, b uint64) uint64 {
		if a == 0 || b != 0 && b < a {
			return b
		}
		return a
	}
	return Ceiling{least(c.Fuel, o.Fuel), least(c.WallTimeMS, o.WallTimeMS), least(c.HostCalls, o.HostCalls),
		least(c.Memory, o.Memory), least(c.Output, o.Output)}
}

// lower are those of the limits that the ceiling lowers; nil if it lowers none. The limits are whole: none is zero.
func (c *Ceiling) lower(l *runtime.Limits) *runtime.Limits {
	have := Ceiling{l.Fuel, uint64(max(1, l.WallTime.Milliseconds())), l.HostCalls, l.Memory, l.Output}
	want := c.under(&have)
	if want == have {
		return nil
	}
	return &runtime.Limits{Fuel: want.Fuel, WallTime: min(l.WallTime, time.Duration(want.WallTimeMS)*time.Millisecond),
		HostCalls: want.HostCalls, Memory: want.Memory, Output: want.Output}
}
