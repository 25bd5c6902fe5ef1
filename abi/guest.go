package abi

import (
	"errors"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Version is the version of the guest ABI that this package describes.
const Version = 1

// The names of a plugin's exports. ExportAlloc is (len i32) -> (ptr i32); ExportInitialize takes and
// returns nothing; every other one, compute functions included, is (ptr i32, len i32) -> (i64), a
// Result. All but ExportMemory and ExportAlloc are optional.
const (
	ExportMemory     = "memory"
	ExportInitialize = "_initialize"
	ExportAlloc      = "vitrine_alloc"
	ExportPrepare    = "vitrine_prepare" // in: nothing; after _initialize, once for all copies of the plugin
	ExportMount      = "vitrine_mount"   // in: CBOR MountContext
	ExportUpdate     = "vitrine_update"  // in: nothing; the props or the settings changed, read them again
	ExportEvent      = "vitrine_event"   // in: CBOR [handler, [field...]]
	ExportMessage    = "vitrine_message" // in: CBOR [kind, ...]
	ExportTurn       = "vitrine_turn"    // in: nothing; the guest asked for another turn
	ExportUnmount    = "vitrine_unmount" // in: nothing
	ExportSave       = "vitrine_save"    // in: nothing, out: the guest's own bytes
	ExportRestore    = "vitrine_restore" // in: what save returned
)

// ReservedPrefix begins every export name that belongs to the ABI; a compute function has none.
const ReservedPrefix = "vitrine_"

// Result is what a guest's function returns: where its output lies in guest memory, and whether it
// failed. The upper 32 bits are the address, the lower 31 the length in bytes, bit 31 says failure;
// the output of a failure is a GuestFailure.
type Result uint64

const failedBit = 1 << 31

// NewResult packs a result. n must be below 2^31.
func NewResult(ptr, n uint32, failed bool) Result {
	if failed {
		n |= failedBit
	}
	return Result(uint64(ptr)<<32 | uint64(n))
}

// Pointer is the address of the output.
func (r Result) Pointer() uint32 { return uint32(r >> 32) }

// Len is the length of the output in bytes.
func (r Result) Len() uint32 { return uint32(r) &^ failedBit }

// Failed reports whether the function failed.
func (r Result) Failed() bool { return uint32(r)&failedBit != 0 }

// GuestFailure is a failure in the guest's own words: CBOR [code, message].
type GuestFailure struct {
	Code    Code
	Message string
}

var errFailureCode = errors.New("abi: a failure is [code, message] with a negative code of 32 bits")

// Append appends f as CBOR.
func (f GuestFailure) Append(b []byte) []byte {
	b = cbor.AppendArray(b, 2)
	b = cbor.AppendInt(b, int64(f.Code))
	return cbor.AppendText(b, f.Message)
}

// ParseGuestFailure is the reverse of Append.
func ParseGuestFailure(b []byte) (GuestFailure, error) {
	r := cbor.NewReader(b)
	n := r.Array()
	code := r.Int()
	f := GuestFailure{Code: Code(code), Message: string(r.Text())}
	if err := r.End(); err != nil {
		return GuestFailure{}, err
	}
	if n != 2 || code >= 0 || int64(f.Code) != code {
		return GuestFailure{}, errFailureCode
	}
	return f, nil
}

// MountContext is what a guest learns when it is mounted, besides its props: a CBOR map.
type MountContext struct {
	Locale string // BCP 47 tag of the person's language, such as "en" or "pt-BR"
}

// Append appends c as CBOR.
func (c MountContext) Append(b []byte) []byte {
	b = cbor.AppendMap(b, 1)
	b = cbor.AppendText(b, "locale")
	return cbor.AppendText(b, c.Locale)
}
