package archtest_test

// A room is a package of the module and what it may import of it. What is not here is not allowed: a
// new package or a new edge is a decision, and its reason stands beside it.
type room struct {
	path  string // below the module; a last part * is every folder there
	level int    // only lower levels may be imported, rooms of one family (the first part) among themselves apart
	may   []edge
}

type edge struct{ to, why string }

// The house, from the ground up: "runtime knows how to run, hostfuncs knows what can be called, sandbox
// decides who may call it, bridge carries what is seen, host is where it all meets a web application."
var house = []room{
	{"abi/cbor", 0, nil},
	{"abi", 0, []edge{
		{"abi/cbor", "values that cross the guest boundary are CBOR"},
	}},
	{"internal/archtest", 0, nil},
	{"internal/leak", 0, nil},       // of tests alone
	{"test/browser/cutter", 0, nil}, // a network that fails
	{"internal/cataloggen", 0, nil}, // writes what the others compile; imports none of them
	{"internal/datagen", 0, nil},    // makes up a table; knows nobody
	{"shell", 0, nil},               // embeds the built browser side

	{"runtime/wasm", 1, nil},
	{"runtime/wasm/wasmtest", 1, nil},
	{"runtime/memory", 1, nil},
	{"runtime/cache", 1, nil},
	{"runtime/validate", 1, []edge{
		{"runtime/wasm", "reads the module that it judges"},
	}},
	{"runtime/meter", 1, []edge{
		{"runtime/wasm", "reads and writes the module that it rewrites"},
	}},
	{"runtime/engine", 1, []edge{
		{"runtime/memory", "guest memories are its reservations"},
		{"runtime/wasm", "asks for exports before the engine sees the module"},
	}},
	{"runtime", 1, []edge{
		{"abi", "the calling convention: names of exports, packed results, failures"},
		{"runtime/wasm", "inspects modules without an engine"},
		{"runtime/validate", "nothing reaches an engine unchecked"},
		{"runtime/meter", "fuel is counted in the module"},
		{"runtime/memory", "memory is reserved once and given back"},
		{"runtime/engine", "the one door to wazero"},
		{"runtime/cache", "machine code is kept for the next start"},
	}},
	{"runtime/extism", 1, []edge{
		{"runtime", "Extism's conventions are host functions of the runtime"},
		{"runtime/wasm", "looks for the functions that a linked module exports"},
	}},
	{"runtime/extism/extismtest", 1, nil},
	{"bridge", 1, []edge{
		{"abi", "trees, frames and the catalog that events are checked against"},
	}},
	{"bridge/bridgetest", 1, []edge{
		{"abi", "plays the page's part with the same frames"},
		{"bridge", "holds a Session to its contract"},
	}},

	{"bridge/shadow", 1, []edge{
		{"abi", "renders its trees"},
		{"shell", "from the table that it is built with"},
	}},
	{"bridge/record", 1, []edge{
		{"abi", "takes frames apart"},
		{"bridge/bridgetest", "applies them as a strict page does"},
	}},

	{"hostfuncs", 2, []edge{
		{"abi", "names, types and codes of what a guest may import"},
		{"abi/cbor", "arguments and answers are values"},
		{"runtime", "host functions are its HostFunc"},
		{"runtime/extism", "makes the requests of plugins that were made for Extism"},
	}},

	{"hostfuncs/kvsqlite", 2, []edge{
		{"abi", "refusals are codes"},
		{"hostfuncs", "is one of its Stores"},
	}},
	{"hostfuncs/telemetry", 2, []edge{
		{"hostfuncs", "is its Telemetry"},
	}},
	{"hostfuncs/storetest", 2, []edge{
		{"abi", "refusals are codes"},
		{"hostfuncs", "holds a Store to its contract"},
	}},

	{"sandbox", 3, []edge{
		{"abi", "manifest, capabilities and trees"},
		{"abi/cbor", "props are values"},
		{"runtime", "runs the plugin"},
		{"runtime/wasm", "looks for undeclared imports before anything is compiled"},
		{"hostfuncs", "gives the plugin what the policy allows"},
	}},

	{"host/form", 4, []edge{
		{"abi", "makes forms of its schemas"},
		{"abi/cbor", "what a form is filled with are values"},
	}},
	{"host", 4, []edge{
		{"abi", "manifests, assets, frames"},
		{"abi/cbor", "props are values"},
		{"bridge", "mounts are shown over it"},
		{"bridge/shadow", "what plugins show stands in a page before it has a socket"},
		{"sandbox", "mounts are run by it"},
		{"hostfuncs", "sets what capabilities reach"},
		{"runtime", "one runtime and its limits for all plugins"},
		{"shell", "serves the browser side"},
	}},

	{"sdk/go/internal/seam", 1, []edge{
		{"abi", "the functions that a guest imports, and stand-ins for them outside of one"},
	}},
	{"sdk/go", 1, []edge{
		{"abi", "host and guest share one definition"},
		{"abi/cbor", "props and events are values"},
		{"sdk/go/internal/seam", "the host's functions, real or played"},
	}},
	{"sdk/go/vitrinetest", 1, []edge{
		{"abi", "decodes what the plugin renders"},
		{"abi/cbor", "makes its props and events"},
		{"sdk/go", "drives the plugin"},
		{"sdk/go/internal/seam", "plays the host"},
	}},
	{"test/browser/mirrors", 5, []edge{
		{"abi", "grants capabilities"},
		{"host", "shows a plugin in a page, for a test in a browser"},
		{"hostfuncs", "what the plugin may call"},
		{"runtime", "runs it"},
		{"sandbox", "loads it"},
	}},

	{"bench", 0, nil}, // figures, and systems that take turns; knows no system
	{"bench/benchtest", 1, []edge{
		{"bench", "holds a case to its contract"},
	}},
	{"bench/report", 1, []edge{
		{"bench", "draws its figures"},
	}},
	{"bench/report/readme", 2, []edge{
		{"bench", "reads results"},
		{"bench/report", "makes the README's table of them"},
	}},
	{"bench/bridge", 2, []edge{
		{"bench", "figures"},
		{"abi", "writes trees and frames"},
		{"bridge", "measures the way to the page"},
		{"bridge/bridgetest", "plays the pages"},
		{"shell", "measures what pages load"},
	}},
	{"runtime/testdata/bombs", 0, nil}, // guests and what they end in
	{"bench/hold", 2, []edge{
		{"bench", "figures"},
		{"runtime/testdata/bombs", "measures with them"},
		{"runtime", "measures what is left of the host beside its guests"},
	}},
	{"bench/call", 2, []edge{
		{"bench", "figures and turns"},
		{"runtime", "measures what a call costs, beside wazero as it comes"},
	}},
	{"bench/density", 4, []edge{
		{"bench", "figures"},
		{"bench/reset/fresh", "the guests"},
		{"hostfuncs", "what plugins may call"},
		{"runtime", "bounds the pool of the idle ones"},
		{"sandbox", "measures how many there can be"},
	}},
	{"bench/program", 3, []edge{
		{"bench", "figures and turns"},
		{"bench/metering", "the jobs"},
		{"bench/metering/gokernels", "those in Go, as a part of the host"},
		{"bench/metering/goprograms", "likewise"},
		{"runtime", "does them"},
		{"runtime/engine", "names the engines of this build"},
	}},
	{"bench/plugin", 4, []edge{
		{"bench", "figures and turns"},
		{"abi", "calls a function of the guest ABI on wazero as it comes"},
		{"hostfuncs", "gives the plugin what it was granted"},
		{"sandbox", "tells as a sandbox does what a denial has ended"},
		{"runtime", "measures somebody's plugin on every engine"},
		{"runtime/engine", "names them"},
		{"runtime/extism", "and plugins that were made for Extism"},
	}},
	{"bench/start", 2, []edge{
		{"bench", "figures"},
		{"bench/reset/fresh", "the guests, and instances in turns"},
		{"runtime", "measures its starts, beside wazero as it comes"},
	}},
	{"bench/reload", 4, []edge{
		{"bench", "figures"},
		{"abi", "mounts what it replaces"},
		{"hostfuncs", "what plugins may call"},
		{"runtime", "compiles each version in a runtime of its own"},
		{"sandbox", "replaces one by another"},
	}},
	{"bench/reach", 4, []edge{
		{"bench", "figures"},
		{"abi", "names what it grants"},
		{"abi/cbor", "its requests are values"},
		{"hostfuncs", "measures what plugins can call"},
		{"runtime", "runs the plugin"},
		{"sandbox", "with the policy before each call"},
	}},
	{"bench/reset/fresh", 2, []edge{
		{"bench", "the form of a figure, and taking turns"},
		{"runtime", "takes clean instances out of a pool, with an engine on the other side"},
	}},
	{"bench/reset", 4, []edge{
		{"bench", "the form of a figure"},
		{"bench/reset/fresh", "the systems that are measured"},
		{"runtime", "bounds the pool of the idle ones"},
		{"sandbox", "measures what sandboxes cost that have nothing to do"},
		{"hostfuncs", "what plugins may call"},
	}},
	{"bench/metering", 2, []edge{
		{"bench", "figures"},
		{"runtime", "measures whole operations as a host does them"},
		{"runtime/meter", "measures what metering costs, with an engine on either side"},
		{"runtime/validate", "what is metered was validated"},
		{"runtime/memory", "both sides get the memory that guests get"},
		{"runtime/wasm", "calls what a module exports"},
	}},
	{"bench/metering/gokernels", 0, nil}, // work to be measured, as guests and as a part of the host; it knows nobody
	{"bench/metering/goprograms", 0, nil},
	{"bench/metering/kernels/*", 1, []edge{
		{"bench/metering/gokernels", "the guest exports them"},
	}},
	{"bench/metering/programs/*", 1, []edge{
		{"bench/metering/goprograms", "likewise"},
	}},
	{"examples", 4, nil}, // embeds the folders below it
	{"examples/host", 5, []edge{
		{"abi", "names the capability that it grants"},
		{"host", "puts plugins in its page"},
		{"hostfuncs", "what plugins may call"},
		{"runtime", "runs them"},
		{"sandbox", "loads them"},
	}},
	{"examples/reacthost", 5, []edge{
		{"abi", "names capabilities and the component that its page draws"},
		{"host", "puts a plugin in its page"},
		{"hostfuncs", "what plugins may call"},
		{"runtime", "runs it"},
		{"sandbox", "loads it"},
	}},
	{"examples/*", 2, []edge{
		{"sdk/go", "a plugin sees what authors see and nothing else"},
	}},

	{"cmd/vitrine", 5, []edge{
		{"bench", "vitrine bench"},
		{"bench/report", "vitrine bench --html"},
		{"bench/call", "vitrine bench"},
		{"bench/bridge", "vitrine bench"},
		{"bench/hold", "vitrine bench"},
		{"bench/metering", "vitrine bench"},
		{"bench/reach", "vitrine bench"},
		{"bench/reload", "vitrine bench"},
		{"bench/reset", "vitrine bench"},
		{"bench/start", "vitrine bench"},
		{"bench/reset/fresh", "vitrine bench: the systems of reset"},
		{"bench/plugin", "vitrine bench plugin.wasm"},
		{"bench/program", "vitrine bench"},
		{"bench/density", "vitrine bench"},
		{"abi", "manifests, and the catalog for inspect"},
		{"abi/cbor", "values on the command line"},
		{"runtime", "call runs a module in its smallest form"},
		{"runtime/wasm", "inspect looks into modules"},
		{"runtime/extism", "call --engine extism"},
		{"runtime/validate", "build judges a module without running it"},
		{"hostfuncs", "call --grant"},
		{"sandbox", "call runs a plugin as a host would"},
		{"bridge", "dev joins what host keeps apart"},
		{"bridge/record", "replay"},
		{"bridge/bridgetest", "replay prints what pages show"},
		{"host", "serve"},
		{"host/form", "serve --demo lets an admin set props"},
		{"shell", "serve"},
		{"examples", "serve --demo carries its plugins"},
		{"examples/weatherapi", "serve --demo has the server that one of them asks"},
		{"hostfuncs/kvsqlite", "serve --data keeps what plugins keep"},
		{"hostfuncs/telemetry", "serve --metrics says what plugins count"},
	}},
}

// A guest is a module that others wrote and its import section, or who may import it.
type guest struct {
	module string // a prefix of import paths
	rooms  []string
	tests  bool // tests of any room may import it as well
	why    string
}

// Foreign types stay home. What is not here is the standard library or not allowed.
var guests = []guest{
	{"github.com/tetratelabs/wazero", []string{"runtime/engine", "bench/metering", "bench/hold", "bench/call", "bench/density", "bench/plugin", "bench/program", "bench/reach", "bench/reset/fresh", "bench/start"}, false, "the engine; nobody else sees its types, but a benchmark is beside the house"},
	{"github.com/bytecodealliance/wasmtime-go", []string{"runtime/engine"}, false, "the other engine, behind the build tag wasmtime"},
	{"C", []string{"runtime/engine"}, false, "wasmtime is a C library; without its tag there is no cgo"},
	{"golang.org/x/sys", []string{"runtime/memory", "runtime/engine", "bench/metering"}, false, "reserves address space; names the processor; reads the clock of a thread"},
	{"github.com/gorilla/websocket", []string{"bridge", "bridge/bridgetest"}, true, "the socket, and the page that tests play"},
	{"modernc.org/sqlite", []string{"hostfuncs/kvsqlite"}, false, "what plugins keep is in a file, without cgo"},
	{"github.com/prometheus/client_golang", []string{"hostfuncs/telemetry", "cmd/vitrine"}, true, "metrics, and tests that look at what they say"},
	{"go.opentelemetry.io/otel", []string{"hostfuncs/telemetry"}, false, "spans"},
	{"github.com/alecthomas/kong", []string{"cmd/vitrine"}, false, "the command line"},
	{"golang.org/x/term", []string{"cmd/vitrine"}, false, "whether a person is watching"},
	{"golang.org/x/perf", []string{"bench"}, false, "benchstat's statistics"},
	{"golang.org/x/net", nil, true, "reads the page that a report is"},
	{"go.uber.org/goleak", []string{"internal/leak"}, true, "no goroutine outlives a test"},
	{"github.com/fxamacker/cbor", nil, true, "a second opinion on our CBOR"},
	{"github.com/santhosh-tekuri/jsonschema", nil, true, "a second opinion on our part of JSON Schema"},
	{"github.com/rogpeppe/go-internal", nil, true, "command-line tests are scripts"},
	{"golang.org/x/tools", nil, true, "txtar archives in tests"},
}

// Rooms whose tests may use the engine as a peer: they compare themselves with it.
var engineTests = []string{"runtime", "runtime/*"}
