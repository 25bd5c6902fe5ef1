package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// A guest is handed out as much fuel as lasts for about sliceTime, which is how long the
// host's garbage collector may have to wait for it, and how late a deadline may be
// noticed. How much that is depends on the guest: a unit takes half a nanosecond where
// numbers are added, and microseconds where each instruction touches a new page.
const (
	sliceTime  = 25 * time.Microsecond
	firstSlice = 50_000
	// Where each unit is a new page that the machine below has to find, this takes milliseconds; else microseconds.
	leastSlice = 2_000
	// What was fast may touch new pages and miss the cache next, thirty times slower: a slice is
	// short enough for that. At a tenth of a nanosecond a unit, coming out costs a hundredth.
	mostSlice = 150_000
	// Stack is handed out in slices as well: a deeper one than ever before is memory that is
	// touched for the first time, which takes longer than its fuel says.
	stackSlice = 2_000
	// Those of a call's first: how deep a function can go whose stack is kept when others have the guest.
	firstStack = 250
	// So near to its deadline a guest gets new memory in steps that cannot make it late.
	hasty = 10 * time.Millisecond
)

// tank keeps the books of a guest's fuel and of its stack during one call.
type tank struct {
	fuel, depth engine.Global // nil until the start section has run
	starting    engine.Global // likewise fuel, while it runs
	refused     engine.Global // nil if no table can be refused to grow
	budget      int64
	stack       int64                  // of a call
	handed      [meter.DepthUnit]int64 // of it, by the slice of it that the guest is in
	deep        bool                   // more than the first slice of it was
	granted     int64                  // handed out in this call; less what is left, it is what was spent
	paid        int64                  // of that, what the instance's Ration knows of
	left        int64                  // what the last call has left of it, which the next one may use
	level       int64                  // what the depth is between calls, 0 if that is not known
	slice       int64                  // what is to be handed out at a time
	last        int64                  // what was
}

func (t *tank) connect(g *guest) { t.fuel, t.depth, t.refused = g.fuel, g.depth, g.refused }

// tableRefused tells whether a table was refused to grow over its limit in this call.
func (t *tank) tableRefused() bool { return t.refused != nil && t.refused.Get() != 0 }

// begin fills the tank for a call. Before there is an instance the guest's globals are
// zero, and the first check of the start section comes to refuel.
func (t *tank) begin(l *Limits, mem *memory.Memory) {
	const most = 1 << 62
	t.budget, t.stack = int64(min(l.Fuel, most)), int64(l.StackDepth)
	t.slice = max(t.slice, firstSlice)
	t.granted, t.paid, t.last, t.deep = 0, 0, 0, false
	if t.fuel != nil {
		if next := min(t.next(mem), t.budget); t.left <= 0 || t.left < next/2 || t.left > next {
			t.left = next
			t.fuel.Set(uint64(next))
		}
		t.last, t.granted = t.left, t.left
		first := min(firstStack, t.stack)
		t.handed[0] = first
		if t.level != first {
			t.level = first
			t.depth.Set(uint64(first * meter.DepthUnit))
		}
	}
	if t.refused != nil {
		t.refused.Set(0)
	}
}

// next is how much fuel is to be handed out now. While much of the memory is new every
// instruction may touch a new page.
func (t *tank) next(mem *memory.Memory) int64 {
	if mem.Young() {
		return leastSlice
	}
	return t.slice
}

// grown cuts what is left of the slice under way when memory has become young.
func (in *Instance) grown() {
	t, fuel := &in.tank, in.tank.fuel
	if fuel == nil {
		fuel = t.starting
	}
	if fuel == nil || !in.mem.Young() {
		return
	}
	if over := int64(fuel.Get()) - leastSlice; over > 0 {
		t.granted -= over
		t.last -= over
		fuel.Set(leastSlice)
	}
}

// deepen hands out stack to a guest that has none left, and returns false if there is not as much
// as it has taken. A function that returns puts back the depth that there was when it began, and with it the
// number of the slice that it was in: what was handed out since is not in use any more, and is there again.
func (t *tank) deepen(depth engine.Global) bool {
	now := int64(depth.Get())
	in := now & (meter.DepthUnit - 1)
	owed, left := (in-now)/meter.DepthUnit, t.stack-t.handed[in]
	if owed > left || in == meter.DepthUnit-1 {
		return false
	}
	more := min(max(stackSlice, t.stack/(meter.DepthUnit/2), owed), left)
	t.handed[in+1] = t.handed[in] + more
	t.deep, t.level = true, 0
	depth.Set(uint64((more-owed)*meter.DepthUnit + in + 1))
	return true
}

// spent is the fuel that this call has used so far, never more than its budget: the code that a
// guest could not pay for any more has not run. It notes what is left.
func (t *tank) spent() uint64 {
	fuel := t.fuel
	if fuel == nil {
		if fuel = t.starting; fuel == nil {
			return 0 // it never came to its code
		}
	}
	t.left = int64(fuel.Get())
	return uint64(min(t.granted-t.left, t.budget))
}

// charge takes fuel for what the host does in a call of the guest's. If that is more than there is, the guest comes to refuel with its next check.
func (t *tank) charge(units uint64) {
	fuel := t.fuel
	if fuel == nil {
		fuel = t.starting
	}
	if fuel != nil {
		fuel.Set(fuel.Get() - units)
	}
}

// pace makes the next slice as long as the last one should have been. It grows slowly:
// code that is fast now may touch new pages next.
func (t *tank) pace(took time.Duration) {
	if t.last < leastSlice {
		return // too short to tell
	}
	fit := int64(float64(t.last) * float64(sliceTime) / float64(max(took, 1)))
	t.slice = max(leastSlice, min(fit, 2*t.slice, mostSlice))
}

// unpaid is about how long the guest has computed since it came to refuel, told by its
// fuel: a call that is over soon asks for no time. What a trap leaves in the tank says nothing
// of that, so there the clock is asked. The tank knows what is left.
func (in *Instance) unpaid() time.Duration {
	t := &in.tank
	if t.fuel == nil || in.dead != nil {
		return monotonic() - in.seat.began
	}
	return time.Duration((t.last - t.left) * int64(sliceTime) / t.slice)
}

// refuelImport is what metered code calls when its fuel or its depth is below zero.
func refuelImport() *engine.Refuel {
	return &engine.Refuel{Module: meter.ImportModule, Name: meter.ImportRefuel,
		Fuel: meter.ExportFuel, Depth: meter.ExportDepth,
		Call: func(ctx context.Context, fuel, depth engine.Global) bool {
			in := instanceOf(ctx)
			if fuel == nil {
				fuel, depth = in.tank.fuel, in.tank.depth
			}
			if fuel == nil {
				return false // it has not been instantiated yet
			}
			in.refuel(fuel, depth)
			return true
		}}
}

// refuel is where a running guest meets its limits: it hands out the next slice, or ends
// the call. Close and cancellation work through it as well.
func (in *Instance) refuel(fuel, depth engine.Global) {
	now := monotonic()
	if err := in.ctx.errAt(now); err != nil {
		in.abort(err)
	}
	t := &in.tank
	if t.fuel == nil {
		t.starting = fuel
	}
	if int64(depth.Get()) < 0 && !t.deepen(depth) {
		in.abort(&Fault{Kind: FaultStack, Limit: LimitStack,
			Message: fmt.Sprintf("calls nested deeper than %d", in.limits.StackDepth)})
	}
	left := int64(fuel.Get())
	if left >= 0 {
		return
	}
	spent := t.granted - left
	if spent > t.budget {
		in.abort(&Fault{Kind: FaultFuel, Limit: LimitFuel, Message: fmt.Sprintf("used up its fuel of %d", t.budget)})
	}
	took := now - in.seat.began
	in.seat.began = now
	t.pace(took)
	next := min(t.next(in.mem), t.budget-spent)
	if in.mem.Young() {
		in.mem.Warm(in.ctx.deadline-now < hasty)
		in.seat.began = monotonic()
		took += in.seat.began - now
	}
	if in.ration != nil {
		in.pay(spent, now)
	}
	in.yield(took)
	// Who is ended while it waits has been handed out nothing that it did not use: not every engine keeps what is set when a call ends here.
	t.last, t.granted = next, spent+next
	fuel.Set(uint64(next))
}
