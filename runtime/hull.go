package runtime

import (
	"cmp"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// declared returns a module with all that judging looks at, and little more.
func declared(code []byte) ([]byte, error) {
	m, err := wasm.Decode(code)
	if err != nil {
		return nil, err
	}
	m.Elems, m.Data, m.DataCount, m.Customs = nil, nil, -1, nil
	return hollow(m), nil
}

// hullOf returns a module with functions that do nothing: all that an engine reads of one for which it
// has machine code, and a third of the bytes.
func hullOf(code []byte) ([]byte, error) {
	m, err := wasm.Decode(code)
	if err != nil {
		return nil, err
	}
	joinData(m)
	return hollow(m), nil
}

func hollow(m *wasm.Module) []byte {
	for i := range m.Code {
		m.Code[i] = wasm.Code{Bytes: []byte{0, byte(wasm.OpUnreachable), byte(wasm.OpEnd)}}
	}
	return m.Encode()
}

// joinGap is how many zeros are cheaper than another segment.
const joinGap = 256

// joinData makes one segment of those between which there is little: Go's linker leaves out every few zeros, and
// makes 32,000 of them for 3 MB, whose places are computed one by one. What lies in memory afterwards is the same: the
// segments must be apart from each other and within the memory that there is at the start, so that their order does not
// matter and none can fail, and the code must not be able to name one.
func joinData(m *wasm.Module) {
	if m.DataCount >= 0 || len(m.Memories) != 1 {
		return
	}
	type placed struct {
		at uint64
		*wasm.Data
	}
	segments := make([]placed, len(m.Data))
	for i := range m.Data {
		at, ok := constantPlace(&m.Data[i])
		if !ok {
			return
		}
		segments[i] = placed{at, &m.Data[i]}
	}
	slices.SortFunc(segments, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	var joined []wasm.Data
	least, end := uint64(m.Memories[0].Min)*PageSize, uint64(0)
	for i, s := range segments {
		if s.at < end {
			return
		}
		if i > 0 && s.at-end <= joinGap {
			last := &joined[len(joined)-1]
			last.Bytes = append(append(last.Bytes, make([]byte, s.at-end)...), s.Bytes...)
		} else {
			joined = append(joined, wasm.Data{At: s.At, Bytes: slices.Clone(s.Bytes)})
		}
		end = s.at + uint64(len(s.Bytes))
	}
	if end <= least {
		m.Data = joined
	}
}

// constantPlace is where an active segment goes if its place is a plain number.
func constantPlace(d *wasm.Data) (at uint64, ok bool) {
	if d.Mode != wasm.Active || d.Memory != 0 {
		return 0, false
	}
	r := wasm.NewReader(d.At.Bytes, 0)
	var number, end wasm.Instr
	r.Instr(&number)
	r.Instr(&end)
	return uint64(number.A), r.Err() == nil && r.Len() == 0 && number.Op == wasm.OpI32Const && end.Op == wasm.OpEnd
}
