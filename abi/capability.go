package abi

import "slices"

// Capability is a thing that a plugin can do. A manifest declares it, a grant allows it.
type Capability string

// The capabilities of this version. Each is an import module of its own (see Imports), so that the
// import section of a module is the list of what it can reach.
const (
	CapProps     Capability = "props"     // read what the host passes in and an admin has set, call its callbacks
	CapUI        Capability = "ui"        // show a tree and pixels
	CapLog       Capability = "log"       // write to the host's log
	CapClock     Capability = "clock"     // read a clock that runs during a call
	CapRandom    Capability = "random"    // draw random bytes
	CapHTTP      Capability = "http"      // ask servers that the grant names
	CapAPI       Capability = "api"       // call the host application's own API
	CapSSE       Capability = "sse"       // hear channels of events
	CapData      Capability = "data"      // models and abilities of the host application
	CapAuthz     Capability = "authz"     // ask what the person may do
	CapKV        Capability = "kv"        // keep data
	CapJobs      Capability = "jobs"      // long work
	CapTelemetry Capability = "telemetry" // counters and spans
	CapAssets    Capability = "assets"    // read files of the package
	CapUser      Capability = "user"      // learn who the person is
)

// Capabilities returns all capabilities, in a fixed order.
func Capabilities() []Capability {
	return []Capability{
		CapProps, CapUI, CapLog, CapClock, CapRandom, CapHTTP, CapAPI, CapSSE, CapData, CapAuthz, CapKV, CapJobs,
		CapTelemetry, CapAssets, CapUser,
	}
}

// Known reports whether c is a capability of this version.
func (c Capability) Known() bool { return slices.Contains(Capabilities(), c) }

// Module is the import module of c, such as "vitrine:http".
func (c Capability) Module() string { return modulePrefix + string(c) }

const (
	modulePrefix = "vitrine:"
	// ModuleCore is the import module that every plugin may use: it reaches nothing.
	ModuleCore = modulePrefix + "core"
	// ModuleWASI is the one import module that is not Vitrine's. It reaches nothing either: no
	// files, no environment, no arguments; output goes to the log, time stands still in a call.
	ModuleWASI = "wasi_snapshot_preview1"
)

// ValueType is a WebAssembly number type as the binary format writes it (spec section 5.3.1).
type ValueType byte

// The value types that cross the guest boundary.
const (
	I32 ValueType = 0x7f
	I64 ValueType = 0x7e
)

// Import is one function that a guest may import. Capability is empty for those of ModuleCore.
type Import struct {
	Module, Name    string
	Params, Results []ValueType
	Capability      Capability
}

// Imports returns every function that a guest may import besides WASI. ABI.md describes each.
func Imports() []Import {
	bytesIn := []ValueType{I32, I32}
	status := []ValueType{I32}
	return []Import{
		{ModuleCore, "take", bytesIn, status, ""},
		{ModuleCore, "again", nil, status, ""},
		{ModuleCore, "pending", nil, status, ""},
		{ModuleCore, "memory", nil, []ValueType{I64}, ""},
		{ModuleCore, "cancel", []ValueType{I32}, status, ""},
		{CapProps.Module(), "read", nil, status, CapProps},
		{CapProps.Module(), "settings", nil, status, CapProps},
		{CapProps.Module(), "call", bytesIn, status, CapProps},
		{CapProps.Module(), "start", bytesIn, status, CapProps},
		{CapUI.Module(), "render", bytesIn, status, CapUI},
		{CapUI.Module(), "paint", bytesIn, status, CapUI},
		{CapUI.Module(), "effect", bytesIn, status, CapUI},
		{CapLog.Module(), "write", []ValueType{I32, I32, I32}, status, CapLog},
		{CapClock.Module(), "now", nil, []ValueType{I64}, CapClock},
		{CapClock.Module(), "monotonic", nil, []ValueType{I64}, CapClock},
		{CapRandom.Module(), "fill", bytesIn, status, CapRandom},
		{CapHTTP.Module(), "request", bytesIn, status, CapHTTP},
		{CapHTTP.Module(), "start", bytesIn, status, CapHTTP},
		{CapAPI.Module(), "request", bytesIn, status, CapAPI},
		{CapAPI.Module(), "start", bytesIn, status, CapAPI},
		{CapSSE.Module(), "subscribe", bytesIn, status, CapSSE},
		{CapData.Module(), "request", bytesIn, status, CapData},
		{CapData.Module(), "start", bytesIn, status, CapData},
		{CapAuthz.Module(), "evaluate", bytesIn, status, CapAuthz},
		{CapKV.Module(), "get", bytesIn, status, CapKV},
		{CapKV.Module(), "put", bytesIn, status, CapKV},
		{CapKV.Module(), "keys", bytesIn, status, CapKV},
		{CapJobs.Module(), "start", bytesIn, status, CapJobs},
		{CapJobs.Module(), "progress", bytesIn, status, CapJobs},
		{CapTelemetry.Module(), "count", bytesIn, status, CapTelemetry},
		{CapTelemetry.Module(), "begin", bytesIn, status, CapTelemetry},
		{CapTelemetry.Module(), "end", []ValueType{I32, I32}, status, CapTelemetry},
		{CapAssets.Module(), "read", bytesIn, status, CapAssets},
		{CapUser.Module(), "read", nil, status, CapUser},
	}
}

// FindImport returns the function that module and name name.
func FindImport(module, name string) (Import, bool) {
	for _, imp := range Imports() {
		if imp.Module == module && imp.Name == name {
			return imp, true
		}
	}
	return Import{}, false
}
