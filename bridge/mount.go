package bridge

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// window is how many frames of a mount may be unacknowledged.
const window = 4

// maxWaiting is how many events of a mount may be unanswered.
const maxWaiting = 128

// Plugin is what a mount drives. Its methods are called one after the other and must not block.
type Plugin interface {
	// Event hands an event over. The plugin calls take once, from the goroutine that also calls the
	// mount's Tree, when it takes the event up: only then is the event judged on the newest tree
	// and bound to the handler that it has there. in is what the guest's event function gets (ABI.md);
	// ok is false if there is nothing to do any more. Idle follows when the guest has returned.
	Event(take func() (in []byte, ok bool))

	// Visible says whether somebody can see the mount; it is hidden while its page is cut off.
	Visible(visible bool)

	// Close ends the plugin; it is called once.
	Close()
}

// MountOptions are what a mount may be told. A zero field means its default.
type MountOptions struct {
	Logger          *slog.Logger // refused events; nil discards
	Uploads         Uploads      // nil: files are refused
	Downloads       Downloads    // nil: no files are offered
	MaxPixels       int          // of all surfaces, default 4 Mi
	EventsPerSecond float64      // more end the mount, default 200, and twice that at once

	CallTimeout time.Duration // how long the page has to answer a Call, default 10 s

	// Hold bounds what mounts hold together: it is asked for so many bytes more of trees and pixels, in steps of 64 KiB and above the
	// 64 KiB that each mount may have, and told how many are given back by a number below zero. A mount that asks in vain ends
	// with FaultUnavailable. It must neither wait nor call the mount, may be called for several mounts at once, and nil bounds each mount
	// by itself alone. What the plugin's side keeps, such as a tree that is decoded over the one before, is not in it.
	Hold func(bytes int64) bool

	// Components are those of the host's own that the plugin may render, nil for none; Supply changes them. A host node that is none
	// of them, or not as it was registered, is shown as its fallback; a call that was not registered is refused.
	Components *abi.HostComponents
}

// Mount is the state machine of one plugin in one page: what the page has been shown, what is
// newest, what it has acknowledged and which of its events are answered. It knows no socket: frames
// of its page go in by Receive and come out by Next. It is safe for concurrent use. The plugin's side
// calls Tree, Paint, Effect, Idle, Notice and Fault; the page's side is a Session.
type Mount struct {
	plugin  Plugin
	options MountOptions
	now     func() time.Time

	mu       sync.Mutex
	first    chan struct{} // closed when there is something to show, or never will be
	wake     func()        // nil while no page is attached
	number   uint32
	visible  bool
	ended    bool // a fault was sent, or closed
	closed   bool
	fault    *abi.Fault
	resumed  *abi.Resumed
	replay   int // frames at the end of ring to send again
	snap     bool
	dirty    bool // newest is to be sent
	settle   bool // fields are to be corrected
	matched  bool // differ knows how newest continues sent
	newest   abi.Tree
	sent     abi.Tree
	part     abi.Tree // the beginning of newest, while that is shown part by part
	partly   bool     // whether it is
	coming   []uint32 // then: what the nodes of newest were called in the epoch before, 0 for new ones; else nil
	ids      []uint32 // of sent's nodes
	nextID   uint32
	epoch    uint32
	shows    uint32 // epoch that the page shows, or will when it has had what was sent; 0 if nothing of it can be continued
	seq      uint32 // last sent
	acked    uint32 // last applied by the page
	writer   abi.PatchWriter
	differ   differ
	ring     ring
	renames  renames
	surfaces surfaces
	holding  holding
	uploads  uploads

	received     uint32   // last event that came
	waiting      []uint32 // events that are not answered, ascending
	begun        uint32   // last event that the plugin took up
	acknowledged uint32   // all events up to here are answered
	ackSent      uint32   // what the page knows of that
	shown        shown
	events       bucket
	fields       []abi.PayloadField
	refusals     refusals
	told         map[string]struct{} // why host nodes were degraded, as the log has it
	notice       notice
	effects      effects
	naks         bucket
	page         pageSide
}

// NewMount makes the mount of a plugin. options may be nil.
func NewMount(plugin Plugin, options *MountOptions) *Mount {
	m := &Mount{plugin: plugin, now: time.Now, first: make(chan struct{})}
	if options != nil {
		m.options = *options
	}
	if m.options.Logger == nil {
		m.options.Logger = slog.New(slog.DiscardHandler)
	}
	if m.options.MaxPixels <= 0 {
		m.options.MaxPixels = 4 << 20
	}
	if m.options.EventsPerSecond <= 0 {
		m.options.EventsPerSecond = 200
	}
	if m.options.CallTimeout <= 0 {
		m.options.CallTimeout = 10 * time.Second
	}
	m.page = newPageSide(m.now())
	m.surfaces.most = m.options.MaxPixels
	m.holding.ask = m.options.Hold
	m.events = newBucket(m.options.EventsPerSecond, m.now())
	m.refusals.log = newBucket(0.5, m.now())
	m.naks = bucket{rate: maxNaks / 60.0, burst: maxNaks, level: maxNaks, at: m.now()}
	return m
}

// Tree shows t, of which the mount takes a copy. It answers the events that the plugin has taken up.
func (m *Mount) Tree(t *abi.Tree) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() || len(t.Nodes) == 0 {
		return
	}
	before := m.newest
	if m.coming != nil {
		m.newest = abi.Tree{}
	}
	m.newest.CopyFrom(t)
	m.options.Components.Degrade(&m.newest, m.degraded)
	if m.coming != nil {
		m.follow(&before)
	}
	m.dirty, m.matched = true, false
	if m.weigh(m.surfaces.bytes) != nil {
		return
	}
	m.begin()
	m.answer()
	m.wakeUp()
}

// Paint puts pixels on a surface; the mount takes a copy. It is an error if the surfaces had more
// pixels than MountOptions.MaxPixels then, and nothing is painted; or if there is no room for them among all mounts, which
// ends the mount (ErrNoRoom).
func (m *Mount) Paint(p *abi.Paint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return nil
	}
	bytes, err := m.surfaces.with(p)
	if err == nil {
		err = m.weigh(bytes)
	}
	if err == nil {
		m.surfaces.paint(p)
		m.wakeUp()
	}
	return err
}

// Idle says that the guest has returned from a call: the events that were taken up are answered, also
// if they led to no new tree.
func (m *Mount) Idle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return
	}
	m.answer()
	if m.settle || m.acknowledged > m.ackSent || len(m.effects.ready) > 0 {
		m.wakeUp()
	}
}

// Fault ends the mount; the page shows the fault instead. Its Mount is filled in and its text cut to
// what a frame carries. Only the first fault counts.
func (m *Mount) Fault(f abi.Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail(f)
}

// Refused is how many events were refused because the page should not have sent them.
func (m *Mount) Refused() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refusals.count
}

// gone tells whether there is nothing more to show.
func (m *Mount) gone() bool { return m.ended || m.fault != nil }

func (m *Mount) wakeUp() {
	if m.wake != nil {
		m.wake()
	}
}

func (m *Mount) fail(f abi.Fault) {
	if m.gone() {
		return
	}
	f.Text = cut(strings.ToValidUTF8(f.Text, "\uFFFD"), abi.MaxFaultText)
	m.fault = &f
	m.begin()
	m.forget()
	m.wakeUp()
}

// forget gives back what is not needed any more.
func (m *Mount) forget() {
	m.newest, m.sent, m.part, m.ids, m.differ, m.writer = abi.Tree{}, abi.Tree{}, abi.Tree{}, nil, differ{}, abi.PatchWriter{}
	m.coming = nil
	m.ring, m.renames, m.surfaces, m.shown = ring{}, nil, surfaces{most: m.surfaces.most}, shown{}
	m.waiting, m.replay, m.dirty = nil, 0, false
	m.notice.forget()
	m.effects.drop()
	m.page.forget()
	m.holding.to(0)
}

// Rest gives back what is only needed when something changes.
func (m *Mount) Rest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dirty || m.gone() {
		return
	}
	m.newest, m.part, m.differ, m.matched = abi.Tree{}, abi.Tree{}, differ{}, false
	m.ring.spare = nil
	m.sent.Clip()
	_ = m.weigh(m.surfaces.bytes) // it is less than before
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

// answer counts the events that were taken up as answered.
func (m *Mount) answer() {
	if len(m.effects.staged) > 0 {
		m.effects.ready = append(m.effects.ready, m.effects.staged...)
		m.effects.staged = m.effects.staged[:0]
	}
	n := 0
	for n < len(m.waiting) && m.waiting[n] <= m.begun {
		n++
	}
	m.waiting = append(m.waiting[:0], m.waiting[n:]...)
	m.acknowledge()
}

// acknowledge works out up to where all events are answered.
func (m *Mount) acknowledge() {
	upTo := m.received
	if len(m.waiting) > 0 {
		upTo = m.waiting[0] - 1
	}
	if upTo > m.acknowledged {
		m.acknowledged, m.shown.acked = upTo, upTo
		m.settle = true
	}
}

// Attach gives the mount a page, or takes it away with nil. wake is called whenever Next may have
// something; it must neither block nor call back.
func (m *Mount) Attach(wake func()) {
	m.mu.Lock()
	m.wake = wake
	m.effects.drop()
	visible := m.visible && wake != nil
	tell := m.number != 0 && !m.gone()
	m.mu.Unlock()
	if tell {
		m.plugin.Visible(visible)
	}
}

// Close ends the mount and its plugin. It may be called more than once.
func (m *Mount) Close() {
	m.mu.Lock()
	was := m.closed
	m.closed, m.ended, m.wake = true, true, nil
	m.begin()
	m.forget()
	m.mu.Unlock()
	if !was {
		m.plugin.Close()
	}
}

var errNotMounted = errors.New("bridge: a frame before the mount's first")

// Receive takes a frame of the page. An error, which matches abi.ErrMalformed for bytes that are no
// frame, means that the page does not speak the protocol; what is merely not allowed is dropped or
// faults the mount.
func (m *Mount) Receive(frame []byte) error {
	m.mu.Lock()
	mounted := m.number != 0
	m.mu.Unlock()
	t := abi.TypeOf(frame)
	if !mounted && t != abi.FrameMount {
		return errNotMounted
	}
	switch t {
	case abi.FrameMount:
		return m.receiveMount(frame)
	case abi.FrameEvent:
		return m.receiveEvent(frame)
	case abi.FrameAck:
		return m.receiveAck(frame)
	case abi.FrameVisible:
		var f abi.Visible
		if err := f.Parse(frame); err != nil {
			return err
		}
		m.setVisible(f.Visible)
		return nil
	case abi.FrameResume:
		return m.receiveResume(frame)
	case abi.FrameNak:
		return m.receiveNak(frame)
	case abi.FrameCancel:
		return m.receiveCancel(frame)
	case abi.FrameProps:
		return m.receiveProps(frame)
	case abi.FramePageAnswer:
		return m.receiveAnswer(frame)
	case abi.FrameUnmount:
		var f abi.Unmount
		if err := f.Parse(frame); err != nil {
			return err
		}
		m.Close()
		return nil
	}
	return fmt.Errorf("bridge: a frame of type %#02x from a page", byte(t))
}

func (m *Mount) receiveMount(frame []byte) error {
	var f abi.Mount
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	if m.number != 0 {
		m.mu.Unlock()
		return errors.New("bridge: mounted twice")
	}
	m.number = f.Mount
	m.mu.Unlock()
	if f.Props != nil {
		m.give(0, f.Props)
	}
	m.setVisible(f.Visible)
	return nil
}

func (m *Mount) setVisible(visible bool) {
	m.mu.Lock()
	m.visible = visible
	gone := m.gone()
	seen := visible && m.wake != nil
	m.wakeUp()
	m.mu.Unlock()
	if !gone {
		m.plugin.Visible(seen)
	}
}

func (m *Mount) receiveAck(frame []byte) error {
	var f abi.Ack
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.gone():
	case f.Seq > m.seq:
		m.fail(abi.Fault{Code: abi.FaultProtocol, Text: "a frame was acknowledged that was not sent"})
	case f.Seq > m.acked:
		m.acked = f.Seq
		m.ring.ack(f.Seq)
		m.replay = min(m.replay, len(m.ring.frames))
		m.wakeUp()
	}
	return nil
}

// receiveResume takes a RESUME that names this mount; others in it are none of its business.
func (m *Mount) receiveResume(frame []byte) error {
	var f abi.Resume
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range f.Mounts {
		switch {
		case p.Mount != m.number || m.closed:
		case m.fault != nil:
			m.ended = false // the page may not have seen it
		default:
			m.resume(p)
		}
	}
	m.wakeUp()
	return nil
}
