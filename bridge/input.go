package bridge

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

// refusals counts events that were refused.
type refusals struct {
	count uint64
	log   bucket
}

// receiveEvent handles each event once, in order.
func (m *Mount) receiveEvent(frame []byte) error {
	var f abi.Event
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	a, ok := m.admit(&f)
	m.mu.Unlock()
	switch {
	case !ok:
	case a.spec.Upload:
		m.issue(a)
	default:
		m.plugin.Event(func() ([]byte, bool) { return m.take(a, nil) })
	}
	return nil
}

// admitted is an event that the page may send. Its node is the id as of at.
type admitted struct {
	ev, node, at uint32
	event        uint8
	spec         *abi.EventType
	payload      []byte
}

// admit tells whether an event is new and goes to the plugin. Every event that is new is
// acknowledged, at the latest when those before it are answered.
func (m *Mount) admit(f *abi.Event) (admitted, bool) {
	switch {
	case m.gone() || f.Ev <= m.received:
		return admitted{}, false
	case f.Ev != m.received+1:
		m.fail(abi.Fault{Code: abi.FaultProtocol, Text: "an event is missing"})
		return admitted{}, false
	case !m.events.take(1, m.now()):
		m.fail(abi.Fault{Code: abi.FaultLimit, Text: "There were too many events."})
		return admitted{}, false
	case len(m.waiting) == maxWaiting:
		m.fail(abi.Fault{Code: abi.FaultLimit, Text: "The plugin does not answer."})
		return admitted{}, false
	}
	m.received = f.Ev
	a := admitted{ev: f.Ev, event: f.Event}
	t, i, moved := m.locate(f.Node, f.Seen)
	if i < 0 {
		m.acknowledge()
		m.wakeUp()
		return admitted{}, false
	}
	if a.node, a.at = f.Node, min(f.Seen, m.seq); t == &m.sent {
		a.node, a.at = m.ids[i], m.seq
	}
	var err error
	m.fields, err = m.check(t, i, f.Event, f.Payload)
	if len(m.fields) == 1 && holdsValue(t.Nodes[i].Component) && t == &m.sent {
		m.shown.set(a.node, f.Ev, m.fields[0], moved)
	}
	if err != nil {
		m.refuse(f, err)
		m.acknowledge()
		m.wakeUp()
		return admitted{}, false
	}
	m.waiting = append(m.waiting, f.Ev)
	a.spec = &abi.ComponentAt(t.Nodes[i].Component).Events[f.Event]
	a.payload = bytes.Clone(f.Payload)
	return a, true
}

// refuse counts an event that a page should not have sent. One that was on its way when the tree
// changed is nobody's fault.
func (m *Mount) refuse(f *abi.Event, err error) {
	if f.Seen < m.seq {
		return
	}
	m.refusals.count++
	if m.refusals.log.take(1, m.now()) {
		m.options.Logger.Warn("event refused", slog.Uint64("mount", uint64(m.number)), slog.Uint64("node", uint64(f.Node)),
			slog.Int("event", int(f.Event)), slog.String("error", err.Error()), slog.Uint64("refused", m.refusals.count))
	}
}

// take judges an admitted event once more, on the newest tree, and binds it to the handler that is
// there now. file is what was uploaded.
func (m *Mount) take(a admitted, file []byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun = max(m.begun, a.ev)
	if m.gone() {
		return nil, false
	}
	t, i := m.live(a)
	if i < 0 {
		return nil, false
	}
	var err error
	if m.fields, err = m.check(t, i, a.event, a.payload); err != nil {
		return nil, false
	}
	if caused(t.Nodes[i].Component, a.event, m.fields) {
		m.effects.begin(a.ev, m.now())
	}
	in, err := abi.EventToGuest(nil, a.spec, handlerOf(t, i, a.event), a.payload, file)
	return in, err == nil
}

// caused tells whether an event is a person's doing. A canvas is resized by whatever moves the page, and a popover closes where
// anything else opens. What a host component calls is judged by the page, which knows whether somebody has just done something.
func caused(component uint16, event uint8, fields []abi.PayloadField) bool {
	switch component {
	case abi.ComponentCanvas:
		return event != canvasResize
	case abi.ComponentPopover:
		return fields[0].Bits == 1
	}
	return true
}

// live finds the node of an event in the newest tree; the index is -1 if it is gone.
func (m *Mount) live(a admitted) (*abi.Tree, int) {
	t, i, _ := m.locate(a.node, a.at)
	if !m.dirty || i < 0 || t == &m.newest {
		return t, i
	}
	if !m.match() {
		return &m.newest, -1
	}
	return &m.newest, slices.Index(m.differ.from, int32(i))
}

func handlerOf(t *abi.Tree, i int, event uint8) uint32 {
	for _, h := range t.HandlersOf(i) {
		if h.Event == event {
			return h.Handler
		}
	}
	return 0
}

// The reasons for which an event is refused.
var (
	errNotBound  = errors.New("not bound")
	errDisabled  = errors.New("disabled")
	errOption    = errors.New("not an option that can be chosen")
	errRange     = errors.New("out of range")
	errTooLong   = errors.New("too long")
	errKey       = errors.New("not a key")
	errDate      = errors.New("not a date or time")
	errMediaType = errors.New("not a type of file that is accepted")
)

// check is the function of that name, and holds calls of host components against what was registered.
func (m *Mount) check(t *abi.Tree, i int, event uint8, payload []byte) ([]abi.PayloadField, error) {
	fields, err := check(m.fields[:0], t, i, event, payload)
	if err == nil && t.Nodes[i].Component == abi.ComponentHost {
		err = m.options.Components.CheckCall(t, i, fields)
	}
	return fields, err
}

// check tells whether a page may send an event of node i. It appends the fields of the payload to
// dst if they have the declared shape, whatever else is wrong.
func check(dst []abi.PayloadField, t *abi.Tree, i int, event uint8, payload []byte) ([]abi.PayloadField, error) {
	c := abi.ComponentAt(t.Nodes[i].Component)
	if int(event) >= len(c.Events) {
		return dst, errNotBound
	}
	fields, err := abi.ReadPayload(dst, &c.Events[event], payload)
	switch {
	case err != nil:
	case !slices.ContainsFunc(t.HandlersOf(i), func(h abi.Handler) bool { return h.Event == event }):
		err = errNotBound
	case disabled(t, i):
		err = errDisabled
	default:
		err = checkValues(t, i, event, fields)
	}
	return fields, err
}

// disabled tells whether node i or one that it is in is switched off.
func disabled(t *abi.Tree, i int) bool {
	for at := 0; ; {
		if p := abi.ComponentAt(t.Nodes[at].Component).Disabled(); p >= 0 && isTrue(t, at, uint8(p)) {
			return true
		}
		if at == i {
			return false
		}
		at++
		for at+int(t.Nodes[at].Size) <= i {
			at += int(t.Nodes[at].Size)
		}
	}
}

func isTrue(t *abi.Tree, i int, number uint8) bool {
	p, ok := t.Prop(i, number)
	return ok && p.Bits == 1
}

// checkValues checks what the catalog says of a component's values in words.
func checkValues(t *abi.Tree, i int, event uint8, fields []abi.PayloadField) error {
	switch t.Nodes[i].Component {
	case abi.ComponentTextfield:
		if p, ok := t.Prop(i, textfieldMaxlength); ok && int64(utf16Len(fields[0].Data)) > p.Int() {
			return errTooLong
		}
	case abi.ComponentSelect, abi.ComponentRadiogroup, abi.ComponentTabs: // the values of their children have the same numbers
		return checkOption(t, i, fields[0].Data)
	case abi.ComponentSlider:
		return checkRange(t, i, sliderMin, sliderMax, fields[0].Float())
	case abi.ComponentNumberfield:
		return checkRange(t, i, numberfieldMin, numberfieldMax, fields[0].Float())
	case abi.ComponentCanvas:
		return checkCanvas(t, i, event, fields)
	case abi.ComponentFilefield:
		return checkFile(t, i, fields)
	case abi.ComponentDatefield:
		return checkDate(t, i, fields[0].Data)
	}
	return nil
}

// utf16Len is the length of valid UTF-8 as a browser counts it.
func utf16Len(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		n++
		if r > 0xffff {
			n++
		}
		b = b[size:]
	}
	return n
}

func checkOption(t *abi.Tree, i int, value []byte) error {
	end := i + int(t.Nodes[i].Size)
	for c := i + 1; c < end; c += int(t.Nodes[c].Size) {
		if p, ok := t.Prop(c, optionValue); ok && bytes.Equal(t.Bytes(p), value) && !isTrue(t, c, optionDisabled) {
			return nil
		}
	}
	return errOption
}

func checkRange(t *abi.Tree, i int, low, high uint8, value float64) error {
	if p, ok := t.Prop(i, low); ok && value < p.Float() {
		return errRange
	}
	if p, ok := t.Prop(i, high); ok && value > p.Float() {
		return errRange
	}
	return nil
}
