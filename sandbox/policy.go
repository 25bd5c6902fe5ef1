package sandbox

import (
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// ErrGrant is matched by the error that says that a grant cannot be given: there is no such
// capability, or no host of this version offers it.
var ErrGrant = errors.New("cannot be granted")

// checkGrants refuses grants that would promise what is not there.
func checkGrants(grants []abi.Capability) error {
	for _, c := range grants {
		switch {
		case !c.Known():
			return fmt.Errorf("capability %.40q %w: there is none of that name", string(c), ErrGrant)
		case !hostfuncs.Offered(c):
			return fmt.Errorf("capability %q %w: this version does not offer it", string(c), ErrGrant)
		}
	}
	return nil
}
