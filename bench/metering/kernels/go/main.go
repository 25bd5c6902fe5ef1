// The guest of the kernels in Go, each an export: what a Go plugin does.
package main

import "github.com/vitrine-run/vitrine/bench/metering/gokernels"

func main() {}

//go:wasmexport gojson
func gojson(n int32) int32 { return gokernels.JSON(n) }

//go:wasmexport goregexp
func goregexp(n int32) int32 { return gokernels.Regexp(n) }

//go:wasmexport goflate
func goflate(n int32) int32 { return gokernels.Flate(n) }

//go:wasmexport gosort
func gosort(n int32) int32 { return gokernels.Sort(n) }

//go:wasmexport gosha256
func gosha256(n int32) int32 { return gokernels.SHA256(n) }

//go:wasmexport gomap
func gomap(n int32) int32 { return gokernels.Map(n) }
