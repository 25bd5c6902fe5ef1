package vitrine

import (
	"unsafe"

	"github.com/vitrine-run/vitrine/abi"
)

func (imports) cancel(ticket uint32) abi.Code    { return abi.Code(coreCancel(ticket)) }
func (imports) readSettings() ([]byte, abi.Code) { return take(propsSettings()) }
func (imports) startProp(b []byte) int32         { return propsStart(pointer(b), uint32(len(b))) }
func (imports) callProp(b []byte) ([]byte, abi.Code) {
	return take(propsCall(pointer(b), uint32(len(b))))
}
func (imports) startHTTP(b []byte) int32           { return httpStart(pointer(b), uint32(len(b))) }
func (imports) startAPI(b []byte) int32            { return apiStart(pointer(b), uint32(len(b))) }
func (imports) startData(b []byte) int32           { return dataStart(pointer(b), uint32(len(b))) }
func (imports) startJob(b []byte) int32            { return jobsStart(pointer(b), uint32(len(b))) }
func (imports) subscribe(b []byte) int32           { return sseSubscribe(pointer(b), uint32(len(b))) }
func (imports) may(b []byte) int32                 { return authzEvaluate(pointer(b), uint32(len(b))) }
func (imports) beginSpan(b []byte) int32           { return telemetryBegin(pointer(b), uint32(len(b))) }
func (imports) kvPut(b []byte) abi.Code            { return abi.Code(kvPut(pointer(b), uint32(len(b)))) }
func (imports) count(b []byte) abi.Code            { return abi.Code(telemetryCount(pointer(b), uint32(len(b)))) }
func (imports) kvGet(b []byte) ([]byte, abi.Code)  { return take(kvGet(pointer(b), uint32(len(b)))) }
func (imports) kvKeys(b []byte) ([]byte, abi.Code) { return take(kvKeys(pointer(b), uint32(len(b)))) }
func (imports) asset(b []byte) ([]byte, abi.Code) {
	return take(assetsRead(pointer(b), uint32(len(b))))
}
func (imports) user() ([]byte, abi.Code) { return take(userRead()) }

func (imports) endSpan(number uint32, failed bool) abi.Code {
	n := uint32(0)
	if failed {
		n = 1
	}
	return abi.Code(telemetryEnd(number, n))
}

// What compute functions call by name: they are linked where they are used.

func progress(b []byte) abi.Code { return abi.Code(jobsProgress(pointer(b), uint32(len(b)))) }

func waitHTTP(b []byte) ([]byte, abi.Code) { return take(httpRequest(pointer(b), uint32(len(b)))) }
func waitAPI(b []byte) ([]byte, abi.Code)  { return take(apiRequest(pointer(b), uint32(len(b)))) }

//go:wasmimport vitrine:core cancel
func coreCancel(ticket uint32) int32

//go:wasmimport vitrine:props settings
func propsSettings() int32

//go:wasmimport vitrine:props call
func propsCall(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:props start
func propsStart(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:http start
func httpStart(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:api start
func apiStart(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:data start
func dataStart(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:jobs start
func jobsStart(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:sse subscribe
func sseSubscribe(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:authz evaluate
func authzEvaluate(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:telemetry begin
func telemetryBegin(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:kv put
func kvPut(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:telemetry count
func telemetryCount(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:kv get
func kvGet(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:kv keys
func kvKeys(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:assets read
func assetsRead(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:jobs progress
func jobsProgress(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:http request
func httpRequest(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:api request
func apiRequest(ptr unsafe.Pointer, n uint32) int32

//go:wasmimport vitrine:user read
func userRead() int32

//go:wasmimport vitrine:telemetry end
func telemetryEnd(number, failed uint32) int32
