package hostfuncs

import (
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// How fine the clocks are. They are coarse, and stand still during a call unless the plugin has the permission
// clock:fine, so that a plugin cannot time what other code on the machine leaves in its caches.
const (
	coarse = time.Millisecond
	fine   = 100 * time.Microsecond // as browsers have it for code that is not isolated
)

// time is what the plugin's clocks show, and in which steps.
func (e *Env) time() (time.Time, time.Duration) {
	e.need = abi.Need{Capability: abi.CapClock, Name: "clock:fine", Optional: true}
	if e.permitted(&e.need) == abi.CodeOK {
		return e.now(), fine
	}
	if e.frozen.IsZero() {
		e.frozen = e.now()
	}
	return e.frozen, coarse
}

// clockNow is vitrine:clock.now, the time of day.
//
// No parameters, memory is not touched. Result (i64): nanoseconds since 1970-01-01 UTC, in steps of a
// millisecond, the same during a whole call; with clock:fine in steps of 100 us, and running. Or CodeDenied.
func clockNow(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	now, step := e.time()
	return now.Truncate(step).UnixNano()
}

// clockMonotonic is vitrine:clock.monotonic, which is never set back.
//
// No parameters, memory is not touched. Result (i64): nanoseconds since the instance was made, in
// steps as clockNow has them; or CodeDenied.
func clockMonotonic(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	now, step := e.time()
	e.elapsed = max(e.elapsed, now.Sub(e.started).Truncate(step)) // where clock:fine has ended, too
	return int64(e.elapsed)
}
