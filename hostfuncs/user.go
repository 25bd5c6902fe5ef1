package hostfuncs

import (
	"slices"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// userRead is vitrine:user.read, which says who the person is, as far as the plugin may know: "id" with the
// permission user:id, "orgs" with user:orgs.
//
// No parameters. Result: the length of a user, a map, which core.take fetches; CodeNotFound if there is
// no person; CodeDenied if the plugin may know neither.
func userRead(e *Env, _ *runtime.Caller, _ []uint64) int64 {
	id := e.permitted(&abi.Need{Capability: abi.CapUser, Name: "user:id"})
	orgs := e.permitted(&abi.Need{Capability: abi.CapUser, Name: "user:orgs"})
	switch {
	case id != abi.CodeOK && orgs != abi.CodeOK:
		return int64(id)
	case e.subject.User == "":
		return int64(abi.CodeNotFound)
	}
	e.refused = ""
	n := 0
	var b []byte
	if id == abi.CodeOK {
		n++
		b = cbor.AppendText(cbor.AppendText(b, "id"), e.subject.User)
	}
	if orgs == abi.CodeOK {
		n++
		b = cbor.AppendArray(cbor.AppendText(b, "orgs"), len(e.subject.Orgs))
		for _, o := range slices.Sorted(slices.Values(e.subject.Orgs)) {
			b = cbor.AppendText(b, o)
		}
	}
	return e.park(append(cbor.AppendMap(nil, n), b...))
}
