package vitrine

import (
	"unsafe"

	"github.com/vitrine-run/vitrine/abi"
)

// plugin is what Register was given: the exports below are functions of the process.
var plugin lifeCycle

// Register says which App the plugin is. Call it where a package-level variable gets its value; the
// result means nothing.
//
//	var _ = vitrine.Register(app)
func Register(app App) bool {
	plugin = (&guest{app: app, host: imports{}}).lifeCycle()
	return true
}

// Prepare has load called once, when the plugin starts and before anybody uses it: the place to read tables and
// build indexes. The host keeps what has become of the plugin's memory then, and everybody begins with a copy of it, so
// that it costs nobody's call anything. load must not call the host, which makes the plugin start anew for
// each of them, and must not keep what should differ between them, such as random numbers. If it fails, so does
// every use of the plugin. Call Prepare where a package-level variable gets its value; the result means nothing.
//
//	var _ = vitrine.Prepare(load)
func Prepare(load func() error) bool {
	loads = append(loads, load)
	return true
}

var loads []func() error // that Prepare was given

//go:wasmexport vitrine_prepare
func exportPrepare(ptr, n uint32) uint64 {
	return Compute(ptr, n, func([]byte) ([]byte, error) { return prepare(loads) })
}

//go:wasmexport vitrine_alloc
func exportAlloc(n uint32) uint32 { return boundary.room(n) }

//go:wasmexport vitrine_mount
func exportMount(ptr, n uint32) uint64 { return reach(ptr, n, plugin.mount) }

//go:wasmexport vitrine_update
func exportUpdate(ptr, n uint32) uint64 { return reach(ptr, n, plugin.update) }

//go:wasmexport vitrine_event
func exportEvent(ptr, n uint32) uint64 { return reach(ptr, n, plugin.event) }

//go:wasmexport vitrine_message
func exportMessage(ptr, n uint32) uint64 { return reach(ptr, n, plugin.message) }

//go:wasmexport vitrine_turn
func exportTurn(ptr, n uint32) uint64 { return reach(ptr, n, plugin.turn) }

//go:wasmexport vitrine_save
func exportSave(ptr, n uint32) uint64 { return reach(ptr, n, plugin.save) }

//go:wasmexport vitrine_restore
func exportRestore(ptr, n uint32) uint64 { return reach(ptr, n, plugin.restore) }

//go:wasmexport vitrine_unmount
func exportUnmount(ptr, n uint32) uint64 { return reach(ptr, n, plugin.unmount) }

func reach(ptr, n uint32, do func([]byte) ([]byte, error)) uint64 {
	if do == nil {
		do = func([]byte) ([]byte, error) { return nil, errNoApp }
	}
	return Compute(ptr, n, do)
}

// imports is the host as a module sees it.
type imports struct{}

func (imports) render(tree []byte) abi.Code {
	return abi.Code(uiRender(pointer(tree), uint32(len(tree))))
}
func (imports) paint(pixels []byte) abi.Code {
	return abi.Code(uiPaint(pointer(pixels), uint32(len(pixels))))
}
func (imports) effect(request []byte) abi.Code {
	return abi.Code(uiEffect(pointer(request), uint32(len(request))))
}
func (imports) again() abi.Code          { return abi.Code(coreAgain()) }
func (imports) pending() bool            { return corePending() > 0 }
func (imports) now() int64               { return clockNow() }
func (imports) monotonic() int64         { return clockMonotonic() }
func (imports) random(b []byte) abi.Code { return abi.Code(randomFill(pointer(b), uint32(len(b)))) }

func (imports) log(level int32, record []byte) abi.Code {
	return abi.Code(logWrite(level, pointer(record), uint32(len(record))))
}

func (imports) readProps() ([]byte, abi.Code) { return take(propsRead()) }

// take fetches the bytes that the host has parked, n of them unless n is a code.
func take(n int32) ([]byte, abi.Code) {
	if n < 0 {
		return nil, abi.Code(n)
	}
	b := make([]byte, n)
	if got := coreTake(pointer(b), uint32(n)); got != n {
		return nil, abi.CodeInternal
	}
	return b, abi.CodeOK
}

// MemoryLimit is how many bytes of memory the plugin may have in all, the runtime of Go and what the
// collector has not come to included. A Go program ends when it wants more; one that handles much
// data can refuse it instead. It needs no capability. Outside WebAssembly it is a host's default,
// 64 MiB.
func MemoryLimit() int { return int(max(0, coreMemory())) }

func pointer(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

//go:wasmimport vitrine:core take
func coreTake(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:core again
func coreAgain() int32

//go:wasmimport vitrine:core pending
func corePending() int32

//go:wasmimport vitrine:core memory
func coreMemory() int64

//go:wasmimport vitrine:props read
func propsRead() int32

//go:wasmimport vitrine:ui render
func uiRender(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:ui paint
func uiPaint(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:ui effect
func uiEffect(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:log write
func logWrite(level int32, ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:clock now
func clockNow() int64

//go:wasmimport vitrine:clock monotonic
func clockMonotonic() int64

//go:wasmimport vitrine:random fill
func randomFill(ptr unsafe.Pointer, n uint32) int32
