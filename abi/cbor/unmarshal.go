package cbor

import "math"

// preallocate bounds what a declared count alone makes Unmarshal allocate: nested counts that each
// fit the input would otherwise multiply.
const preallocate = 64

// Unmarshal decodes exactly one item. Integers come as int64 (as uint64 above its range), floats as
// float64, text as string, byte strings as []byte of their own, arrays as []any, maps as
// map[string]any. An error means that nothing is returned.
func Unmarshal(b []byte) (any, error) {
	r := NewReader(b)
	v := r.value(0)
	if err := r.End(); err != nil {
		return nil, err
	}
	return v, nil
}

// Valid reports whether b is exactly one item, without building it: nil or the first error.
func Valid(b []byte) error {
	r := NewReader(b)
	r.Skip()
	return r.End()
}

// Skip reads over the next item.
func (r *Reader) Skip() { r.skip(0) }

func (r *Reader) skip(depth int) {
	switch r.Kind() {
	case KindArray:
		for range r.enter(r.Array(), depth) {
			r.skip(depth + 1)
			if r.err != nil {
				return
			}
		}
	case KindMap:
		var last []byte
		for i := range r.enter(r.Map(), depth) {
			last = r.key(last, i == 0)
			r.skip(depth + 1)
			if r.err != nil {
				return
			}
		}
	default:
		r.skipScalar()
	}
}

// skipScalar is scalar without a value, and so without an allocation.
func (r *Reader) skipScalar() {
	switch r.Kind() {
	case KindUint:
		r.Uint()
	case KindNegInt:
		r.Int()
	case KindBytes:
		r.Bytes()
	case KindText:
		r.Text()
	case KindFloat:
		r.Float()
	default:
		r.scalar()
	}
}

func (r *Reader) value(depth int) any {
	switch r.Kind() {
	case KindBytes:
		return append([]byte{}, r.Bytes()...)
	case KindText:
		return string(r.Text())
	case KindArray:
		n := r.enter(r.Array(), depth)
		out := make([]any, 0, min(n, preallocate))
		for range n {
			out = append(out, r.value(depth+1))
			if r.err != nil {
				return nil
			}
		}
		return out
	case KindMap:
		return r.mapping(depth)
	}
	return r.scalar()
}

func (r *Reader) mapping(depth int) any {
	n := r.enter(r.Map(), depth)
	out := make(map[string]any, min(n, preallocate))
	var last []byte
	for i := range n {
		last = r.key(last, i == 0)
		out[string(last)] = r.value(depth + 1)
		if r.err != nil {
			return nil
		}
	}
	return out
}

// enter checks the depth of a container of n items and returns how many to read.
func (r *Reader) enter(n, depth int) int {
	if depth == MaxDepth && r.err == nil {
		r.err = errTooDeep
	}
	if r.err != nil {
		return 0
	}
	return n
}

// key reads a map key and checks that it comes after the last one.
func (r *Reader) key(last []byte, first bool) []byte {
	key := r.Text()
	if r.err == nil && !first && compareKeys(string(key), string(last)) <= 0 {
		r.fail("the key %.40q is doubled or out of order", key)
	}
	return key
}

func (r *Reader) scalar() any {
	switch r.Kind() {
	case KindUint:
		if n := r.Uint(); n <= math.MaxInt64 {
			return int64(n)
		} else {
			return n
		}
	case KindNegInt: // below the range of int64 there is no Go value: refused
		return r.Int()
	case KindBytes:
		return r.Bytes()
	case KindText:
		return r.Text()
	case KindBool:
		return r.Bool()
	case KindNull:
		r.Null()
		return nil
	case KindFloat:
		return r.Float()
	}
	r.fail("no value of this format")
	return nil
}
