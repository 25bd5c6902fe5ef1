package abi

import "encoding/binary"

// The ops of a tree as a guest writes it (ABI.md, "The tree").
const (
	opClose = 0x00 // end of the innermost open node
	opOpen  = 0x01 // component: a child of the innermost open node, or the root
	opKey   = 0x02 // length, bytes: identity among its siblings
	opProp  = 0x03 // tag, value
	opOn    = 0x04 // event, handler
	opKeep  = 0x05 // node, count: children that are as they were
)

// propTag joins a property's number and its wire form, as trees and frames write it.
func propTag(number uint8, w Wire) uint64 { return uint64(number)<<2 | uint64(w) }

// TreeWriter writes a tree as a guest hands it to the host. For each node: Open, then Key, then
// properties with ascending numbers, then events with ascending numbers, then children, then Close.
// The zero value is ready; Reset makes it ready again and keeps its buffer, so that writing a tree
// allocates nothing once the buffer has grown. It does not check: the host does.
type TreeWriter struct{ buf []byte }

// Bytes is the tree so far. It is valid until the next call of another method.
func (w *TreeWriter) Bytes() []byte { return w.buf }

// Reset begins a new tree.
func (w *TreeWriter) Reset() { w.buf = w.buf[:0] }

// Open begins a node.
func (w *TreeWriter) Open(component uint16) {
	w.buf = binary.AppendUvarint(append(w.buf, opOpen), uint64(component))
}

// Close ends the innermost open node.
func (w *TreeWriter) Close() { w.buf = append(w.buf, opClose) }

// Key gives the open node an identity that it keeps when its siblings move; 1 to 64 bytes.
func (w *TreeWriter) Key(key string) { w.buf = appendText(append(w.buf, opKey), key) }

// Text sets a property of kind text or asset.
func (w *TreeWriter) Text(number uint8, s string) {
	w.tag(number, WireBytes)
	w.buf = appendText(w.buf, s)
}

// Drawing sets a property of kind drawing.
func (w *TreeWriter) Drawing(number uint8, d []byte) {
	w.tag(number, WireBytes)
	w.buf = appendText(w.buf, d)
}

// Int sets a property of kind int.
func (w *TreeWriter) Int(number uint8, n int64) {
	w.tag(number, WireVarint)
	w.buf = binary.AppendUvarint(w.buf, zigzag(n))
}

// Enum sets a property of kind enum to the value with the given index.
func (w *TreeWriter) Enum(number, value uint8) {
	w.tag(number, WireVarint)
	w.buf = binary.AppendUvarint(w.buf, uint64(value))
}

// Bool sets a property of kind bool.
func (w *TreeWriter) Bool(number uint8, v bool) {
	w.tag(number, WireVarint)
	if v {
		w.buf = append(w.buf, 1)
	} else {
		w.buf = append(w.buf, 0)
	}
}

// Number sets a property of kind number; it must be finite.
func (w *TreeWriter) Number(number uint8, f float64) {
	w.tag(number, WireFloat)
	w.buf = appendFloat(w.buf, f)
}

// On binds an event to a handler, a number of the guest's own that never leaves the server.
func (w *TreeWriter) On(event uint8, handler uint32) {
	w.buf = append(w.buf, opOn)
	w.buf = binary.AppendUvarint(w.buf, uint64(event))
	w.buf = binary.AppendUvarint(w.buf, uint64(handler))
}

func (w *TreeWriter) tag(number uint8, wire Wire) {
	w.buf = binary.AppendUvarint(append(w.buf, opProp), propTag(number, wire))
}
