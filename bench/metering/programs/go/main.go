// The guest of the programs in Go, each an export.
package main

import "github.com/vitrine-run/vitrine/bench/metering/goprograms"

func main() {}

//go:wasmexport prog_json
func progJSON(n int32) int32 { return goprograms.JSON(n) }

//go:wasmexport prog_flate
func progFlate(n int32) int32 { return goprograms.Flate(n) }

//go:wasmexport prog_template
func progTemplate(n int32) int32 { return goprograms.Template(n) }

//go:wasmexport prog_format
func progFormat(n int32) int32 { return goprograms.Format(n) }

//go:wasmexport prog_log
func progLog(n int32) int32 { return goprograms.Log(n) }
