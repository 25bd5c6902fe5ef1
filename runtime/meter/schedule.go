package meter

import (
	"strings"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// Version names the fuel schedule and the form of what Rewrite writes. It is
// part of every cache key: another version is another program.
const Version = "meter/10"

// The fuel schedule, version 1. A unit is about one simple instruction.
//
//	nop, block, loop, else, end                0
//	every other instruction                    1
//	loads, stores, float arithmetic, SIMD      2
//	integer multiplication                     2
//	br_table, table.get, table.set             3
//	call                                       6
//	call of an imported function              60
//	call_indirect                             10
//	division, remainder, square root          12
//	ref.func                                  20
//	memory.fill, .copy, .init                 16, and 1 for each 32 bytes
//	what a host function goes through          1 for each 32 bytes, in steps of 4 KiB
//	table.fill, .copy, .init                  16, and 1 for each 4 elements
//	table.grow                                50, and 1 for each element
//	memory.grow                              100, and 32 for each page
//
// What is charged at a point is the most that any way from it to the next
// charge point costs; see cost.go for where these points are. So a run is
// charged at least what it executes, and the same every time, but not exactly what it executes:
//   - A call of a function without a charge point at its entry costs what that
//     function would charge there; one through a reference, what the dearest such function of its type would.
//   - A short loop without calls is charged for two or four iterations at a
//     time, and when it ends in the middle of them nothing is given back.
//   - A jump of a function in pieces (dispatch.go) to a piece further on costs the jump and not the
//     table that it would have gone by.
//   - A loop that calls a recursive function in every iteration may be charged
//     for by the entry of that function, which then charges so for every caller.
//   - A trap in a loop without calls loses what was charged since the outermost such loop
//     began, and one in a small function that recurses, what was charged since its
//     first call or since it last called anything else. What it loses is the same every time, too.
const (
	costCall         = 6
	costCallIndirect = 10
	costHost         = 60
	costBulk         = 16
	costTableGrow    = 50
	costMemoryGrow   = 100
	bulkShift        = 5 // 32 bytes a unit
	tableShift       = 2 // 4 elements a unit
	pageShift        = 5 // 32 units a page
)

// TableEnd is how long no table is: of so many elements and more nothing is charged, since the instruction fails.
const TableEnd = 1 << 24

// BulkCost is what so many bytes cost that memory.fill, .copy or .init go through, or a host for a guest.
func BulkCost(bytes uint64) uint64 { return bytes >> bulkShift }

// costs holds the schedule by the opcode's page (plain, 0xfc, 0xfd) and low byte.
var costs = makeCosts()

func makeCosts() *[3][256]uint8 {
	var t [3][256]uint8
	for page, prefix := range []wasm.Opcode{0, 0xfc00, 0xfd00} {
		for i := range 256 {
			if info := (prefix | wasm.Opcode(i)).Info(); info.Name != "" {
				t[page][i] = scheduled(info)
			}
		}
	}
	return &t
}

func scheduled(info *wasm.OpInfo) uint8 {
	typ, op, _ := strings.Cut(info.Name, ".")
	float := strings.HasPrefix(typ, "f")
	switch {
	case info.Name == "nop" || info.Name == "block" || info.Name == "loop" || info.Name == "else" || info.Name == "end":
		return 0
	case strings.HasPrefix(op, "div") || strings.HasPrefix(op, "rem_") || op == "sqrt":
		return 12
	case strings.Contains(op, "const") || strings.HasPrefix(typ, "local") || strings.HasPrefix(typ, "global"):
		return 1
	case info.Shape == wasm.ShapeMem || info.Shape == wasm.ShapeMemLane || strings.Contains(typ, "x") || typ == "v128":
		return 2
	case op == "mul" || float || strings.HasPrefix(op, "trunc"):
		return 2
	case info.Name == "br_table" || info.Name == "table.get" || info.Name == "table.set":
		return 3
	case info.Name == "call":
		return costCall
	case info.Name == "call_indirect":
		return costCallIndirect
	case info.Name == "ref.func":
		return 20
	case info.Name == "memory.grow":
		return costMemoryGrow
	case info.Name == "table.grow":
		return costTableGrow
	case strings.HasSuffix(op, "fill") || strings.HasSuffix(op, "copy") || strings.HasSuffix(op, "init"):
		return costBulk
	}
	return 1
}

// Cost returns what the schedule charges for an instruction, without what
// depends on its operands.
func Cost(op wasm.Opcode) uint32 {
	page := 0
	if op >= 0xfc00 {
		page = int(op>>8) - 0xfb
	}
	return uint32(costs[page][op&0xff])
}
