package abi

// EffectKind says what a page does that is no part of the tree.
type EffectKind uint8

// The effects, each with its fields in an FX.
const (
	EffectFocus    EffectKind = 1 // node: it gets the focus
	EffectScroll   EffectKind = 2 // node: it comes into view
	EffectAnnounce EffectKind = 3 // text: assistive technology says it
	EffectToast    EffectKind = 4 // tone, text: a line that goes by itself
	EffectOpen     EffectKind = 5 // address: opens in a window of its own
	EffectCopy     EffectKind = 6 // text: to the clipboard
	EffectDownload EffectKind = 7 // name, token: a file that the page fetches with the token
)

// Bounds of effects.
const (
	MaxEffectText = 300      // bytes of what is announced or toasted, and of a file's name
	MaxEffectLink = 2 << 10  // bytes of an address
	MaxEffectCopy = 64 << 10 // bytes for the clipboard
	EffectTones   = 4        // of a toast: 0 default, 1 good, 2 warning, 3 danger
)

// Effect is something that a page does once, after what the person did in event Ev. It takes no seq, is not
// acknowledged, and never comes again after a drop.
//
//	05 · mount · ev · kind · fields of the kind
type Effect struct {
	Mount, Ev uint32
	Kind      EffectKind
	Node      uint32 // focus, scroll
	Tone      uint8  // toast
	Text      string // announce, toast, copy; the address of open; the name of download
	Token     string // download, at most MaxTicket bytes
}

// Append appends the frame.
func (m *Effect) Append(b []byte) []byte {
	b = appendFrame(b, FrameEffect, uint64(m.Mount), uint64(m.Ev), uint64(m.Kind))
	switch m.Kind {
	case EffectFocus, EffectScroll:
		return appendNumbers(b, uint64(m.Node))
	case EffectToast:
		return appendText(appendNumbers(b, uint64(m.Tone)), m.Text)
	case EffectDownload:
		return appendText(appendText(b, m.Text), m.Token)
	}
	return appendText(b, m.Text)
}

// Parse is the reverse of Append.
func (m *Effect) Parse(frame []byte) error {
	r := frameReader(frame, FrameEffect)
	q := Effect{Mount: r.mount(), Ev: r.uint32("ev"), Kind: EffectKind(r.number("effect", 255))}
	switch q.Kind {
	case EffectFocus, EffectScroll:
		q.Node = r.uint32("node")
	case EffectAnnounce:
		q.Text = string(r.text("text", MaxEffectText))
	case EffectToast:
		q.Tone = uint8(r.number("tone", EffectTones-1))
		q.Text = string(r.text("text", MaxEffectText))
	case EffectOpen:
		q.Text = string(r.text("address", MaxEffectLink))
	case EffectCopy:
		q.Text = string(r.text("text", MaxEffectCopy))
	case EffectDownload:
		q.Text = string(r.text("name", MaxEffectText))
		q.Token = string(r.text("token", MaxTicket))
	default:
		r.fail("there is no effect %d", q.Kind)
	}
	return store(m, q, &r)
}

// Nak says that the page could not apply a frame of a mount: it shows what it showed before and waits for a
// SNAP of a later epoch. Epoch and Seq are how far it had come.
//
//	48 · mount · epoch · seq
type Nak struct{ Mount, Epoch, Seq uint32 }

// Append appends the frame.
func (m *Nak) Append(b []byte) []byte {
	return appendFrame(b, FrameNak, uint64(m.Mount), uint64(m.Epoch), uint64(m.Seq))
}

// Parse is the reverse of Append.
func (m *Nak) Parse(frame []byte) error {
	r := frameReader(frame, FrameNak)
	return store(m, Nak{r.mount(), r.uint32("epoch"), r.uint32("seq")}, &r)
}

// Cancel says that the person does not want to send the file any more that event Ev announced.
//
//	4a · mount · ev
type Cancel struct{ Mount, Ev uint32 }

// Append appends the frame.
func (m *Cancel) Append(b []byte) []byte {
	return appendFrame(b, FrameCancel, uint64(m.Mount), uint64(m.Ev))
}

// Parse is the reverse of Append.
func (m *Cancel) Parse(frame []byte) error {
	r := frameReader(frame, FrameCancel)
	return store(m, Cancel{r.mount(), r.uint32("ev")}, &r)
}
