package hostfuncs

import (
	"io"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// randomFill is vitrine:random.fill, which writes random bytes fit for keys.
//
// Parameters: the address and the length of the room. Result: CodeOK; CodeInvalid if the room is not
// in memory; CodeLimit if this call of the guest has drawn Limits.RandomBytes; CodeInternal if the
// host has no randomness, then the room holds nothing of use; CodeDenied.
//
// fill(8, 4):
//
//	         address 8
//	           |
//	before [.. 00 00 00 00 ..]
//	after  [.. 9b 01 e4 5c ..]
func randomFill(e *Env, c *runtime.Caller, args []uint64) int64 {
	room, ok := view(c, args)
	switch {
	case !ok:
		return int64(abi.CodeInvalid)
	case len(room) > e.limits.RandomBytes-e.randomUsed:
		return int64(abi.CodeLimit)
	}
	e.randomUsed += len(room)
	if _, err := io.ReadFull(e.random, room); err != nil {
		return int64(abi.CodeInternal)
	}
	return int64(abi.CodeOK)
}
