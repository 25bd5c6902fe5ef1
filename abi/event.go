package abi

import (
	"encoding/binary"
	"math"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// MaxPayload is the longest payload of an event from the browser, in bytes.
const MaxPayload = 64 << 10

// EventToGuest turns the payload of an event frame, which holds the fields that its type declares one
// after the other, into what a guest's event function gets: CBOR [handler, [field...]]. When the
// type has Upload set, file follows the fields as a byte string; else it is not used. An error matches
// ErrMalformed.
func EventToGuest(b []byte, event *EventType, handler uint32, payload, file []byte) ([]byte, error) {
	start := len(b)
	fields := len(event.Fields)
	if event.Upload {
		fields++
	}
	b = cbor.AppendUint(cbor.AppendArray(b, 2), uint64(handler))
	b = cbor.AppendArray(b, fields)
	r := reader{buf: payload}
	for _, f := range event.Fields {
		b = r.appendField(b, f)
	}
	if err := r.end(); err != nil {
		return b[:start], err
	}
	if event.Upload {
		b = cbor.AppendBytes(b, file)
	}
	return b, nil
}

func (r *reader) appendField(b []byte, f Field) []byte {
	switch f.Kind {
	case KindText:
		return cbor.AppendText(b, string(r.text(f.Name, MaxPayload)))
	case KindBool:
		return cbor.AppendBool(b, r.number(f.Name, 1) == 1)
	case KindInt:
		return cbor.AppendInt(b, r.varint())
	case KindNumber:
		return cbor.AppendFloat(b, r.float())
	}
	r.fail("field %s has no form in a payload", f.Name)
	return b
}

// PayloadValue reads the one field of an event such as change, which tells the new value of the
// component's property 0: the bits, or for text the bytes, as Tree.SetValue takes them.
func PayloadValue(event *EventType, payload []byte) (bits uint64, data []byte, err error) {
	r := reader{buf: payload}
	if len(event.Fields) != 1 {
		r.fail("event %s does not carry one value", event.Name)
		return 0, nil, r.err
	}
	switch f := event.Fields[0]; f.Kind {
	case KindText:
		data = r.text(f.Name, MaxPayload)
	case KindNumber:
		bits = binary.LittleEndian.Uint64(appendFloat(nil, r.float()))
	case KindBool:
		bits = r.number(f.Name, 1)
	default:
		bits = r.uvarint()
	}
	if err := r.end(); err != nil {
		return 0, nil, err
	}
	return bits, data, nil
}

// PayloadField is the value of one field in a payload: Data for text, Bits for the other kinds.
type PayloadField struct {
	Kind Kind
	Bits uint64
	Data []byte // aliases the payload
}

// Int is the value of a field of kind int.
func (f PayloadField) Int() int64 { return unzigzag(f.Bits) }

// Float is the value of a field of kind number.
func (f PayloadField) Float() float64 { return math.Float64frombits(f.Bits) }

// ReadPayload appends the fields of a payload to dst. A payload that has not exactly the fields that
// the event declares is an error, and nothing is appended.
func ReadPayload(dst []PayloadField, event *EventType, payload []byte) ([]PayloadField, error) {
	start := len(dst)
	r := reader{buf: payload}
	for _, f := range event.Fields {
		v := PayloadField{Kind: f.Kind}
		switch f.Kind {
		case KindText:
			v.Data = r.text(f.Name, MaxPayload)
		case KindBool:
			v.Bits = r.number(f.Name, 1)
		case KindInt:
			v.Bits = r.uvarint()
		case KindNumber:
			v.Bits = math.Float64bits(r.float())
		default:
			r.fail("field %s has no form in a payload", f.Name)
		}
		dst = append(dst, v)
	}
	if err := r.end(); err != nil {
		return dst[:start], err
	}
	return dst, nil
}

// UploadFields reads the payload of an event whose type has Upload set: what the browser says of the
// file before its bytes.
func UploadFields(payload []byte) (name, mediaType string, size int64, err error) {
	r := reader{buf: payload}
	name = string(r.text("name", 512))
	mediaType = string(r.text("type", 128))
	size = r.varint()
	if r.err == nil && size < 0 {
		r.fail("size %d", size)
	}
	if err := r.end(); err != nil {
		return "", "", 0, err
	}
	return name, mediaType, size, nil
}

// PayloadWriter writes the payload of an event, field by field. It is what a browser does; tests and
// other clients use it.
type PayloadWriter struct{ buf []byte }

// Bytes is the payload so far.
func (w *PayloadWriter) Bytes() []byte { return w.buf }

// Text appends a field of kind text.
func (w *PayloadWriter) Text(s string) { w.buf = appendText(w.buf, s) }

// Int appends a field of kind int.
func (w *PayloadWriter) Int(n int64) { w.buf = binary.AppendUvarint(w.buf, zigzag(n)) }

// Number appends a field of kind number.
func (w *PayloadWriter) Number(f float64) { w.buf = appendFloat(w.buf, f) }
