package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

// Go's compiler numbers the pieces of a function, and goes from any to any other by way of a loop that begins with a table of
// them; so do others where a function's control has no structure:
//
//	(loop $l
//	  (block $b2 (block $b1 (block $b0 (br_table $b0 $b1 $b2 (local.get $p))) ... ) ...
//	    (local.set $p (i32.const 2)) (br $l)   ;; go on behind $b2
//	    ...)
//	  ...)
//
// Where the block is still open that is a branch to it, (br $b2), for there is nothing between the head of the loop
// and the table. It spares the charge of an iteration, the table, and wazero the moving of all locals to where the head
// has them. A jump backward goes by the head as before, so that every cycle meets its check.

// table notes a br_table that a loop begins with, by what a local says.
func (b *body) table(in *instr) {
	if in.Pos < 2 || b.bytes[in.Pos-2] != byte(wasm.OpLocalGet) || b.bytes[in.Pos-1] >= 0x80 {
		return
	}
	for i := len(b.stack) - 1; i > 0; i-- {
		c := &b.ctrls[b.stack[i]]
		blocks := int32(len(b.stack) - 1 - i)
		if c.nth != in.nth-2-blocks || b.bytes[b.code[c.at].Pos+1] != noResult[0] {
			return
		}
		if c.op == wasm.OpLoop {
			c.pieces, c.by = blocks, b.bytes[in.Pos-1]
			c.table[0] = int32(len(b.tables))
			b.eachLabel(&in.Instr, func(l uint32) { b.tables = append(b.tables, l) })
			c.table[1] = int32(len(b.tables))
			for _, id := range b.stack[i+1:] {
				b.ctrls[id].piece = true
			}
			return
		}
		if c.op != wasm.OpBlock {
			return
		}
	}
}

// shorten makes of a branch to the head of such a loop one to where its table leads from there.
func (b *body) shorten(in *instr) {
	at := len(b.stack) - 1 - int(in.A)
	id := b.stack[at]
	c := &b.ctrls[id]
	if c.pieces == 0 || b.constEnd != int(in.Pos)-2 || b.bytes[in.Pos-2] != byte(wasm.OpLocalSet) || b.bytes[in.Pos-1] != c.by {
		return
	}
	labels := b.tables[c.table[0]:c.table[1]]
	k := min(uint32(signed(b.bytes[b.constAt+1:b.constEnd])), uint32(len(labels)-1))
	piece := c.pieces - int32(labels[k]) // counted from outside; the loop's own label is 0
	if piece > 0 && at+int(piece) < len(b.stack) && b.stack[at+int(piece)] == id+piece {
		in.A, in.turned = uint32(len(b.stack)-1-at)-uint32(piece), true
	}
}

// signed is the signed LEB128 number of 32 bits that the bytes are.
func signed(bytes []byte) int32 {
	r := wasm.NewReader(bytes, 0)
	return r.S32()
}
