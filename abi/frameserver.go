package abi

import (
	"math"
	"strings"
	"time"
)

// Hello is the server's first frame: what it speaks and what holds on this connection.
//
//	01 · version · session 16 bytes · catalog hash 8 bytes · heartbeat ms · window · max frame
type Hello struct {
	Version   uint32
	Session   [SessionBytes]byte // secret of this page; RESUME shows it after a drop
	Catalog   [8]byte
	Heartbeat time.Duration // a PING comes at least that often
	Window    uint32        // frames of a mount that may be unacknowledged
	MaxFrame  uint32
}

// milliseconds is d as frames write it: rounded up, so that a little is not nothing, within 32 bits.
func milliseconds(d time.Duration) uint64 {
	ms := max(d, 0) / time.Millisecond
	if d > ms*time.Millisecond {
		ms++
	}
	return uint64(min(ms, math.MaxUint32))
}

// Append appends the frame.
func (h *Hello) Append(b []byte) []byte {
	b = appendFrame(b, FrameHello, uint64(h.Version))
	b = append(b, h.Session[:]...)
	b = append(b, h.Catalog[:]...)
	return appendNumbers(b, milliseconds(h.Heartbeat), uint64(h.Window), uint64(h.MaxFrame))
}

// Parse is the reverse of Append.
func (h *Hello) Parse(frame []byte) error {
	r := frameReader(frame, FrameHello)
	var q Hello
	q.Version = r.uint32("version")
	copy(q.Session[:], r.fixed(SessionBytes))
	copy(q.Catalog[:], r.fixed(8))
	q.Heartbeat = time.Duration(r.uint32("heartbeat")) * time.Millisecond
	q.Window = r.uint32("window")
	q.MaxFrame = r.uint32("max frame")
	return store(h, q, &r)
}

// store completes a parse: what was read, or nothing.
func store[T any](dst *T, v T, r *reader) error {
	if err := r.end(); err != nil {
		var none T
		*dst = none
		return err
	}
	*dst = v
	return nil
}

// Snap is the head of a frame that shows a whole tree; the nodes follow (NodeWriter), and then what they
// continue (AppendWas). It begins a new epoch: node ids count from 1 again and no string is interned.
//
//	03 · mount · epoch · seq · ackEv · node · [shown · (was · count)...]
type Snap struct {
	Mount, Epoch, Seq, AckEv uint32
	Body                     []byte // from the root node on; aliases the frame when parsed
}

// AppendWas appends to a SNAP which nodes of the epoch that the page shows its nodes continue: was[i] is the id
// there of the node that the SNAP numbers i+1, 0 for one that is new. A page keeps the elements of the others.
func AppendWas(b []byte, shown uint32, was []uint32) []byte {
	b = appendNumbers(b, uint64(shown))
	for i := 0; i < len(was); {
		n := 1
		for i+n < len(was) && (was[i] == 0 && was[i+n] == 0 || was[i] > 0 && was[i+n] == was[i]+uint32(n)) {
			n++
		}
		b = appendNumbers(b, uint64(was[i]), uint64(n))
		i += n
	}
	return b
}

// AppendHead appends the frame up to its body.
func (s *Snap) AppendHead(b []byte) []byte {
	return appendFrame(b, FrameSnap, uint64(s.Mount), uint64(s.Epoch), uint64(s.Seq), uint64(s.AckEv))
}

// Parse parses the head and leaves the body as it is.
func (s *Snap) Parse(frame []byte) error {
	r := frameReader(frame, FrameSnap)
	q := Snap{Mount: r.mount(), Epoch: r.uint32("epoch"), Seq: r.uint32("seq"), AckEv: r.uint32("ackEv")}
	q.Body = r.rest()
	return store(s, q, &r)
}

// Patch is the head of a frame that changes a tree; ops follow (PatchWriter). One without ops
// acknowledges events.
//
//	04 · mount · seq · ackEv · op...
type Patch struct {
	Mount, Seq, AckEv uint32
	Body              []byte // the ops; aliases the frame when parsed
}

// AppendHead appends the frame up to its body.
func (p *Patch) AppendHead(b []byte) []byte {
	return appendFrame(b, FramePatch, uint64(p.Mount), uint64(p.Seq), uint64(p.AckEv))
}

// Parse parses the head and leaves the body as it is.
func (p *Patch) Parse(frame []byte) error {
	r := frameReader(frame, FramePatch)
	q := Patch{Mount: r.mount(), Seq: r.uint32("seq"), AckEv: r.uint32("ackEv")}
	q.Body = r.rest()
	return store(p, q, &r)
}

// Pixels puts pixels on a canvas. It takes a seq of its own.
//
//	0a · mount · seq · ackEv · node · width · height (of the surface) · x · y · width · height · format byte · pixels
type Pixels struct {
	Mount, Seq, AckEv, Node uint32
	Paint                   Paint // Surface is not on the wire
}

// Append appends the frame.
func (p *Pixels) Append(b []byte) []byte {
	q := &p.Paint
	b = appendFrame(b, FramePixels, uint64(p.Mount), uint64(p.Seq), uint64(p.AckEv), uint64(p.Node),
		uint64(q.SurfaceWidth), uint64(q.SurfaceHeight), uint64(q.X), uint64(q.Y), uint64(q.Width), uint64(q.Height))
	return append(append(b, byte(q.Format)), q.Pixels...)
}

// Parse is the reverse of Append; the pixels alias the frame.
func (p *Pixels) Parse(frame []byte) error {
	r := frameReader(frame, FramePixels)
	q := Pixels{Mount: r.mount(), Seq: r.uint32("seq"), AckEv: r.uint32("ackEv"), Node: r.uint32("node")}
	r.paint(&q.Paint)
	return store(p, q, &r)
}

// FaultCode says in a FAULT what went wrong and so what the page can do.
type FaultCode uint32

// The fault codes.
const (
	FaultPlugin      FaultCode = 1 // the plugin failed: show its error box, offer a retry
	FaultGone        FaultCode = 2 // the server does not know this session or mount: mount anew
	FaultTicket      FaultCode = 3 // the ticket is not valid (any more)
	FaultLimit       FaultCode = 4 // too many events, mounts or bytes
	FaultProtocol    FaultCode = 5 // a frame that is not one
	FaultUnavailable FaultCode = 6 // the host cannot run it now: retry later
	FaultNotice      FaultCode = 7 // the mount lives on: tell the person what could not be done; no text: it is over
)

// Fault ends a mount, or the connection when Mount is 0. Only FaultNotice ends nothing.
//
//	06 · mount · code · retry ms (0: not by itself) · length · text
type Fault struct {
	Mount uint32
	Code  FaultCode
	Retry time.Duration
	Text  string // for the person, at most MaxFaultText bytes
}

// Append appends the frame. The text is often a guest's: one that is too long is cut, one that is not
// UTF-8 mended, so that the frame is one that a page accepts.
func (f *Fault) Append(b []byte) []byte {
	b = appendFrame(b, FrameFault, uint64(f.Mount), uint64(f.Code), milliseconds(f.Retry))
	return appendText(b, faultText(f.Text))
}

func faultText(s string) string {
	text := strings.ToValidUTF8(s, "\uFFFD")
	if len(text) > MaxFaultText {
		text = strings.ToValidUTF8(text[:MaxFaultText], "")
	}
	return text
}

// Parse is the reverse of Append.
func (f *Fault) Parse(frame []byte) error {
	r := frameReader(frame, FrameFault)
	q := Fault{Mount: r.uint32("mount"), Code: FaultCode(r.uint32("code"))}
	q.Retry = time.Duration(r.uint32("retry")) * time.Millisecond
	q.Text = string(r.text("text", MaxFaultText))
	return store(f, q, &r)
}

// Resumed answers a RESUME for one mount that is still there: frames after Seq follow (or a SNAP of
// a new epoch), and events after Ev are to be sent again.
//
//	07 · mount · epoch · seq · ev
type Resumed struct{ Mount, Epoch, Seq, Ev uint32 }

// Append appends the frame.
func (m *Resumed) Append(b []byte) []byte {
	return appendFrame(b, FrameResumed, uint64(m.Mount), uint64(m.Epoch), uint64(m.Seq), uint64(m.Ev))
}

// Parse is the reverse of Append.
func (m *Resumed) Parse(frame []byte) error {
	r := frameReader(frame, FrameResumed)
	return store(m, Resumed{r.mount(), r.uint32("epoch"), r.uint32("seq"), r.uint32("ev")}, &r)
}

// Bye says that the server is going, and when to come back.
//
//	09 · retry ms
type Bye struct{ Retry time.Duration }

// Append appends the frame.
func (m *Bye) Append(b []byte) []byte {
	return appendFrame(b, FrameBye, milliseconds(m.Retry))
}

// Parse is the reverse of Append.
func (m *Bye) Parse(frame []byte) error {
	r := frameReader(frame, FrameBye)
	return store(m, Bye{time.Duration(r.uint32("retry")) * time.Millisecond}, &r)
}

// Upload answers an event that announced a file: the browser now sends its bytes over HTTP with the
// token, which works once.
//
//	0b · mount · ev · length · token
type Upload struct {
	Mount, Ev uint32
	Token     string // at most MaxTicket bytes
}

// Append appends the frame.
func (m *Upload) Append(b []byte) []byte {
	return appendText(appendFrame(b, FrameUpload, uint64(m.Mount), uint64(m.Ev)), m.Token)
}

// Parse is the reverse of Append.
func (m *Upload) Parse(frame []byte) error {
	r := frameReader(frame, FrameUpload)
	return store(m, Upload{r.mount(), r.uint32("ev"), string(r.text("token", MaxTicket))}, &r)
}
