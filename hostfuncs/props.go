package hostfuncs

import "github.com/vitrine-run/vitrine/runtime"

// propsRead is vitrine:props.read, which answers all props as one CBOR map.
//
// No parameters. Result: the length of the map in bytes, at least 1, which core.take fetches; or
// CodeDenied.
//
//	props {"a": 1}         read() = 4        parked: a1 61 61 01
func propsRead(e *Env, _ *runtime.Caller, _ []uint64) int64 { return e.park(e.props) }

// settingsRead is vitrine:props.settings, which answers what an admin has set as one CBOR map, with the defaults
// of the manifest for the rest. Secrets are not in it: a plugin names them in a request and never reads them.
//
// No parameters. Result: the length of the map in bytes, at least 1, which core.take fetches; or
// CodeDenied.
//
//	settings {"a": 1}      settings() = 4    parked: a1 61 61 01
func settingsRead(e *Env, _ *runtime.Caller, _ []uint64) int64 { return e.park(e.settings) }
