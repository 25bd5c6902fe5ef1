package abi

import "encoding/binary"

// Subprotocol is the websocket subprotocol that this package describes.
const Subprotocol = "vitrine.v1"

// ProtocolVersion is what both sides say in their HELLO.
const ProtocolVersion = 1

// FrameType is the first byte of a frame. A websocket message is one frame (PROTOCOL.md).
type FrameType byte

// The frames from the server.
const (
	FrameHello   FrameType = 0x01
	FrameSnap    FrameType = 0x03
	FramePatch   FrameType = 0x04
	FrameEffect  FrameType = 0x05
	FrameFault   FrameType = 0x06
	FrameResumed FrameType = 0x07
	FramePing    FrameType = 0x08
	FrameBye     FrameType = 0x09
	FramePixels  FrameType = 0x0a
	FrameUpload  FrameType = 0x0b

	FramePageCall FrameType = 0x0c
	FrameRefused  FrameType = 0x0d
	FrameTaken    FrameType = 0x0e
)

// The frames from the browser.
const (
	FrameClientHello FrameType = 0x41
	FrameMount       FrameType = 0x42
	FrameEvent       FrameType = 0x43
	FrameAck         FrameType = 0x44
	FrameResume      FrameType = 0x45
	FrameVisible     FrameType = 0x46
	FrameUnmount     FrameType = 0x47
	FrameNak         FrameType = 0x48
	FramePong        FrameType = 0x49
	FrameCancel      FrameType = 0x4a
	FrameProps       FrameType = 0x4b
	FramePageAnswer  FrameType = 0x4c
)

// Bounds of frames.
const (
	MaxFrame     = 256 << 10 // bytes of any frame, both ways
	MaxTicket    = 128       // bytes of a ticket or an upload token
	MaxFaultText = 2 << 10   // bytes of a FAULT's text
	MaxMounts    = 256       // mounts of one page
	SessionBytes = 16        // bytes of a session's secret
)

// TypeOf is the type of a frame, 0 for an empty one.
func TypeOf(frame []byte) FrameType {
	if len(frame) == 0 {
		return 0
	}
	return FrameType(frame[0])
}

// MountOf is the number of the mount that a frame of a mount is about. ok is false for a frame of the
// connection and for one that is cut off.
func MountOf(frame []byte) (mount uint32, ok bool) {
	switch TypeOf(frame) {
	case FrameSnap, FramePatch, FrameFault, FrameResumed, FramePixels, FrameUpload, FrameEffect, FramePageCall, FrameRefused, FrameTaken,
		FrameMount, FrameEvent, FrameAck, FrameVisible, FrameUnmount, FrameNak, FrameCancel, FrameProps, FramePageAnswer:
		r := reader{buf: frame, pos: 1}
		mount = r.uint32("mount")
		return mount, r.err == nil && mount > 0
	}
	return 0, false
}

// frameReader begins to parse a frame of the wanted type.
func frameReader(frame []byte, want FrameType) reader {
	r := reader{buf: frame}
	if len(frame) > MaxFrame {
		r.exceed("a frame of %d bytes, %d are allowed", len(frame), MaxFrame)
	}
	if t := FrameType(r.byte()); r.err == nil && t != want {
		r.fail("frame type %#02x, want %#04x", t, want)
	}
	return r
}

func (r *reader) mount() uint32 { return r.ordinal("mount") }

// ordinal reads a number that counts from 1.
func (r *reader) ordinal(what string) uint32 {
	n := r.uint32(what)
	if r.err == nil && n == 0 {
		r.fail("%s 0", what)
	}
	return n
}

func appendFrame(b []byte, t FrameType, numbers ...uint64) []byte {
	return appendNumbers(append(b, byte(t)), numbers...)
}

func appendNumbers(b []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// ParseSimple parses a frame that is nothing but its type: PING and PONG.
func ParseSimple(frame []byte, want FrameType) error {
	r := frameReader(frame, want)
	return r.end()
}

// AppendSimple appends a frame that is nothing but its type.
func AppendSimple(b []byte, t FrameType) []byte { return append(b, byte(t)) }
