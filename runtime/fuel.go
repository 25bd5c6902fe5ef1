package runtime

import (
	"context"
	"fmt"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// fuelSlice is how much fuel is handed out at a time: a guest comes out to the host
// after 50 to 500 microseconds, which is how long the host's garbage collector may have
// to wait for it, and how late a deadline may be noticed.
const fuelSlice = 500_000

// tank keeps the books of a guest's fuel and of its stack during one call.
type tank struct {
	fuel, depth engine.Global // nil until the start section has run
	budget      int64
	stack       int64
	granted     int64 // handed out in this call; less what is left, it is what was spent
	served      bool  // the guest has its stack
}

func (t *tank) connect(in engine.Instance) {
	t.fuel, t.depth = in.Global(meter.ExportFuel), in.Global(meter.ExportDepth)
}

// begin fills the tank for a call. Before there is an instance the guest's globals are
// zero, and the first check of the start section comes to refuel.
func (t *tank) begin(l *Limits) {
	const most = 1 << 62
	t.budget, t.stack = int64(min(l.Fuel, most)), int64(l.StackDepth)
	t.granted, t.served = 0, t.fuel != nil
	if t.served {
		t.granted = min(fuelSlice, t.budget)
		t.fuel.Set(uint64(t.granted))
		t.depth.Set(uint64(t.stack))
	}
}

// spent is the fuel that this call has used so far.
func (t *tank) spent() uint64 {
	if t.fuel == nil {
		return uint64(t.granted) // the start section failed; what it had left is gone
	}
	return uint64(t.granted - int64(t.fuel.Get()))
}

// refuelImport is what metered code calls when its fuel or its depth is below zero.
func refuelImport() *engine.Refuel {
	return &engine.Refuel{Module: meter.ImportModule, Name: meter.ImportRefuel,
		Fuel: meter.ExportFuel, Depth: meter.ExportDepth,
		Call: func(ctx context.Context, fuel, depth engine.Global) { instanceOf(ctx).refuel(fuel, depth) }}
}

// refuel is where a running guest meets its limits: it hands out the next slice, or ends
// the call. Close and cancellation work through it as well.
func (in *Instance) refuel(fuel, depth engine.Global) {
	if err := in.ctx.Err(); err != nil {
		in.abort(err)
	}
	t := &in.tank
	if !t.served {
		t.served = true
		depth.Set(uint64(int64(depth.Get()) + t.stack))
	}
	if int64(depth.Get()) < 0 {
		in.abort(&Fault{Kind: FaultStack, Limit: LimitStack, Message: fmt.Sprintf("calls nested deeper than %d", t.stack)})
	}
	left := int64(fuel.Get())
	if left >= 0 {
		return
	}
	spent := t.granted - left
	if spent > t.budget {
		in.abort(&Fault{Kind: FaultFuel, Limit: LimitFuel, Message: fmt.Sprintf("used up its fuel of %d", t.budget)})
	}
	next := min(fuelSlice, t.budget-spent)
	t.granted = spent + next
	fuel.Set(uint64(next))
}
