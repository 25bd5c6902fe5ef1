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
	which := 0
	if e.knows("user:id") {
		which |= knowsID
	}
	if e.knows("user:orgs") {
		which |= knowsOrgs
	}
	if which == 0 { // a denial, with its trace; or the right has just been given
		e.need.Name, e.need.Optional = "user:id", false
		if code := e.permitted(&e.need); code != abi.CodeOK {
			return int64(code)
		}
		which = knowsID
	}
	if e.subject.User == "" {
		return int64(abi.CodeNotFound)
	}
	if e.user[which] == nil {
		e.user[which] = e.subject.person(which)
	}
	return e.park(e.user[which])
}

// knows asks in passing: who may know the one and not the other is denied nothing.
func (e *Env) knows(name string) bool {
	e.need = abi.Need{Capability: abi.CapUser, Name: name, Optional: true}
	return e.permitted(&e.need) == abi.CodeOK
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
