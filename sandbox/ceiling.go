package sandbox

import (
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// under is the smaller of both, field by field.
func under(c, o *Ceiling) Ceiling {
	least := func(a, b uint64) uint64 {
		if a == 0 || b != 0 && b < a {
			return b
		}
		return a
	}
	return Ceiling{Fuel: least(c.Fuel, o.Fuel), FuelRate: least(c.FuelRate, o.FuelRate), WallTimeMS: least(c.WallTimeMS, o.WallTimeMS), HostCalls: least(c.HostCalls, o.HostCalls),
		Memory: least(c.Memory, o.Memory), Output: least(c.Output, o.Output)}
}

// fuelRate is how much fuel a second a sandbox has.
func (p *Plugin) fuelRate(c *Ceiling) uint64 {
	return under(c, &Ceiling{FuelRate: p.policy.FuelRate}).FuelRate
}

// lower are those of the limits that the ceiling lowers; nil if it lowers none. The limits are whole: none is zero.
func lower(c *Ceiling, l *runtime.Limits) *runtime.Limits {
	have := Ceiling{Fuel: l.Fuel, FuelRate: c.FuelRate, WallTimeMS: uint64(max(1, l.WallTime.Milliseconds())), HostCalls: l.HostCalls, Memory: l.Memory, Output: l.Output}
	want := under(c, &have)
	if want == have {
		return nil
	}
	return &runtime.Limits{Fuel: want.Fuel, WallTime: min(l.WallTime, time.Duration(want.WallTimeMS)*time.Millisecond),
		HostCalls: want.HostCalls, Memory: want.Memory, Output: want.Output}
}
