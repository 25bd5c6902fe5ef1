package vitrine

import (
	"bytes"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

// File is a file that the person picked. Data is the plugin's own.
type File struct {
	Name string // as the person's computer calls it, without a path
	Type string // media type, as far as the browser knows it
	Size int64  // in bytes
	Data []byte
}

// handlerFunc is every form that an event's handler can have.
type handlerFunc interface {
	func() | func(string) | func(float64) | func(bool) |
		func(string, string) | func(int, int) | func(int, int, float64) | func(File)
}

// dispatch calls a handler with the fields of an event.
func dispatch(do any, r *cbor.Reader) error {
	call := func() {}
	want := 0
	switch do := do.(type) {
	case func():
		call = do
	case func(string):
		want, call = 1, field(r, text, do)
	case func(float64):
		want, call = 1, field(r, (*cbor.Reader).Number, do)
	case func(bool):
		want, call = 1, field(r, (*cbor.Reader).Bool, do)
	case func(string, string):
		want, call = 2, func() {
			if a, b := text(r), text(r); r.End() == nil {
				do(a, b)
			}
		}
	case func(int, int):
		want, call = 2, func() {
			if x, y := int(r.Int()), int(r.Int()); r.End() == nil {
				do(x, y)
			}
		}
	case func(int, int, float64):
		want, call = 3, func() {
			if x, y, z := int(r.Int()), int(r.Int()), r.Number(); r.End() == nil {
				do(x, y, z)
			}
		}
	case func(File):
		want, call = 4, func() {
			if f := file(r); r.End() == nil {
				do(f)
			}
		}
	}
	if got := r.Array(); r.Err() == nil && got != want {
		return &Error{abi.CodeInvalid, "an event with the wrong number of fields"}
	}
	if r.Err() == nil {
		call()
	}
	return r.End()
}

// field is a handler of one field that read reads.
func field[T any](r *cbor.Reader, read func(*cbor.Reader) T, do func(T)) func() {
	return func() {
		if v := read(r); r.End() == nil {
			do(v)
		}
	}
}

func text(r *cbor.Reader) string { return string(r.Text()) }

func file(r *cbor.Reader) File {
	f := File{Name: text(r), Type: text(r), Size: r.Int(), Data: r.Bytes()}
	if len(f.Data) <= smallInput { // the next call's input goes into the same room
		f.Data = bytes.Clone(f.Data)
	}
	return f
}
