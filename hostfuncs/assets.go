package hostfuncs

import (
	"errors"
	"io/fs"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// assetsRead is vitrine:assets.read, which reads a file of the plugin's own package that the manifest lists.
//
// Parameters: the address and the length of its name, UTF-8. Result: its length in bytes, which core.take
// fetches; CodeNotFound if the manifest lists no such file; CodeLimit if it is larger than the host reads;
// CodeInvalid; CodeDenied.
func assetsRead(e *Env, c *runtime.Caller, args []uint64) int64 {
	name, ok := view(c, args)
	switch {
	case !ok || len(name) > kvRoom || !abi.ValidAssetName(string(name)):
		return int64(abi.CodeInvalid)
	case e.assets == nil:
		return int64(abi.CodeUnsupported)
	}
	b, err := e.assets(string(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return int64(abi.CodeNotFound)
	case err != nil:
		return int64(abi.CodeLimit)
	}
	return e.park(b)
}
