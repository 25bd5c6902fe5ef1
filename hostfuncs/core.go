package hostfuncs

import (
	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// coreTake is vitrine:core.take, which fetches what the last function that answered bytes has parked.
//
// Parameters: the address and the length of the room. Result: how many bytes were copied, the
// smaller of the room and what was parked (0 if nothing is parked); CodeInvalid if the room is not
// in memory, then the bytes stay parked. Otherwise they are gone, also those that did not fit.
//
// After props.read has answered 3, take(8, 3) answers 3:
//
//	         address 8
//	           |
//	before [.. 00 00 00 ..]        parked: a1 61 61
//	after  [.. a1 61 61 ..]        parked: nothing
func coreTake(e *Env, c *runtime.Caller, args []uint64) int64 {
	room, ok := view(c, args)
	if !ok {
		return int64(abi.CodeInvalid)
	}
	n := copy(room, e.parked)
	e.drop()
	return int64(n)
}

// coreAgain is vitrine:core.again, which asks for another turn: vitrine_turn is called once this
// call is over and the events that wait have been handled.
//
// No parameters, memory is not touched. Result: CodeOK. Asking twice in a call is asking once.
func coreAgain(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	e.again = true
	return int64(abi.CodeOK)
}

// corePending is vitrine:core.pending, with which a guest in a long computation learns that it
// should return soon.
//
// No parameters, memory is not touched. Result: 1 if events wait, else 0.
func corePending(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	if e.pending() {
		return 1
	}
	return 0
}

// coreMemory is vitrine:core.memory, with which a guest learns before it begins whether what it is
// to do fits: in most languages a failed memory.grow ends the program.
//
// No parameters, memory is not touched. Result: bytes, see runtime.Caller.MemoryLimit.
func coreMemory(_ *Env, c *runtime.Caller, _ []uint64) int64 { return int64(c.MemoryLimit()) }
