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
	e.need = abi.Need{Capability: abi.CapUser, Name: "user:id"}
	id := e.permitted(&e.need)
	e.need.Name = "user:orgs"
	orgs := e.permitted(&e.need)
	switch {
	case id != abi.CodeOK && orgs != abi.CodeOK:
		return int64(id)
	case e.subject.User == "":
		return int64(abi.CodeNotFound)
	}
	e.refused = ""
	which := 0
	if id == abi.CodeOK {
		which |= knowsID
	}
	if orgs == abi.CodeOK {
		which |= knowsOrgs
	}
	if e.user[which] == nil {
		e.user[which] = e.subject.person(which)
	}
	return e.park(e.user[which])
}

// What a plugin knows of a person.
const (
	knowsID = 1 << iota
	knowsOrgs
)

// person is a user with what of it is asked for.
func (s *Subject) person(which int) []byte {
	n := 0
	var b []byte
	if which&knowsID != 0 {
		n++
		b = cbor.AppendText(cbor.AppendText(b, "id"), s.User)
	}
	if which&knowsOrgs != 0 {
		n++
		b = cbor.AppendArray(cbor.AppendText(b, "orgs"), len(s.Orgs))
		for _, o := range slices.Sorted(slices.Values(s.Orgs)) {
			b = cbor.AppendText(b, o)
		}
	}
	return append(cbor.AppendMap(nil, n), b...)
}
