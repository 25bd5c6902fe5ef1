package hostfuncs

import (
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// resolution is how fine the clocks are. It is coarse so that a plugin cannot time what other code
// on the machine leaves in its caches.
const resolution = time.Millisecond

// clockNow is vitrine:clock.now, the time of day.
//
// No parameters, memory is not touched. Result (i64): nanoseconds since 1970-01-01 UTC, in whole
// milliseconds; or CodeDenied.
func clockNow(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	return e.now().Truncate(resolution).UnixNano()
}

// clockMonotonic is vitrine:clock.monotonic, which is never set back.
//
// No parameters, memory is not touched. Result (i64): nanoseconds since the instance was made, in
// whole milliseconds; or CodeDenied.
func clockMonotonic(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	return int64(e.now().Sub(e.started).Truncate(resolution))
}
