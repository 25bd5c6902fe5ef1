// Package seam lets package vitrinetest stand in for a host without making the SDK's own boundary
// public.
package seam

import "github.com/vitrine-run/vitrine/abi"

// Host is what a plugin's imports reach, in the same process. Bytes are valid during the call only.
type Host interface {
	Render(tree []byte) abi.Code
	Paint(pixels []byte) abi.Code
	Again()
	Pending() bool
	Props() ([]byte, abi.Code)
	Log(level int32, record []byte) abi.Code
	Now() int64
	Monotonic() int64
	Random(b []byte) abi.Code
}

// Instance is a plugin's exports, in the same process; each takes what the host would hand in.
type Instance struct {
	Mount, Update, Event, Turn, Unmount func(in []byte) error
}
