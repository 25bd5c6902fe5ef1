package bridge

import (
	"bytes"

	"github.com/vitrine-run/vitrine/abi"
)

// maxShownBytes bounds the texts of fields that a mount remembers.
const maxShownBytes = 256 << 10

// shown knows what a page shows in fields that the person changed, where that is not what was sent.
// A field is corrected only when the event that changed it has been answered: until then the plugin
// has not said whether it wants something else, and a page would ignore the correction.
type shown struct {
	fields map[uint32]shownField // by node id
	bytes  int
	acked  uint32 // events up to this one have been answered
}

type shownField struct {
	ev    uint32 // the event that told it
	value abi.PayloadField
	lost  bool // the text was too much to remember
	moved bool // there was a snapshot since, which may show another value
}

// holdsValue tells whether property 0 of a component is a value that the person changes.
func holdsValue(component uint16) bool {
	return abi.ComponentAt(component).Edits
}

// set remembers that a field shows a value since event ev. moved tells that the event is older than the last snapshot.
func (s *shown) set(id, ev uint32, value abi.PayloadField, moved bool) {
	s.forget([]uint32{id})
	f := shownField{ev: ev, value: value, moved: moved}
	if s.bytes+len(value.Data) > maxShownBytes {
		f.lost, f.value.Data = true, nil
	}
	f.value.Data = bytes.Clone(f.value.Data)
	s.bytes += len(f.value.Data)
	if s.fields == nil {
		s.fields = map[uint32]shownField{}
	}
	s.fields[id] = f
}

// forget drops what is known of nodes.
func (s *shown) forget(ids []uint32) {
	if len(s.fields) == 0 {
		return
	}
	for _, id := range ids {
		if f, ok := s.fields[id]; ok {
			s.bytes -= len(f.value.Data)
			delete(s.fields, id)
		}
	}
}

// diff writes the value that new node j wants in the field that old node i shows, if it is another.
// A node without a value leaves the field to the person.
func (s *shown) diff(out *abi.PatchWriter, id uint32, a *abi.Tree, i int, b *abi.Tree, j int) {
	want, wants := b.Prop(j, 0)
	if f, ok := s.fields[id]; ok {
		if f.ev > s.acked || !wants {
			return
		}
		if !f.equals(b, want) {
			out.Value(id, b, want)
		}
		s.forget([]uint32{id})
		return
	}
	if !wants {
		return
	}
	if has, ok := a.Prop(i, 0); !ok || !equalProps(a, has, b, want) {
		out.Value(id, b, want)
	}
}

func (f shownField) equals(t *abi.Tree, p abi.Prop) bool {
	switch {
	case f.lost || f.moved:
		return false
	case p.Wire == abi.WireBytes:
		return bytes.Equal(f.value.Data, t.Bytes(p))
	}
	return f.value.Bits == p.Bits
}

// settle corrects the fields whose events have been answered without a new tree.
func (s *shown) settle(out *abi.PatchWriter, t *abi.Tree, ids []uint32) {
	if len(s.fields) == 0 {
		return
	}
	for i, id := range ids {
		if holdsValue(t.Nodes[i].Component) {
			s.diff(out, id, t, i, t, i)
		}
	}
}

// renumber follows the nodes into a new epoch: ids[i] becomes i+1.
func (s *shown) renumber(ids []uint32) {
	if len(s.fields) == 0 {
		return
	}
	old := s.fields
	s.fields, s.bytes = map[uint32]shownField{}, 0
	for i, id := range ids {
		if f, ok := old[id]; ok {
			s.fields[uint32(i)+1] = f
			s.bytes += len(f.value.Data)
		}
	}
}

// overlay puts what the person has into t, so that a snapshot shows it again: where the plugin leaves
// the value to the person, and where it has not answered yet.
func (s *shown) overlay(t *abi.Tree, ids []uint32) {
	for i, id := range ids {
		f, ok := s.fields[id]
		if !ok || f.lost || !holdsValue(t.Nodes[i].Component) {
			continue
		}
		if _, controlled := t.Prop(i, 0); controlled && f.ev <= s.acked {
			continue
		}
		wire := f.value.Kind.Wire()
		t.SetValue(i, 0, wire, f.value.Bits, f.value.Data)
	}
}
