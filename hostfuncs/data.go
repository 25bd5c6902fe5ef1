package hostfuncs

import (
	"context"
	"sync/atomic"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Data is the host application's records: models, what can be done with them, and instances. A host
// implements it; MemoryData and SQLData are two that can be used or read. By the time it is called the
// plugin's permission for the model, the ability and the instance has been checked; what the person and
// the tenant may see is for it to say. It is safe for concurrent use.
//
// To change is not to read. What Data answers to update, and to create of an instance that the plugin has named, reaches only a plugin
// that may view the instance too; any other hears null. What it answers to abilities of its own is for it to say.
type Data interface {
	// Access answers a value that cbor.Marshal takes, or an error with an abi.Code.
	Access(ctx context.Context, who *Subject, q *DataQuery) (any, error)
}

// DataQuery is one use of a model.
type DataQuery struct {
	Model, Ability string // such as "Attendee" and "view"
	Key, Instance  string // the field that tells instances apart and its value; "" for all of them
	Value          any    // what is to be created or changed, as cbor.Unmarshal gives it
	After          string // of a list: the instance behind which it begins
	Most           int    // of a list: how many, 1 to 1000
}

const (
	maxDataRequest = 1 << 20 // bytes
	maxListed      = 1000
)

// dataRequest is vitrine:data.request, which uses a model of the application and waits.
//
// Parameters: the address and the length of a data-request. Result: the length of a value, which core.take fetches, null
// where it is a record that has been changed and may not be viewed; CodeInvalid if the bytes are not in memory or not such
// a request; CodeDenied, also if the instance is not the one that the install resolved; CodeNotFound; CodeConflict;
// CodeLimit; CodeUnsupported.
func dataRequest(e *Env, c *runtime.Caller, args []uint64) int64 {
	u, code := e.dataArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	e.hop = u.takes
	defer func() { e.hop = nil }()
	return e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) { return u.access(ctx, e) })
}

// dataStart is vitrine:data.start, which uses a model and does not wait.
//
// Parameters and codes: as for dataRequest. Result: a ticket above 0; to it comes ["answer", ticket, value]
// or ["error", ticket, code].
func dataStart(e *Env, c *runtime.Caller, args []uint64) int64 {
	u, code := e.dataArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.ticketOf(abi.CapData, u.takes, func(ctx context.Context, _ teller) ([]byte, error) { return u.access(ctx, e) })
}

func (e *Env) dataArgs(c *runtime.Caller, args []uint64) (*dataUse, abi.Code) {
	b, ok := view(c, args)
	switch {
	case !ok:
		return nil, abi.CodeInvalid
	case e.services.Data == nil:
		return nil, abi.CodeUnsupported
	case len(b) > maxDataRequest:
		return nil, abi.CodeLimit
	}
	q, ok := parseDataQuery(b)
	if !ok {
		return nil, abi.CodeInvalid
	}
	u := &dataUse{DataQuery: q, gate: e.gate}
	u.need = abi.Need{Capability: abi.CapData, Model: q.Model, Ability: q.Ability, Key: q.Key, Instance: q.Instance}
	return u, e.permitted(&u.need)
}

// dataUse is one use of a model under way.
type dataUse struct {
	*DataQuery
	gate  Gate
	need  abi.Need
	shows atomic.Bool // that its answer is a record that only who may view it hears
}

// access asks the application.
func (u *dataUse) access(ctx context.Context, e *Env) ([]byte, error) {
	v, err := e.services.Data.Access(ctx, &e.subject, u.DataQuery)
	if err != nil {
		return nil, err
	}
	if u.Ability == "update" || u.Ability == "create" && u.Instance != "" { // where the application has named it, its plugin has to be told
		if u.holds("view") {
			u.shows.Store(true)
		} else {
			v = nil
		}
	}
	return cbor.Marshal(v)
}

// holds asks in passing whether the plugin has an ability on what it uses.
func (u *dataUse) holds(ability string) bool {
	need := u.need
	need.Ability, need.Optional = ability, true
	return u.gate.Holds(&need) == abi.CodeOK
}

// takes is what the answer takes: who loses that loses the answer. To show what has been changed it takes both abilities.
func (u *dataUse) takes() *abi.Need {
	need := u.need
	if u.shows.Load() && u.holds(u.Ability) {
		need.Ability = "view"
	}
	return &need
}

// parseDataQuery reads a data-request.
func parseDataQuery(b []byte) (*DataQuery, bool) {
	q := &DataQuery{Most: 100}
	ok := record(b, func(key string, r *cbor.Reader) bool {
		switch key {
		case "model":
			q.Model = string(r.Text())
		case "ability":
			q.Ability = string(r.Text())
		case "key":
			q.Key = string(r.Text())
		case "instance":
			q.Instance = string(r.Text())
		case "after":
			q.After = string(r.Text())
		case "most":
			n := r.Uint()
			q.Most = int(min(n, maxListed+1))
		case "value":
			at := r.Offset()
			r.Skip()
			v, err := cbor.Unmarshal(b[at:r.Offset()])
			q.Value = v
			return err == nil
		default:
			return false
		}
		return true
	})
	named := q.Model != "" && q.Ability != "" && (q.Key == "") == (q.Instance == "")
	return q, ok && named && q.Most >= 1 && q.Most <= maxListed && len(q.Instance) <= MaxKey
}

// keeps reports whether what is to be created or changed leaves the instance the one that it is: it says nothing of the key, or
// just that.
func keeps(q *DataQuery, key string, fields map[string]any) bool {
	v, said := fields[key]
	return !said || v == any(q.Instance)
}

// changes reports whether there is something in it to be changed beside the key.
func changes(key string, fields map[string]any) bool {
	_, said := fields[key]
	return len(fields) > 1 || len(fields) == 1 && !said
}
