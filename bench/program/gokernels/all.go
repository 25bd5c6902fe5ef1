// Package gokernels has the kernels in Go of bench/metering, which are guests there, as a part of the host.
package gokernels

// All are the kernels by the names that they are exported by as guests.
func All() map[string]func(int32) int32 {
	return map[string]func(int32) int32{
		"gojson": gojson, "goregexp": goregexp, "goflate": goflate, "gosort": gosort, "gosha256": gosha256, "gomap": gomap,
	}
}
