// Package bridgetest is a page for tests: the other side of the protocol (abi/PROTOCOL.md) in Go,
// strict where a browser's shell must be. What it accepts, and what it then shows, is what the
// vectors in abi/testdata/protocol hold a shell to.
//
//	page := bridgetest.NewPage(1)
//	err := page.Apply(frame)          // a SNAP, PATCH, PIXELS, RESUMED, UPLOAD or FAULT
//	b, _ := json.Marshal(page.Root)   // {"id":1,"component":"button","props":{"text":"Go"},"events":["click"]}
//	frame = page.Event(1, 0, nil)     // the person clicks
package bridgetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// Page is what one mount looks like in a page. It is not safe for concurrent use. After an error of
// Apply it shows what it showed before, and accepts nothing but a SNAP of another epoch.
type Page struct {
	Mount   uint32
	Epoch   uint32
	Seq     uint32 // last frame that was applied
	AckEv   uint32
	Ev      uint32 // last event that was made
	Root    *Node
	Fault   *abi.Fault     // nil unless the mount has ended
	Notice  string         // what the plugin could not do, "" if nothing
	Pending []abi.Event    // made and not acknowledged
	Uploads []abi.Upload   // tokens that came
	Effects []abi.Effect   // that came, in order
	Calls   []abi.PageCall // of the page's functions that came, each once
	Refused []abi.Refused  // of the page's props
	Taken   []abi.Taken
	Canvas  map[uint32]*Pix // pixels by node
	Frames  int             // SNAP, PATCH and PIXELS that were applied

	Was map[uint32]uint32 // by node of the last SNAP: the node of the epoch before that it goes on as

	reader  abi.PatchReader
	nextID  uint32
	nodes   map[uint32]*Node
	touched map[uint32]uint32 // last event by node that told a value
	broken  bool
	waits   bool   // for a SNAP, after a NAK
	refused uint32 // the epoch of the last SNAP, if that was refused
	resend  uint32
}

// Pix is what a canvas shows: RGBA, row by row.
type Pix struct {
	Width, Height int
	RGBA          []byte
}

// NewPage makes a page that shows nothing yet.
func NewPage(mount uint32) *Page { return &Page{Mount: mount} }

// ErrSeq is matched by the error for a frame that does not follow the one before.
var ErrSeq = errors.New("bridgetest: a frame is missing or doubled")

// Apply applies a frame, all of it or nothing.
func (p *Page) Apply(frame []byte) error {
	if n, ok := abi.MountOf(frame); !ok || n != p.Mount {
		return fmt.Errorf("bridgetest: a frame for mount %d", n)
	}
	err := p.apply(frame)
	if err != nil {
		p.broken = true
	}
	return err
}

// aside is what the server wants of the page itself, or tells it.
func (p *Page) aside(frame []byte) (err error) {
	var c abi.PageCall
	var r abi.Refused
	var t abi.Taken
	switch abi.TypeOf(frame) {
	case abi.FramePageCall:
		if err = c.Parse(frame); err == nil && (len(p.Calls) == 0 || c.Call > p.Calls[len(p.Calls)-1].Call) {
			p.Calls = append(p.Calls, c)
		}
	case abi.FrameRefused:
		if err = r.Parse(frame); err == nil {
			p.Refused = append(p.Refused, r)
		}
	default:
		if err = t.Parse(frame); err == nil {
			p.Taken = append(p.Taken, t)
		}
	}
	return err
}

func (p *Page) apply(frame []byte) error {
	t := abi.TypeOf(frame)
	if p.waits && t != abi.FrameSnap && t != abi.FrameFault {
		return nil
	}
	switch t {
	case abi.FrameSnap:
		return p.snap(frame)
	case abi.FramePatch:
		return p.patch(frame)
	case abi.FramePixels:
		return p.pixels(frame)
	case abi.FrameResumed:
		return p.resumed(frame)
	case abi.FrameUpload:
		var u abi.Upload
		err := u.Parse(frame)
		if err == nil && !slices.ContainsFunc(p.Uploads, func(o abi.Upload) bool { return o.Ev == u.Ev }) {
			p.Uploads = append(p.Uploads, u)
		}
		return err
	case abi.FramePageCall, abi.FrameRefused, abi.FrameTaken:
		return p.aside(frame)
	case abi.FrameEffect:
		var e abi.Effect
		if err := e.Parse(frame); err != nil {
			return err
		}
		if e.Ev == 0 || e.Ev > p.Ev || e.Node != 0 && p.nodes[e.Node] == nil {
			return fmt.Errorf("bridgetest: an effect of event %d on node %d", e.Ev, e.Node)
		}
		p.Effects = append(p.Effects, e)
		return nil
	case abi.FrameFault:
		var f abi.Fault
		err := f.Parse(frame)
		switch {
		case err != nil:
		case f.Code == abi.FaultNotice:
			p.Notice = f.Text
		default:
			p.Fault, p.Notice = &f, ""
		}
		return err
	default:
		return fmt.Errorf("bridgetest: a frame of type %#02x", byte(t))
	}
}

// follow checks that a frame is the next one and counts it.
func (p *Page) follow(seq, ackEv uint32) error {
	switch {
	case p.broken:
		return errors.New("bridgetest: broken by an earlier frame")
	case seq != p.Seq+1:
		return fmt.Errorf("%w: seq %d after %d", ErrSeq, seq, p.Seq)
	case ackEv > p.Ev || ackEv < p.AckEv:
		return fmt.Errorf("bridgetest: ackEv %d after %d, %d events were made", ackEv, p.AckEv, p.Ev)
	}
	return nil
}

func (p *Page) applied(seq, ackEv uint32) {
	p.Seq, p.AckEv = seq, ackEv
	p.Frames++
	for len(p.Pending) > 0 && p.Pending[0].Ev <= ackEv {
		p.Pending = p.Pending[1:]
	}
}

func (p *Page) snap(frame []byte) error {
	var f abi.Snap
	if err := f.Parse(frame); err != nil {
		return err
	}
	if f.Epoch == p.Epoch {
		return fmt.Errorf("bridgetest: epoch %d twice", f.Epoch)
	}
	broken := p.broken
	p.broken, p.refused = false, f.Epoch
	if p.waits {
		p.Seq = f.Seq - 1
	}
	if err := p.follow(f.Seq, f.AckEv); err != nil {
		p.broken = broken
		return err
	}
	b := builder{page: p, nodes: map[uint32]*Node{}, next: 1}
	if err := p.reader.Snap(f.Body, &b); err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	p.Root, p.nodes, p.nextID, p.Was = b.root, b.nodes, b.next, b.was
	p.Epoch, p.touched, p.Canvas, p.waits, p.refused = f.Epoch, nil, nil, false, 0
	p.applied(f.Seq, f.AckEv)
	return nil
}

func (p *Page) patch(frame []byte) error {
	var f abi.Patch
	if err := f.Parse(frame); err != nil {
		return err
	}
	if err := p.follow(f.Seq, f.AckEv); err != nil {
		return err
	}
	if p.Root == nil {
		return errors.New("bridgetest: a PATCH before the first SNAP")
	}
	b := builder{page: p, nodes: map[uint32]*Node{}, next: p.nextID, ackEv: f.AckEv}
	b.root = b.copy(p.Root, nil)
	if err := p.reader.Patch(f.Body, &b); err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	p.Root, p.nodes, p.nextID = b.root, b.nodes, b.next
	for id := range p.Canvas {
		if p.nodes[id] == nil {
			delete(p.Canvas, id)
		}
	}
	p.applied(f.Seq, f.AckEv)
	return nil
}

func (p *Page) pixels(frame []byte) error {
	var f abi.Pixels
	if err := f.Parse(frame); err != nil {
		return err
	}
	if err := p.follow(f.Seq, f.AckEv); err != nil {
		return err
	}
	if n := p.nodes[f.Node]; n == nil || n.component != abi.ComponentCanvas {
		return fmt.Errorf("bridgetest: pixels for node %d, which is no canvas", f.Node)
	}
	q := &f.Paint
	c := p.Canvas[f.Node]
	if c == nil || c.Width != q.SurfaceWidth || c.Height != q.SurfaceHeight {
		c = &Pix{q.SurfaceWidth, q.SurfaceHeight, make([]byte, 4*q.SurfaceWidth*q.SurfaceHeight)}
		if p.Canvas == nil {
			p.Canvas = map[uint32]*Pix{}
		}
		p.Canvas[f.Node] = c
	}
	size := q.Format.BytesPerPixel()
	for i := range q.Width * q.Height {
		at := 4 * ((q.Y+i/q.Width)*c.Width + q.X + i%q.Width)
		c.RGBA[at+3] = 255
		copy(c.RGBA[at:], q.Pixels[i*size:(i+1)*size])
	}
	p.applied(f.Seq, f.AckEv)
	return nil
}

func (p *Page) resumed(frame []byte) error {
	var f abi.Resumed
	if err := f.Parse(frame); err != nil {
		return err
	}
	if f.Epoch == p.Epoch && f.Seq != p.Seq {
		return fmt.Errorf("%w: resumed at seq %d, not %d", ErrSeq, f.Seq, p.Seq)
	}
	p.Seq, p.Notice = f.Seq, ""
	p.Pending = slices.DeleteFunc(p.Pending, func(e abi.Event) bool { return e.Ev <= f.Ev })
	return nil
}

// Event is the person doing something: the frame to send. It is kept in Pending until it is
// acknowledged, to be sent again after a RESUMED.
func (p *Page) Event(node uint32, event uint8, payload []byte) []byte {
	p.Ev++
	e := abi.Event{Mount: p.Mount, Ev: p.Ev, Node: node, Event: event, Seen: p.Seq, Payload: payload}
	p.Pending = append(p.Pending, e)
	p.showValue(node, event, payload)
	return e.Append(nil)
}

// Ack is the frame that acknowledges what was applied.
func (p *Page) Ack() []byte { return (&abi.Ack{Mount: p.Mount, Seq: p.Seq}).Append(nil) }

// Nak is the frame that asks for a snapshot after a frame that Apply refused. Until that comes the page drops
// what it is told.
func (p *Page) Nak() []byte {
	p.waits, p.broken = true, false
	return (&abi.Nak{Mount: p.Mount, Epoch: max(p.Epoch, p.refused), Seq: p.Seq}).Append(nil)
}

// Resume is where to go on after the connection was lost.
func (p *Page) Resume() abi.ResumePoint {
	if p.broken {
		return abi.ResumePoint{Mount: p.Mount}
	}
	return abi.ResumePoint{Mount: p.Mount, Epoch: p.Epoch, Seq: p.Seq}
}

// Again are the frames of the events to send again after a RESUMED.
func (p *Page) Again() [][]byte {
	var out [][]byte
	for i := range p.Pending {
		out = append(out, p.Pending[i].Append(nil))
	}
	return out
}

// Size is about how many bytes the tree takes in memory.
func (p *Page) Size() int {
	const node, value = 600, 100
	size := node * len(p.nodes)
	for _, n := range p.nodes {
		for _, raw := range n.raw {
			if raw != nil {
				size += value + 2*len(raw) // once more among Props
			}
		}
	}
	return size
}

// Node returns the node with the given id, nil if there is none.
func (p *Page) Node(id uint32) *Node { return p.nodes[id] }

// Find returns the nodes of a component in document order.
func (p *Page) Find(component string) []*Node {
	var out []*Node
	var walk func(n *Node)
	walk = func(n *Node) {
		if n == nil {
			return
		}
		if n.Component == component {
			out = append(out, n)
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(p.Root)
	return out
}
