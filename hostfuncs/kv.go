package hostfuncs

import (
	"context"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Store keeps values by key in spaces. A space is an opaque name; what is in one is never seen in another.
// It is safe for concurrent use. MemoryStore is one; package kvsqlite has another.
type Store interface {
	// Get answers a value of its caller's own, or abi.CodeNotFound.
	Get(ctx context.Context, space, key string) ([]byte, error)
	// Put does a change whole or not at all. It answers abi.CodeLimit if the space would hold more than
	// the quota, and abi.CodeConflict if the change is for another value than is there.
	Put(ctx context.Context, space, key string, c *Change) error
	// Keys answers at most most keys that begin with prefix and come behind after, in the order of bytes.
	Keys(ctx context.Context, space, prefix, after string, most int) ([]string, error)
}

// Change is what becomes of a key.
type Change struct {
	Value   []byte // nil: the key is gone
	Compare bool   // only if what is there is Was
	Was     []byte // nil: nothing
	Quota   Quota
}

// Quota is how much a space may hold. What is there already stays, whatever the quota is.
type Quota struct {
	Bytes int64 // of keys and values
	Keys  int64
}

// Bounds of what a plugin keeps.
const (
	MaxKey   = 512      // bytes of a key
	MaxValue = 1 << 20  // bytes of a value
	maxKeys  = 1000     // that are listed in one call
	kvRoom   = 16 << 10 // what of a request is not its value
)

// kvGet is vitrine:kv.get, which reads a value.
//
// Parameters: the address and the length of [scope, key]; the scope is "install", which everybody who uses the
// install sees, or "user", which is for one person. Result: the length of the value, which core.take
// fetches; CodeNotFound; CodeInvalid if the bytes are not that, or the key is not 1 to 512 bytes of UTF-8, or
// the scope is "user" and there is no person; CodeDenied; CodeUnsupported.
func kvGet(e *Env, c *runtime.Caller, args []uint64) int64 {
	space, r, n, code := e.kvArgs(c, args)
	key := string(r.Text())
	if code != abi.CodeOK || r.End() != nil || n != 2 || !validKey(key) {
		return int64(worse(code, abi.CodeInvalid))
	}
	return e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) { return e.services.KV.Get(ctx, space, key) })
}

// kvPut is vitrine:kv.put, which keeps a value or forgets it.
//
// Parameters: the address and the length of [scope, key, value] or, to change only what is known,
// [scope, key, value, was]; values are bytes, or null for none. Result: CodeOK; CodeConflict if the value is
// not was; CodeLimit if the value is longer than 1 MiB or the quota in bytes or keys would be passed, then nothing has
// changed; the rest as for kvGet.
func kvPut(e *Env, c *runtime.Caller, args []uint64) int64 {
	space, r, n, code := e.kvArgs(c, args)
	key := string(r.Text())
	change := &Change{Value: bytesOrNull(r), Compare: n == 4, Quota: e.limits.KV}
	if n == 4 {
		change.Was = bytesOrNull(r)
	}
	switch {
	case code != abi.CodeOK || r.End() != nil || n != 3 && n != 4 || !validKey(key):
		return int64(worse(code, abi.CodeInvalid))
	case len(change.Value) > MaxValue:
		return int64(abi.CodeLimit)
	}
	return e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) {
		return nil, e.services.KV.Put(ctx, space, key, change)
	})
}

// kvKeys is vitrine:kv.keys, which lists keys in the order of their bytes.
//
// Parameters: the address and the length of [scope, prefix, after, most]: at most most keys (1 to 1000) that
// begin with prefix and come behind after. Result: the length of an array of texts, which core.take fetches; the
// rest as for kvGet.
func kvKeys(e *Env, c *runtime.Caller, args []uint64) int64 {
	space, r, n, code := e.kvArgs(c, args)
	prefix, after, most := string(r.Text()), string(r.Text()), r.Uint()
	if code != abi.CodeOK || r.End() != nil || n != 4 || most < 1 || most > maxKeys {
		return int64(worse(code, abi.CodeInvalid))
	}
	return e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) {
		keys, err := e.services.KV.Keys(ctx, space, prefix, after, int(most))
		if err != nil {
			return nil, err
		}
		b := cbor.AppendArray(nil, len(keys))
		for _, k := range keys {
			b = cbor.AppendText(b, k)
		}
		return b, nil
	})
}

// kvArgs reads up to the scope: n is how many items there are in all. r is never nil.
func (e *Env) kvArgs(c *runtime.Caller, args []uint64) (space string, r *cbor.Reader, n int, code abi.Code) {
	b, ok := view(c, args)
	r = cbor.NewReader(b)
	switch {
	case !ok:
		return "", r, 0, abi.CodeInvalid
	case e.services.KV == nil:
		return "", r, 0, abi.CodeUnsupported
	case len(b) > MaxValue*2+kvRoom:
		return "", r, 0, abi.CodeLimit
	}
	n = r.Array()
	scope := string(r.Text())
	if r.Err() != nil || scope != scopeInstall && (scope != scopeUser || e.subject.User == "") {
		return "", r, n, abi.CodeInvalid
	}
	return e.subject.space(scope), r, n, e.permitted(&abi.Need{Capability: abi.CapKV})
}

// worse is code, or fallback if that is no refusal.
func worse(code, fallback abi.Code) abi.Code {
	if code != abi.CodeOK {
		return code
	}
	return fallback
}

func validKey(key string) bool { return key != "" && len(key) <= MaxKey && utf8.ValidString(key) }

// bytesOrNull reads bytes of the caller's own, or nil for null.
func bytesOrNull(r *cbor.Reader) []byte {
	if r.Kind() == cbor.KindNull {
		r.Null()
		return nil
	}
	return append([]byte{}, r.Bytes()...)
}
