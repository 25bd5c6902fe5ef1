package vitrine

import "github.com/vitrine-run/vitrine/abi/cbor"

// Props is what the host passes in: named values. It is read where it lies, so that a prop of many
// megabytes is not copied. The zero value has no props.
type Props struct {
	raw []byte // a CBOR map, or nothing
}

// find returns a reader that stands before the value of name, nil if there is none.
func (p Props) find(name string) *cbor.Reader {
	if len(p.raw) == 0 {
		return nil
	}
	r := cbor.NewReader(p.raw)
	for range r.Map() {
		if string(r.Text()) == name && r.Err() == nil {
			return r
		}
		r.Skip()
	}
	return nil
}

// Has reports whether there is a prop with this name.
func (p Props) Has(name string) bool { return p.find(name) != nil }

// String is a prop that is text, or fallback if there is none.
func (p Props) String(name, fallback string) string {
	if r := p.find(name); r != nil && r.Kind() == cbor.KindText {
		return string(r.Text())
	}
	return fallback
}

// Bytes is a prop that is bytes or text, nil if there is none. It must not be changed.
func (p Props) Bytes(name string) []byte {
	r := p.find(name)
	switch {
	case r == nil:
		return nil
	case r.Kind() == cbor.KindText:
		return r.Text()
	case r.Kind() == cbor.KindBytes:
		return r.Bytes()
	}
	return nil
}

// Number is a prop that is a number, or fallback if there is none.
func (p Props) Number(name string, fallback float64) float64 {
	if r := p.find(name); r != nil {
		if f := r.Number(); r.Err() == nil {
			return f
		}
	}
	return fallback
}

// Int is a prop that is a whole number, or fallback if there is none.
func (p Props) Int(name string, fallback int) int {
	if r := p.find(name); r != nil {
		if n := r.Int(); r.Err() == nil {
			return int(n)
		}
	}
	return fallback
}

// Bool is a prop that is true or false, or fallback if there is none.
func (p Props) Bool(name string, fallback bool) bool {
	if r := p.find(name); r != nil && r.Kind() == cbor.KindBool {
		return r.Bool()
	}
	return fallback
}

// Value is a prop of any kind as package cbor gives it, lists as []any and maps as map[string]any;
// nil if there is none.
func (p Props) Value(name string) any {
	r := p.find(name)
	if r == nil {
		return nil
	}
	start := r.Offset()
	r.Skip()
	v, err := cbor.Unmarshal(p.raw[start:r.Offset()])
	if err != nil {
		return nil
	}
	return v
}
