package cbor

import "math"

// toFloat16 returns the IEEE 754 binary16 form of f, and whether it holds f exactly.
func toFloat16(f float32) (uint16, bool) {
	u := math.Float32bits(f)
	sign := uint16(u>>16) & 0x8000
	exp := int(u>>23&0xff) - 127
	frac := u & 0x7fffff
	switch {
	case exp == 128: // infinity; NaN was handled before
		return sign | 0x7c00, true
	case u&0x7fffffff == 0:
		return sign, true
	case exp > 15 || exp < -24:
		return 0, false
	case exp >= -14:
		if frac&0x1fff != 0 {
			return 0, false
		}
		return sign | uint16(exp+15)<<10 | uint16(frac>>13), true
	}
	// Subnormal in binary16: the implicit bit moves into the fraction.
	shift := uint(-exp - 1) // 14..23
	full := frac | 0x800000
	if full&(1<<shift-1) != 0 {
		return 0, false
	}
	return sign | uint16(full>>shift), true
}

// fromFloat16 widens an IEEE 754 binary16.
func fromFloat16(h uint16) float64 {
	exp, frac := int(h>>10&0x1f), float64(h&0x3ff)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 0x1f:
		if frac != 0 {
			return math.NaN()
		}
		f = math.Inf(1)
	default:
		f = math.Ldexp(1024+frac, exp-25)
	}
	if h&0x8000 != 0 {
		return math.Copysign(f, -1)
	}
	return f
}
