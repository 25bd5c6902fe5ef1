package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/vitrine-run/vitrine/runtime"
)

// parseNumbers reads the arguments of a raw export by its parameter types.
func parseNumbers(args []string, types []runtime.ValueType) ([]uint64, error) {
	if len(args) != len(types) {
		plural := "s"
		if len(args) == 1 {
			plural = ""
		}
		return nil, fmt.Errorf("%d argument%s given, %d wanted", len(args), plural, len(types))
	}
	out := make([]uint64, len(args))
	for i, a := range args {
		v, err := parseNumber(a, types[i])
		if err != nil {
			return nil, fmt.Errorf("argument %d: %q is not an %s", i+1, a, types[i])
		}
		out[i] = v
	}
	return out, nil
}

// parseNumber takes an integer signed or unsigned, decimal or 0x.
func parseNumber(s string, t runtime.ValueType) (uint64, error) {
	switch t {
	case runtime.I32, runtime.I64:
		bits := 32
		if t == runtime.I64 {
			bits = 64
		}
		v, err := strconv.ParseInt(s, 0, bits)
		if err == nil {
			return uint64(v) & (math.MaxUint64 >> (64 - bits)), nil
		}
		return strconv.ParseUint(s, 0, bits)
	case runtime.F32:
		v, err := strconv.ParseFloat(s, 32)
		return uint64(math.Float32bits(float32(v))), err
	case runtime.F64:
		v, err := strconv.ParseFloat(s, 64)
		return math.Float64bits(v), err
	}
	return 0, fmt.Errorf("type %s has no numbers", t)
}

// formatNumbers writes results in decimal: integers signed, floats as %g does.
func formatNumbers(values []uint64, types []runtime.ValueType) []string {
	out := make([]string, len(values))
	for i, v := range values {
		switch types[i] {
		case runtime.I32:
			out[i] = strconv.FormatInt(int64(int32(v)), 10)
		case runtime.F32:
			out[i] = fmt.Sprintf("%g", math.Float32frombits(uint32(v)))
		case runtime.F64:
			out[i] = fmt.Sprintf("%g", math.Float64frombits(v))
		default:
			out[i] = strconv.FormatInt(int64(v), 10)
		}
	}
	return out
}
