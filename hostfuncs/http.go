package hostfuncs

import (
	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// httpRequest is vitrine:http.request. No host of this version makes requests: without a grant it
// answers CodeDenied like every function, and a grant is refused when the sandbox is made (Offered).
// So a plugin that declares http runs, and can be written for a host that has it.
//
// Parameters: the address and the length of a request, CBOR. Result: CodeUnsupported; or CodeDenied.
func httpRequest(*Env, *runtime.Caller, []uint64) int64 { return int64(abi.CodeUnsupported) }
