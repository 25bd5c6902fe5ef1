// Package meter rewrites a module so that whoever runs it stays in charge.
//
// The rewritten module computes what the original computes, and counts what it
// spends as it goes, in a global:
//
//	fuel   an i64; goes down by the cost of the code ahead, at the entry of
//	       functions and at the head of loops
//	depth  an i64; goes down while calls that may recurse are open, by one DepthUnit
//	       each and one more for every 16 values that its function holds
//
// When one of them is below zero it calls the one function that it imports,
// vitrine:meter.refuel, which looks at both: it hands out the next slice of fuel
// by writing to the global, or ends the guest. So the guest comes out every few
// thousand instructions whatever it does, and nothing needs to interrupt it.
//
//	(loop $l  ... (br $l))
//
// becomes in essence
//
//	(loop $l
//	  (global.set $fuel (i64.sub (global.get $fuel) (i64.const 12)))
//	  (if (i64.lt_s (global.get $fuel) (i64.const 0)) (then (call $refuel)))
//	  ... (br $l))
//
// Written like that it would cost too much, so leaf.go shows what becomes of
// loops, entry.go of functions, and thread.go of small ones that recurse.
//
// A numeric global and the memory can be put back to a snapshot from outside. What else a guest can
// change it owns up to, in a global of its own: see ExportAltered.
//
// Fuel is part of the module and not of an engine: the same module with the same
// input uses the same fuel everywhere. What costs what is the schedule.
package meter

import (
	"fmt"
	"strings"
	"sync"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// The reserved names of a rewritten module. No module may bring them along.
const (
	ImportModule  = "vitrine:meter"         // the module of the one import
	ImportRefuel  = "refuel"                // () -> (): called when fuel or depth is below zero
	ExportFuel    = "vitrine:meter.fuel"    // mutable i64: what is left of the slice
	ExportDepth   = "vitrine:meter.depth"   // mutable i64: what is left of the stack
	ExportRefused = "vitrine:meter.refused" // mutable i64, in some: 1 if a table did not grow over a limit of the host's
	ExportAltered = "vitrine:meter.altered" // mutable i64, in some: 1 once the guest has changed what no snapshot holds
	ExportGlobal  = "vitrine:meter.global." // and its index: a mutable global of the original
	reserved      = "vitrine:meter"
)

// DepthUnit is one of depth. Functions take whole ones, and put back what there was when they began: what the host
// keeps in the bits below it says, whenever the guest comes out, which of the stack's slices it is in.
const DepthUnit = 1 << depthShift

const depthShift = 4

// Options say how to rewrite; nil is the default.
type Options struct {
	// Plain leaves all loops in the simple form. It is there to measure what
	// the other one is good for.
	Plain bool
	// Profile keeps the fuel where it can be read whenever a function is entered or left: none is passed
	// along in registers. What is charged is the same.
	Profile bool
}

// Global is a mutable global of the module that the rewritten one exports, so
// that a snapshot can put it back.
type Global struct {
	Name string // of the export
	Type wasm.ValueType
}

// Result is a rewritten module.
type Result struct {
	Wasm    []byte
	Globals []Global
	Prepaid []uint32 // with Options.Profile, by function that the module defines: what its callers are charged for a call of it
}

// Rewrite returns the module with metering. It must have come from
// validate.Module, whose notes on each body (wasm.Facts) it needs, and is used
// up by it. The error is a *wasm.Error: a module that uses a reserved name.
func Rewrite(m *wasm.Module, opts *Options) (*Result, error) {
	if err := refuseReserved(m); err != nil {
		return nil, err
	}
	w := newRewriter(m, opts)
	w.scan()
	w.graph()
	w.price()
	w.elide()
	w.threads()
	code := make([]wasm.Code, len(m.Code))
	for i := range m.Code {
		if t := w.threaded[i]; t.group != 0 {
			w.helpers.fill(t.index, w.function(i))
			code[i] = wasm.Code{Bytes: w.entrance(i)}
			continue
		}
		code[i] = wasm.Code{Bytes: w.function(i)}
	}
	m.Code = append(code, w.helpers.code...)
	w.shift()
	r := &Result{Wasm: m.Encode(), Globals: w.exported, Prepaid: w.prepaid()}
	m.Code = nil // what it is in is used again
	w.close()
	return r, nil
}

func refuseReserved(m *wasm.Module) error {
	for i := range m.Imports {
		if im := &m.Imports[i]; strings.HasPrefix(im.Module, reserved) {
			return &wasm.Error{Offset: im.Offset, Msg: fmt.Sprintf("the import %s.%s has a reserved name", wasm.Quote(im.Module), wasm.Quote(im.Name))}
		}
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; strings.HasPrefix(e.Name, reserved) {
			return &wasm.Error{Offset: e.Offset, Msg: fmt.Sprintf("the export %s has a reserved name", wasm.Quote(e.Name))}
		}
	}
	return nil
}

// rewriter holds what all functions of a module share.
type rewriter struct {
	m        *wasm.Module
	plain    bool
	profile  bool
	imported int               // functions that are imported; refuel becomes the next one
	types    []uint32          // the type of each function, as in the original
	fuel     uint32            // index of the global
	depth    uint32            // index of the global
	refused  uint32            // likewise, 0 if there is none
	altered  uint32            // likewise
	refs     map[uint32]uint32 // likewise, by function: see reference

	funcs    []funcInfo // of the functions that the module defines
	calls    []uint32   // the direct calls of all functions, see funcInfo
	taken    []bool     // by function, the imported ones first: called from outside, or through a reference
	outside  []bool     // likewise: called from outside
	reached  []reach    // by type that is the first of its equals: see priceReferences
	helpers  helpers
	typeIdx  map[string]uint32
	canon    []uint32 // by type: the first one that is equal
	scratch  *body
	threaded []thread // by function

	exported []Global
}

// funcInfo is what is known of a function that the module defines.
type funcInfo struct {
	calls    [2]uint32 // from, to: its direct calls in rewriter.calls
	foreign  uint32    // how many calls of imported functions, and of what an engine calls
	indirect [2]uint32 // from, to: the types of its indirect calls, also there
	checked  bool      // charges at its entry; others are charged by their callers
	counted  bool      // counts call depth
	cost     uint32    // what is charged at its entry
	far      uint32    // the most that runs in it up to a check
	extra    uint32    // of it: for a loop that calls the function, see elide.go
	frame    uint32    // what it takes of the stack, in units of depth
}

func newRewriter(m *wasm.Module, opts *Options) *rewriter {
	w := &rewriter{m: m, types: m.FuncTypes(), typeIdx: map[string]uint32{}, refs: map[uint32]uint32{}}
	w.scratch = scratches.Get().(*body)
	w.plain, w.profile = opts != nil && opts.Plain, opts != nil && opts.Profile
	w.taken, w.outside = make([]bool, len(w.types)), make([]bool, len(w.types))
	w.imported = len(w.types) - len(m.Funcs)
	w.funcs = make([]funcInfo, len(m.Funcs))
	for i := range m.Code {
		w.scratch.text.left += 2 * len(m.Code[i].Bytes)
	}
	w.canon = make([]uint32, len(m.Types))
	for i := range m.Types {
		w.canon[i] = w.addType(uint32(i))
	}
	w.exportGlobals(m.GlobalTypes())
	w.helpers.init(w)
	return w
}

// scratches keeps what a rewriter works in for the next one, unless a huge function has made it huge.
var scratches = sync.Pool{New: func() any { return new(body) }}

const maxScratch = 1 << 16 // instructions

// close gives it back without what it knows of the module.
func (w *rewriter) close() {
	b := w.scratch
	if w.scratch = nil; cap(b.code) > maxScratch {
		return
	}
	b.text.reuse()
	b.w, b.bytes, b.decls, b.r = nil, nil, nil, wasm.Reader{}
	b.emit = emitter{spare: region{exits: b.emit.spare.exits[:0], pads: b.emit.spare.pads}, saved: b.emit.saved}
	scratches.Put(b)
}

// exportGlobals adds the two globals, and exports them and all mutable ones.
func (w *rewriter) exportGlobals(globals []wasm.GlobalType) {
	imported := w.m.Imported(wasm.KindGlobal)
	for i, g := range globals {
		if g.Mutable && i >= imported {
			name := fmt.Sprintf("%s%d", ExportGlobal, i)
			w.exported = append(w.exported, Global{name, g.Type})
			w.m.Exports = append(w.m.Exports, wasm.Export{Name: name, Kind: wasm.KindGlobal, Index: uint32(i)})
		}
	}
	w.fuel, w.depth = w.addCounter(ExportFuel), w.addCounter(ExportDepth)
}

// addCounter adds a mutable i64 behind all globals, exports it, and returns its index.
func (w *rewriter) addCounter(name string) uint32 {
	index := w.nextGlobal()
	w.m.Globals = append(w.m.Globals, wasm.Global{
		Type: wasm.GlobalType{Type: wasm.I64, Mutable: true},
		Init: wasm.Expr{Bytes: []byte{byte(wasm.OpI64Const), 0, byte(wasm.OpEnd)}},
	})
	w.m.Exports = append(w.m.Exports, wasm.Export{Name: name, Kind: wasm.KindGlobal, Index: index})
	return index
}

// refusedGlobal is the index of ExportRefused, which is added the first time.
func (w *rewriter) refusedGlobal() uint32 {
	if w.refused == 0 {
		w.refused = w.addCounter(ExportRefused)
	}
	return w.refused
}

// reference is the index of a global that holds the reference to a function. A ref.func becomes
// a global.get: wazero makes a reference anew each time, out of the host's memory, and keeps it
// for as long as the instance lives, so that a loop of them would take all there is.
func (w *rewriter) reference(fn uint32) uint32 {
	at, ok := w.refs[fn]
	if !ok {
		at = w.nextGlobal()
		w.refs[fn] = at
		w.m.Globals = append(w.m.Globals, wasm.Global{
			Type: wasm.GlobalType{Type: wasm.FuncRef},
			Init: wasm.Expr{Bytes: append(wasm.AppendU32([]byte{byte(wasm.OpRefFunc)}, fn), byte(wasm.OpEnd))},
		})
	}
	return at
}

// nextGlobal is the index that a global gets which is added now.
func (w *rewriter) nextGlobal() uint32 {
	return uint32(w.m.Imported(wasm.KindGlobal) + len(w.m.Globals))
}

// addType notes a type of the original, and returns the first that is equal.
func (w *rewriter) addType(i uint32) uint32 {
	key := w.m.Types[i].Key()
	first, ok := w.typeIdx[key]
	if !ok {
		first = i
		w.typeIdx[key] = i
	}
	return first
}

// typeOf returns the index of a function type, which is added if it is new.
func (w *rewriter) typeOf(t wasm.FuncType) uint32 {
	key := t.Key()
	i, ok := w.typeIdx[key]
	if !ok {
		i = uint32(len(w.m.Types))
		w.m.Types = append(w.m.Types, t)
		w.typeIdx[key] = i
	}
	return i
}

// index returns the index that a function has in the rewritten module.
func (w *rewriter) index(f uint32) uint32 {
	if int(f) < w.imported {
		return f
	}
	return f + 1
}

// refuel is the index of the imported function.
func (w *rewriter) refuel() uint32 { return uint32(w.imported) }
