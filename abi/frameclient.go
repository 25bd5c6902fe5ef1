package abi

// ClientHello is the browser's first frame.
//
//	41 · version · catalog hash 8 bytes
type ClientHello struct {
	Version uint32
	Catalog [8]byte
}

// Append appends the frame.
func (m *ClientHello) Append(b []byte) []byte {
	return append(appendFrame(b, FrameClientHello, uint64(m.Version)), m.Catalog[:]...)
}

// Parse is the reverse of Append.
func (m *ClientHello) Parse(frame []byte) error {
	r := frameReader(frame, FrameClientHello)
	q := ClientHello{Version: r.uint32("version")}
	copy(q.Catalog[:], r.fixed(8))
	return store(m, q, &r)
}

// Mount asks to show what the ticket stands for. The browser chooses the number, counting from 1.
//
//	42 · mount · visible (0 or 1) · length · ticket · [length · JSON]
type Mount struct {
	Mount   uint32
	Visible bool
	Ticket  string // at most MaxTicket bytes
	Props   []byte // what the page sets of the props to begin with, as in Props; nil for nothing. Aliases the frame when parsed
}

// Append appends the frame.
func (m *Mount) Append(b []byte) []byte {
	b = appendText(appendFrame(b, FrameMount, uint64(m.Mount), bit(m.Visible)), m.Ticket)
	if len(m.Props) == 0 {
		return b
	}
	return appendText(b, string(m.Props))
}

// Parse is the reverse of Append.
func (m *Mount) Parse(frame []byte) error {
	r := frameReader(frame, FrameMount)
	q := Mount{Mount: r.mount(), Visible: r.number("visible", 1) == 1, Ticket: string(r.text("ticket", MaxTicket))}
	if r.err == nil && r.pos < len(r.buf) {
		if q.Props = r.text("props", MaxPageValue); r.err == nil && len(q.Props) == 0 {
			r.fail("props of no bytes")
		}
	}
	return store(m, q, &r)
}

// Event is something the person did. Ev counts from 1 for each mount; the server handles each number
// once. Seen is the last seq that the page had applied.
//
//	43 · mount · ev · node · event · seen · payload
type Event struct {
	Mount, Ev, Node uint32
	Event           uint8
	Seen            uint32
	Payload         []byte // the fields that the event declares; aliases the frame when parsed
}

// Append appends the frame.
func (m *Event) Append(b []byte) []byte {
	b = appendFrame(b, FrameEvent, uint64(m.Mount), uint64(m.Ev), uint64(m.Node), uint64(m.Event), uint64(m.Seen))
	return append(b, m.Payload...)
}

// Parse is the reverse of Append.
func (m *Event) Parse(frame []byte) error {
	r := frameReader(frame, FrameEvent)
	q := Event{Mount: r.mount(), Ev: r.uint32("ev"), Node: r.uint32("node")}
	q.Event, q.Seen = uint8(r.number("event", 255)), r.uint32("seen")
	q.Payload = r.rest()
	if len(q.Payload) > MaxPayload {
		r.exceed("a payload of %d bytes, %d are allowed", len(q.Payload), MaxPayload)
	}
	return store(m, q, &r)
}

// Ack says that the page has applied all frames of a mount up to Seq.
//
//	44 · mount · seq
type Ack struct{ Mount, Seq uint32 }

// Append appends the frame.
func (m *Ack) Append(b []byte) []byte {
	return appendFrame(b, FrameAck, uint64(m.Mount), uint64(m.Seq))
}

// Parse is the reverse of Append.
func (m *Ack) Parse(frame []byte) error {
	r := frameReader(frame, FrameAck)
	return store(m, Ack{r.mount(), r.uint32("seq")}, &r)
}

// Resume asks for the mounts of a page back after the connection was lost. It is sent right after
// the HELLO, in place of MOUNT.
//
//	45 · session 16 bytes · count · (mount · epoch · seq)...
type Resume struct {
	Session [SessionBytes]byte // from the HELLO of the connection that was lost
	Mounts  []ResumePoint      // at most MaxMounts
}

// ResumePoint is how far the page has come with a mount.
type ResumePoint struct{ Mount, Epoch, Seq uint32 }

// Append appends the frame.
func (m *Resume) Append(b []byte) []byte {
	b = append(append(b, byte(FrameResume)), m.Session[:]...)
	b = appendNumbers(b, uint64(len(m.Mounts)))
	for _, p := range m.Mounts {
		b = appendNumbers(b, uint64(p.Mount), uint64(p.Epoch), uint64(p.Seq))
	}
	return b
}

// Parse is the reverse of Append.
func (m *Resume) Parse(frame []byte) error {
	r := frameReader(frame, FrameResume)
	var q Resume
	copy(q.Session[:], r.fixed(SessionBytes))
	for n := r.number("mounts", MaxMounts); n > 0 && r.err == nil; n-- {
		q.Mounts = append(q.Mounts, ResumePoint{r.mount(), r.uint32("epoch"), r.uint32("seq")})
	}
	return store(m, q, &r)
}

// Visible says whether a mount can be seen; a hidden one is sent nothing.
//
//	46 · mount · visible (0 or 1)
type Visible struct {
	Mount   uint32
	Visible bool
}

// Append appends the frame.
func (m *Visible) Append(b []byte) []byte {
	return appendFrame(b, FrameVisible, uint64(m.Mount), bit(m.Visible))
}

// Parse is the reverse of Append.
func (m *Visible) Parse(frame []byte) error {
	r := frameReader(frame, FrameVisible)
	return store(m, Visible{r.mount(), r.number("visible", 1) == 1}, &r)
}

// Unmount ends a mount.
//
//	47 · mount
type Unmount struct{ Mount uint32 }

// Append appends the frame.
func (m *Unmount) Append(b []byte) []byte { return appendFrame(b, FrameUnmount, uint64(m.Mount)) }

// Parse is the reverse of Append.
func (m *Unmount) Parse(frame []byte) error {
	r := frameReader(frame, FrameUnmount)
	return store(m, Unmount{r.mount()}, &r)
}

func bit(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}
