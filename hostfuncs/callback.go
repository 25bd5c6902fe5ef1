package hostfuncs

import (
	"bytes"
	"context"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// A Callback calls a function of the host that is among a plugin's props. Input and output are one CBOR
// value each; it checks both. An error has an abi.Code, or is a fault of the host. It is called from any
// goroutine.
type Callback func(ctx context.Context, name string, input []byte) (output []byte, err error)

const (
	maxCallbackName  = 64      // bytes
	maxCallbackInput = 4 << 20 // bytes
)

// propsCall is vitrine:props.call, which calls a function of the host and waits for its answer.
//
// Parameters: the address and the length of [name, input], a text and a value. Result: the length of the
// answer, a value, which core.take fetches; CodeInvalid, also for an input that the manifest's schema does
// not allow; CodeNotFound if the manifest declares no such callback; CodeUnsupported if the host
// has none; CodeLimit; CodeDenied.
//
//	["onSelect", 7]        call(16, 11) = 1        parked: f6
//	[.. 82 68 o n S e l e c t 07 ..]
func propsCall(e *Env, c *runtime.Caller, args []uint64) int64 {
	do, code := e.callback(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.wait(c, func(ctx context.Context, tell teller) ([]byte, error) { return attempt(ctx, do, tell) })
}

// propsStart is vitrine:props.start, which calls a function of the host and does not wait.
//
// Parameters: as for propsCall. Result: a ticket above 0, or a code as there. To the ticket comes
// ["answer", ticket, value] or ["error", ticket, code].
func propsStart(e *Env, c *runtime.Caller, args []uint64) int64 {
	do, code := e.callback(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.ticket(abi.CapProps, nil, do)
}

// callback reads the arguments of both.
func (e *Env) callback(c *runtime.Caller, args []uint64) (errand, abi.Code) {
	b, ok := view(c, args)
	switch {
	case !ok:
		return nil, abi.CodeInvalid
	case e.callbacks == nil:
		return nil, abi.CodeUnsupported
	case len(b) > maxCallbackInput:
		return nil, abi.CodeLimit
	case cbor.Valid(b) != nil:
		return nil, abi.CodeInvalid
	}
	r := cbor.NewReader(b)
	n, name := r.Array(), string(r.Text())
	if r.Err() != nil || n != 2 || len(name) > maxCallbackName {
		return nil, abi.CodeInvalid
	}
	input := bytes.Clone(b[r.Offset():])
	return func(ctx context.Context, _ teller) ([]byte, error) { return e.callbacks(ctx, name, input) }, abi.CodeOK
}
