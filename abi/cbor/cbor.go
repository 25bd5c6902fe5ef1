// Package cbor reads and writes the values that cross the guest boundary: CBOR (RFC 8949) in its
// core deterministic encoding (section 4.2.1), and nothing else.
//
// There is exactly one encoding of a value: shortest integers and floats, definite lengths, map
// keys that are text and ascend in their encoded form. What is not that encoding is refused, so
// that two parties that see the same bytes see the same value and signed bytes are parsed bytes.
//
//	b := cbor.AppendMap(nil, 1)
//	b = cbor.AppendText(b, "zoom")
//	b = cbor.AppendFloat(b, 1.5)       // a1 64 7a6f6f6d f9 3e00
//
//	v, err := cbor.Unmarshal(b)        // map[string]any{"zoom": 1.5}
//
// The package depends on the standard library alone, uses no reflection and builds for wasip1, so
// that a guest that links it stays small. Hosts that want structs may use any CBOR library whose
// deterministic mode they trust; the tests hold this one against such a library.
package cbor

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Major types of RFC 8949 section 3.1, shifted into the upper three bits of the initial byte.
const (
	majorUint   = 0 << 5
	majorNegInt = 1 << 5
	majorBytes  = 2 << 5
	majorText   = 3 << 5
	majorArray  = 4 << 5
	majorMap    = 5 << 5
	majorSimple = 7 << 5
)

// Initial bytes of the simple values and floats that are accepted.
const (
	byteFalse   = majorSimple | 20
	byteTrue    = majorSimple | 21
	byteNull    = majorSimple | 22
	byteFloat16 = majorSimple | 25
	byteFloat32 = majorSimple | 26
	byteFloat64 = majorSimple | 27
)

// MaxDepth is how deep arrays and maps may nest, counted in containers.
const MaxDepth = 64

// ErrSyntax is matched by every error that says the bytes are not what this package accepts.
var ErrSyntax = errors.New("cbor: not a deterministic encoding")

func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return append(b, major|25, byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return append(b, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, major|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32),
		byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// AppendUint appends an unsigned integer.
func AppendUint(b []byte, n uint64) []byte { return appendHead(b, majorUint, n) }

// AppendInt appends a signed integer.
func AppendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, majorNegInt, uint64(^n))
	}
	return appendHead(b, majorUint, uint64(n))
}

// AppendBytes appends a byte string.
func AppendBytes(b, v []byte) []byte { return append(appendHead(b, majorBytes, uint64(len(v))), v...) }

// AppendBytesHead appends what stands before the n bytes of a byte string, for who has them in place already.
func AppendBytesHead(b []byte, n int) []byte { return appendHead(b, majorBytes, uint64(n)) }

// AppendText appends a text string, which must be valid UTF-8.
func AppendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// AppendArray appends the head of an array; its n items must follow.
func AppendArray(b []byte, n int) []byte { return appendHead(b, majorArray, uint64(n)) }

// AppendMap appends the head of a map; its n pairs must follow, keys ascending (shorter first).
func AppendMap(b []byte, n int) []byte { return appendHead(b, majorMap, uint64(n)) }

// AppendBool appends true or false.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, byteTrue)
	}
	return append(b, byteFalse)
}

// AppendNull appends null.
func AppendNull(b []byte) []byte { return append(b, byteNull) }

// AppendFloat appends a float in the shortest of the three widths that keeps its value; every NaN
// becomes the one quiet NaN (RFC 8949 section 4.2.2).
func AppendFloat(b []byte, f float64) []byte {
	if f != f {
		return append(b, byteFloat16, 0x7e, 0x00)
	}
	f32 := float32(f)
	if float64(f32) != f {
		u := math.Float64bits(f)
		return append(b, byteFloat64, byte(u>>56), byte(u>>48), byte(u>>40), byte(u>>32),
			byte(u>>24), byte(u>>16), byte(u>>8), byte(u))
	}
	if h, ok := toFloat16(f32); ok {
		return append(b, byteFloat16, byte(h>>8), byte(h))
	}
	u := math.Float32bits(f32)
	return append(b, byteFloat32, byte(u>>24), byte(u>>16), byte(u>>8), byte(u))
}

// Append appends a Go value: nil, bool, any integer or float type, string, []byte, []any or
// map[string]any of these. Another type is an error, and b comes back as it was.
func Append(b []byte, v any) ([]byte, error) {
	out, err := appendValue(b, v, 0)
	if err != nil {
		return b, err
	}
	return out, nil
}

// Marshal is Append to nothing.
func Marshal(v any) ([]byte, error) { return Append(nil, v) }

func appendValue(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return AppendNull(b), nil
	case bool:
		return AppendBool(b, v), nil
	case int:
		return AppendInt(b, int64(v)), nil
	case int32:
		return AppendInt(b, int64(v)), nil
	case int64:
		return AppendInt(b, v), nil
	case uint32:
		return AppendUint(b, uint64(v)), nil
	case uint64:
		return AppendUint(b, v), nil
	case float32:
		return AppendFloat(b, float64(v)), nil
	case float64:
		return AppendFloat(b, v), nil
	case string:
		return appendCheckedText(b, v)
	case []byte:
		return AppendBytes(b, v), nil
	case []any:
		return appendArray(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	}
	return b, fmt.Errorf("cbor: a %T has no encoding here", v)
}

func appendCheckedText(b []byte, s string) ([]byte, error) {
	if !validText([]byte(s)) {
		return b, errors.New("cbor: text is not valid UTF-8")
	}
	return AppendText(b, s), nil
}

func appendArray(b []byte, v []any, depth int) ([]byte, error) {
	if depth == MaxDepth {
		return b, errTooDeep
	}
	b = AppendArray(b, len(v))
	var err error
	for _, item := range v {
		if b, err = appendValue(b, item, depth+1); err != nil {
			return b, err
		}
	}
	return b, nil
}

func appendMap(b []byte, v map[string]any, depth int) ([]byte, error) {
	if depth == MaxDepth {
		return b, errTooDeep
	}
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	b = AppendMap(b, len(v))
	var err error
	for _, k := range keys {
		if b, err = appendCheckedText(b, k); err != nil {
			return b, err
		}
		if b, err = appendValue(b, v[k], depth+1); err != nil {
			return b, err
		}
	}
	return b, nil
}

// compareKeys orders text keys as their encodings order bytewise: by length, then by content.
func compareKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
