package hostfuncs

import "github.com/vitrine-run/vitrine/runtime"

// propsRead is vitrine:props.read, which answers all props as one CBOR map.
//
// No parameters. Result: the length of the map in bytes, at least 1, which core.take fetches; or
// CodeDenied.
//
//	props {"a": 1}         read() = 4        parked: a1 61 61 01
func propsRead(e *Env, _ *runtime.Caller, _ []uint64) int64 { return e.park(e.props) }
