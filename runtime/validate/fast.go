package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

// plainOp is what fast knows of an instruction of one byte.
type plainOp struct {
	kind uint8
	n    uint8 // operands
	pops [3]wasm.ValueType
	push wasm.ValueType
	log2 uint8 // of memory accesses: the natural alignment's exponent
	exit uint8 // see exitsOf
	size uint8 // of an offset or a constant: how many bytes it has at most here
}

// The kinds of instructions that fast takes; 0 for those that it leaves.
const (
	plainSig   = iota + 1 // of one byte
	plainMem              // with an alignment and an offset
	plainConst            // with a LEB128 number
	plainFloat            // with a float
	plainGet
	plainSet
	plainTee
	plainDrop
	plainSelect
)

var plainOps = makePlainOps()

func makePlainOps() *[256]plainOp {
	var t [256]plainOp
	for i := range t {
		op := wasm.Opcode(i)
		info := op.Info()
		p := &t[i]
		if s := sigOf(op); s != nil {
			p.n, p.pops, p.push = s.n, s.pops, s.push
			p.kind = map[wasm.Shape]uint8{wasm.ShapeNone: plainSig, wasm.ShapeMem: plainMem,
				wasm.ShapeI32: plainConst, wasm.ShapeI64: plainConst, wasm.ShapeF32: plainFloat, wasm.ShapeF64: plainFloat}[info.Shape]
			p.size = map[wasm.Shape]uint8{wasm.ShapeI32: 4, wasm.ShapeI64: 9, wasm.ShapeF32: 4, wasm.ShapeF64: 8, wasm.ShapeMem: 4}[info.Shape]
		}
		p.log2, p.exit = info.Align, uint8(exitsOf(op))
	}
	t[wasm.OpLocalGet].kind = plainGet
	t[wasm.OpLocalSet].kind = plainSet
	t[wasm.OpLocalTee].kind = plainTee
	t[wasm.OpDrop].kind = plainDrop
	t[wasm.OpSelect].kind = plainSelect
	return &t
}

// fast checks the instructions that most code is made of for as long as there is nothing to
// say about them: what is rare, long or wrong is left to instr, which says what is wrong.
// Nothing here may accept what instr would not; a test holds the one against the other.
func (b *body) fast() {
	code, pos := b.code, b.r.Pos()
	stack, height := b.stack, b.height
	locals, memory := b.locals, len(b.mems) > 0
	most, exits := b.most, 0
	for pos+2 < len(code) {
		p := &plainOps[code[pos]]
		next := pos + 1
		switch p.kind {
		case plainSig:
		case plainMem, plainConst, plainFloat:
			if next = p.immediates(code, next, memory); next == 0 {
				goto out
			}
		case plainGet:
			l := int(code[next])
			if l >= 0x80 || l >= len(locals) {
				goto out
			}
			stack = append(stack, locals[l])
			most = max(most, len(stack))
			pos = next + 1
			continue
		case plainSet, plainTee, plainDrop, plainSelect:
			n, length := b.plainPop(p.kind, code[next], stack, height)
			if length == 0 {
				goto out
			}
			stack = stack[:n]
			pos += length
			continue
		default:
			goto out
		}
		n := len(stack) - int(p.n)
		if n < height || !p.takes(stack[n:]) {
			goto out
		}
		if stack = stack[:n]; p.push != 0 {
			stack = append(stack, p.push)
			most = max(most, len(stack))
		}
		exits += int(p.exit)
		pos = next
	}
out:
	b.stack, b.most = stack, most
	b.exits += exits
	b.r.Seek(pos)
}

// takes tells whether operands are those that an instruction takes.
func (p *plainOp) takes(operands []wasm.ValueType) bool {
	switch len(operands) {
	case 0:
		return true
	case 1:
		return operands[0] == p.pops[0]
	case 2:
		return operands[1] == p.pops[0] && operands[0] == p.pops[1]
	}
	return operands[2] == p.pops[0] && operands[1] == p.pops[1] && operands[0] == p.pops[2]
}

// immediates returns where the immediates of an access to memory or of a constant end that begin at
// pos, and 0 if they are not usual.
func (p *plainOp) immediates(code []byte, pos int, memory bool) int {
	if p.kind == plainFloat {
		if pos += int(p.size); pos > len(code) {
			return 0
		}
		return pos
	}
	if p.kind == plainMem {
		if !memory || code[pos] > p.log2 {
			return 0
		}
		pos++
	}
	return shortNumber(code, pos, int(p.size))
}

// plainPop takes a value off the stack, and for a tee puts it back; a select of integers takes two. It returns how many are left, and
// how many bytes the instruction has, 0 if there is something to say about it.
func (b *body) plainPop(kind, local byte, stack []wasm.ValueType, height int) (left, length int) {
	left, length = len(stack)-1, 1
	if kind == plainSelect {
		n := left - 2
		if n < height || stack[left] != wasm.I32 || stack[n] != stack[n+1] || stack[n] != wasm.I32 && stack[n] != wasm.I64 {
			return 0, 0
		}
		return n + 1, 1
	}
	if kind != plainDrop {
		length = 2
		if int(local) >= 0x80 || int(local) >= len(b.locals) || left < height || stack[left] != b.locals[local] {
			return 0, 0
		}
	}
	if left < height {
		return 0, 0
	}
	if kind == plainTee {
		left++
	}
	return left, length
}

// shortNumber returns where a LEB128 number of at most so many bytes ends that begins at pos, and 0
// if it is longer or not all there.
func shortNumber(code []byte, pos, most int) int {
	for range most {
		if pos >= len(code) {
			return 0
		}
		if pos++; code[pos-1] < 0x80 {
			return pos
		}
	}
	return 0
}
