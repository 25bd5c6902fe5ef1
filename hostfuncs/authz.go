package hostfuncs

import (
	"context"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Authorizer says what the person may do in the host application, whatever the plugin may. It is safe for
// concurrent use.
type Authorizer interface {
	May(ctx context.Context, who *Subject, q *Question) (bool, error)
}

// Question is whether the person may use an ability of a model.
type Question struct {
	Model, Ability string
	Instance       string // "" for none in particular
}

// authzEvaluate is vitrine:authz.evaluate, which asks what the person may do, so that a plugin need not offer
// what would be refused. It gives the plugin no right.
//
// Parameters: the address and the length of [model, ability] or [model, ability, instance], texts. Result:
// 1 if the person may, 0 if not; CodeInvalid; CodeDenied; CodeUnsupported.
func authzEvaluate(e *Env, c *runtime.Caller, args []uint64) int64 {
	b, ok := view(c, args)
	if ok && e.services.Authz == nil {
		return int64(abi.CodeUnsupported)
	}
	q, whole := parseQuestion(b)
	if !ok || !whole {
		return int64(abi.CodeInvalid)
	}
	if code := e.permitted(&abi.Need{Capability: abi.CapAuthz}); code != abi.CodeOK {
		return int64(code)
	}
	may := false
	n := e.wait(c, func(ctx context.Context, _ teller) (_ []byte, err error) {
		may, err = e.services.Authz.May(ctx, &e.subject, q)
		return nil, err
	})
	if n == 0 && may {
		return 1
	}
	return n
}

func parseQuestion(b []byte) (*Question, bool) {
	if len(b) > kvRoom {
		return nil, false
	}
	r := cbor.NewReader(b)
	n := r.Array()
	q := &Question{Model: string(r.Text()), Ability: string(r.Text())}
	if n == 3 {
		q.Instance = string(r.Text())
	}
	return q, r.End() == nil && (n == 2 || n == 3) && q.Model != "" && q.Ability != ""
}
