// Package seam lets package vitrinetest stand in for a host without making the SDK's own boundary
// public.
package seam

import "github.com/vitrine-run/vitrine/abi"

// Host is what a plugin's imports reach, in the same process. Bytes are valid during the call only.
type Host interface {
	Render(tree []byte) abi.Code
	Paint(pixels []byte) abi.Code
	Effect(request []byte) abi.Code
	Again()
	Pending() bool
	Props() ([]byte, abi.Code)
	Settings() ([]byte, abi.Code)
	Log(level int32, record []byte) abi.Code
	Now() int64
	Monotonic() int64
	Random(b []byte) abi.Code

	// Call is every other function, by its import as in "http.start": bytes in, and a status, a ticket or, with
	// the bytes that it answers, any number that is not a code.
	Call(function string, b []byte) ([]byte, int32)
	Cancel(ticket uint32)
}

// Instance is a plugin's exports, in the same process; each takes what the host would hand in.
type Instance struct {
	Mount, Update, Event, Message, Turn, Unmount func(in []byte) error
}

// instance is written once, by a package-level variable of package vitrine, before anything runs.
var instance func(app any, h Host) *Instance

// Offer is how package vitrine says what New does. The result means nothing.
func Offer(new func(app any, h Host) *Instance) bool {
	instance = new
	return true
}

// New runs a vitrine.App against a host in the same process.
func New(app any, h Host) *Instance { return instance(app, h) }
