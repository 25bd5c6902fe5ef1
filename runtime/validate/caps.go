package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

// Caps is the one table of what a module may be. A field that is zero means
// what Default says; there is no way to say "no limit".
//
// They bound what an engine does with the module while it compiles and
// instantiates it. wazero's compiler takes time and memory in proportion to
// products that a small file can make large: the square of a function's blocks (70 KB
// of them took 5 s), blocks times locals, loops in loops times locals (5 KB
// took 32 s), and calls times mutable globals. The products are capped for a
// function and in sum. What the worst module under each cap takes is in RATIONALE.md.
type Caps struct {
	ModuleBytes int
	Types       int
	Params      int // of one function type, or of a block
	Results     int // of one function type, or of a block
	Imports     int
	Exports     int
	NameBytes   int // of the name of an import or export
	Funcs       int
	BodyBytes   int // of one function
	Stack       int // operands that one function has at a time
	Locals      int // of one function, parameters included
	LocalsSum   int // of all functions
	Nesting     int // blocks in blocks
	Labels      int // of one br_table
	LabelSum    int // of all br_tables of one function
	LabelTotal  int // of all functions
	Blocks      int // of one function; a br_if begins one, too, and others more: see bulkBlocks
	BlockSquare int // the square of that, summed over all functions
	SquareByte  int // as much more of it for each byte of the module
	BlockLocals int // blocks times locals of one function
	BlockLocSum int // the same, of all functions
	Loops       int // of one function
	LoopSquare  int // the square of that, summed over all functions
	LoopNesting int // loops in loops
	LoopLocals  int // locals of one function times the nesting of each of its loops
	LoopLocSum  int // the same, of all functions
	Moves       int // values that the calls and branches of one function move
	Calls       int // of all functions
	CallLocals  int // calls times locals of one function
	CallLocSum  int // the same, of all functions
	CallGlobals int // calls times mutable globals of one function
	CallGlobSum int // the same, of all functions
	Globals     int
	Tables      int
	TableSize   uint32 // elements of one table; a larger maximum is lowered to it
	MemoryPages uint32 // of 64 KiB; a larger maximum is lowered to it
	Elems       int    // element segments
	ElemItems   int    // elements of all of them
	Datas       int    // data segments
	Customs     int    // custom sections
	Work        int    // milliseconds that an engine may take to compile all functions: see work.go
}

// Default returns the default caps. Real programs (QuickJS, Go programs
// of 14 MB, Haskell's run-time system) stay under a half of each, of BlockSquare
// under two thirds, of Work under four fifths.
func Default() *Caps {
	return &Caps{
		ModuleBytes: 64 << 20,
		Types:       10_000,
		Params:      256,
		Results:     64,
		Imports:     1_000,
		Exports:     10_000,
		NameBytes:   1_024,
		Funcs:       200_000,
		BodyBytes:   512 << 10,
		Stack:       1_000,
		Locals:      20_000,
		LocalsSum:   2_000_000,
		Nesting:     4_000,
		Labels:      30_000,
		LabelSum:    30_000,
		LabelTotal:  1_000_000,
		Blocks:      4_000,
		BlockSquare: 25_000_000,
		SquareByte:  8,
		BlockLocals: 1_000_000,
		BlockLocSum: 20_000_000,
		Loops:       1_000,
		LoopSquare:  5_000_000,
		LoopNesting: 64,
		LoopLocals:  1_000_000,
		LoopLocSum:  10_000_000,
		Moves:       1_000_000,
		Calls:       500_000,
		CallLocals:  10_000_000,
		CallLocSum:  100_000_000,
		CallGlobals: 1_000_000,
		CallGlobSum: 40_000_000,
		Globals:     10_000,
		Tables:      16,
		TableSize:   1_000_000,
		MemoryPages: 65_536,
		Elems:       10_000,
		ElemItems:   2_000_000,
		Datas:       100_000,
		Customs:     10_000,
		Work:        10_000,
	}
}

// orDefault fills what is zero.
func (c *Caps) orDefault() *Caps {
	d := Default()
	if c == nil {
		return d
	}
	n := *c
	for _, f := range []struct{ have, want *int }{
		{&n.ModuleBytes, &d.ModuleBytes}, {&n.Types, &d.Types}, {&n.Params, &d.Params}, {&n.Results, &d.Results},
		{&n.Imports, &d.Imports}, {&n.Exports, &d.Exports}, {&n.NameBytes, &d.NameBytes}, {&n.Funcs, &d.Funcs},
		{&n.BodyBytes, &d.BodyBytes}, {&n.Stack, &d.Stack}, {&n.Locals, &d.Locals}, {&n.LocalsSum, &d.LocalsSum}, {&n.Nesting, &d.Nesting},
		{&n.Labels, &d.Labels}, {&n.LabelSum, &d.LabelSum}, {&n.LabelTotal, &d.LabelTotal},
		{&n.Blocks, &d.Blocks}, {&n.BlockSquare, &d.BlockSquare}, {&n.SquareByte, &d.SquareByte}, {&n.Loops, &d.Loops},
		{&n.LoopSquare, &d.LoopSquare}, {&n.LoopNesting, &d.LoopNesting}, {&n.LoopLocals, &d.LoopLocals}, {&n.LoopLocSum, &d.LoopLocSum}, {&n.BlockLocals, &d.BlockLocals}, {&n.BlockLocSum, &d.BlockLocSum}, {&n.Moves, &d.Moves},
		{&n.Calls, &d.Calls}, {&n.CallLocals, &d.CallLocals}, {&n.CallLocSum, &d.CallLocSum}, {&n.CallGlobals, &d.CallGlobals}, {&n.CallGlobSum, &d.CallGlobSum}, {&n.Globals, &d.Globals},
		{&n.Tables, &d.Tables}, {&n.Elems, &d.Elems}, {&n.ElemItems, &d.ElemItems}, {&n.Datas, &d.Datas},
		{&n.Customs, &d.Customs}, {&n.Work, &d.Work},
	} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	if n.TableSize == 0 {
		n.TableSize = d.TableSize
	}
	if n.MemoryPages == 0 || n.MemoryPages > 65_536 {
		n.MemoryPages = d.MemoryPages
	}
	return &n
}

// Counts are the caps that hold before anything is read of what is counted.
func (c *Caps) Counts() *wasm.Counts {
	c = c.orDefault()
	return &wasm.Counts{Types: c.Types, Imports: c.Imports, Funcs: c.Funcs, Tables: c.Tables, Globals: c.Globals,
		Exports: c.Exports, Elems: c.Elems, ElemItems: c.ElemItems, Datas: c.Datas, Customs: c.Customs}
}
