package record

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// A Mirror says in words what frames say: the same messages as JSON objects, for developers. It keeps, for each
// mount, the tables of strings and templates that frames refer to, and so wants all frames in order. The zero value is
// ready. It is not safe for concurrent use.
type Mirror struct{ readers map[uint32]*abi.PatchReader }

// maxSaid bounds what one frame stands for, in bytes: a column says in a few what thousands of rows have.
const maxSaid = 64 << 20

// object is a JSON object.
type object = map[string]any

// Frame is the frame as an object that json.Marshal takes; "frame" is its name in PROTOCOL.md. Secrets (sessions,
// tickets, tokens) are left out. An error matches abi.ErrMalformed.
func (m *Mirror) Frame(frame []byte) (map[string]any, error) {
	if len(frame) == 0 {
		return nil, fmt.Errorf("%w: an empty frame", abi.ErrMalformed)
	}
	switch t := abi.TypeOf(frame); t {
	case abi.FrameSnap:
		return m.snap(frame)
	case abi.FramePatch:
		return m.patch(frame)
	case abi.FramePing, abi.FramePong:
		return object{"frame": names[t]}, abi.ParseSimple(frame, t)
	default:
		f := plainFrames(t)
		if f == nil {
			return nil, fmt.Errorf("%w: there is no frame of type %#02x", abi.ErrMalformed, byte(t))
		}
		if err := f.Parse(frame); err != nil {
			return nil, err
		}
		return fields(names[t], f), nil
	}
}

var names = map[abi.FrameType]string{
	abi.FrameHello: "HELLO", abi.FrameFault: "FAULT", abi.FrameResumed: "RESUMED", abi.FramePing: "PING", abi.FrameBye: "BYE",
	abi.FramePixels: "PIXELS", abi.FrameUpload: "UPLOAD", abi.FrameEffect: "FX", abi.FrameClientHello: "HELLO", abi.FrameMount: "MOUNT",
	abi.FrameEvent: "EVENT", abi.FrameAck: "ACK", abi.FrameResume: "RESUME", abi.FrameVisible: "VISIBLE", abi.FrameUnmount: "UNMOUNT",
	abi.FrameNak: "NAK", abi.FramePong: "PONG", abi.FrameCancel: "CANCEL",
	abi.FramePageCall: "CALL", abi.FrameRefused: "REFUSED", abi.FrameProps: "PROPS", abi.FramePageAnswer: "ANSWER",
	abi.FrameTaken: "TAKEN",
}

// plainFrames is a frame of a type to parse into, nil if there is none.
func plainFrames(t abi.FrameType) interface{ Parse([]byte) error } {
	switch t {
	case abi.FrameHello:
		return new(abi.Hello)
	case abi.FrameFault:
		return new(abi.Fault)
	case abi.FrameResumed:
		return new(abi.Resumed)
	case abi.FrameBye:
		return new(abi.Bye)
	case abi.FramePixels:
		return new(abi.Pixels)
	case abi.FrameUpload:
		return new(abi.Upload)
	case abi.FrameEffect:
		return new(abi.Effect)
	case abi.FrameClientHello:
		return new(abi.ClientHello)
	case abi.FrameMount:
		return new(abi.Mount)
	case abi.FrameEvent:
		return new(abi.Event)
	case abi.FrameAck:
		return new(abi.Ack)
	case abi.FrameResume:
		return new(abi.Resume)
	case abi.FrameVisible:
		return new(abi.Visible)
	case abi.FrameUnmount:
		return new(abi.Unmount)
	case abi.FrameNak:
		return new(abi.Nak)
	case abi.FrameCancel:
		return new(abi.Cancel)
	case abi.FramePageCall:
		return new(abi.PageCall)
	case abi.FrameRefused:
		return new(abi.Refused)
	case abi.FrameTaken:
		return new(abi.Taken)
	case abi.FrameProps:
		return new(abi.Props)
	case abi.FramePageAnswer:
		return new(abi.PageAnswer)
	}
	return nil
}

// fields are those of a parsed frame: names in lower case, secrets left out, bytes in hexadecimal digits.
func fields(name string, f any) map[string]any {
	switch v := f.(type) {
	case *abi.Hello:
		return object{"frame": name, "version": v.Version, "catalog": hex.EncodeToString(v.Catalog[:]),
			"heartbeat": v.Heartbeat.Milliseconds(), "window": v.Window, "maxFrame": v.MaxFrame}
	case *abi.ClientHello:
		return object{"frame": name, "version": v.Version, "catalog": hex.EncodeToString(v.Catalog[:])}
	case *abi.Mount:
		return object{"frame": name, "mount": v.Mount, "visible": v.Visible, "props": string(v.Props)}
	case *abi.Props:
		return object{"frame": name, "mount": v.Mount, "number": v.Number, "props": string(v.Value)}
	case *abi.PageCall:
		return object{"frame": name, "mount": v.Mount, "call": v.Call, "name": v.Name, "input": string(v.Input)}
	case *abi.PageAnswer:
		return object{"frame": name, "mount": v.Mount, "call": v.Call, "code": v.Code, "answer": string(v.Output)}
	case *abi.Resume:
		return object{"frame": name, "mounts": v.Mounts}
	case *abi.Upload:
		return object{"frame": name, "mount": v.Mount, "ev": v.Ev}
	case *abi.Event:
		return object{"frame": name, "mount": v.Mount, "ev": v.Ev, "node": v.Node, "event": v.Event, "seen": v.Seen, "payload": hex.EncodeToString(v.Payload)}
	case *abi.Fault:
		return object{"frame": name, "mount": v.Mount, "code": v.Code, "retry": v.Retry.Milliseconds(), "text": v.Text}
	case *abi.Bye:
		return object{"frame": name, "retry": v.Retry.Milliseconds()}
	case *abi.Effect:
		return object{"frame": name, "mount": v.Mount, "ev": v.Ev, "kind": v.Kind, "node": v.Node, "tone": v.Tone, "text": v.Text}
	case *abi.Pixels:
		q := &v.Paint
		return object{"frame": name, "mount": v.Mount, "seq": v.Seq, "ackEv": v.AckEv, "node": v.Node,
			"area": [4]int{q.X, q.Y, q.Width, q.Height}, "of": [2]int{q.SurfaceWidth, q.SurfaceHeight}}
	}
	b, _ := json.Marshal(f) // only numbers and bools are left
	out := object{}
	_ = json.Unmarshal(b, &out)
	lower := object{"frame": name}
	for k, v := range out {
		lower[strings.ToLower(k[:1])+k[1:]] = v
	}
	return lower
}

func (m *Mirror) reader(mount uint32) *abi.PatchReader {
	if m.readers == nil {
		m.readers = map[uint32]*abi.PatchReader{}
	}
	if m.readers[mount] == nil && len(m.readers) < abi.MaxMounts {
		m.readers[mount] = new(abi.PatchReader)
	}
	if r := m.readers[mount]; r != nil {
		return r
	}
	return new(abi.PatchReader)
}

func (m *Mirror) snap(frame []byte) (map[string]any, error) {
	var f abi.Snap
	if err := f.Parse(frame); err != nil {
		return nil, err
	}
	var v nodes
	if err := m.reader(f.Mount).Snap(f.Body, &v); err != nil || v.said > maxSaid {
		return nil, tooMuchSaid(err)
	}
	return object{"frame": "SNAP", "mount": f.Mount, "epoch": f.Epoch, "seq": f.Seq, "ackEv": f.AckEv, "root": v.root}, nil
}

func (m *Mirror) patch(frame []byte) (map[string]any, error) {
	var f abi.Patch
	if err := f.Parse(frame); err != nil {
		return nil, err
	}
	v := ops{list: []object{}}
	if err := m.reader(f.Mount).Patch(f.Body, &v); err != nil || v.said > maxSaid {
		return nil, tooMuchSaid(err)
	}
	return object{"frame": "PATCH", "mount": f.Mount, "seq": f.Seq, "ackEv": f.AckEv, "ops": v.list}, nil
}

func tooMuchSaid(err error) error {
	if err == nil {
		err = fmt.Errorf("%w: one frame stands for more than %d MiB", ErrTooMuch, maxSaid>>20)
	}
	return err
}

// nodes hears nodes and makes objects of them.
type nodes struct {
	root  object
	stack []object
	said  int // bytes of texts; beyond maxSaid they are not kept
}

// value is a property's value in words.
func (n *nodes) value(p abi.Prop, data []byte) any {
	if n.said += len(data); n.said > maxSaid {
		return nil
	}
	return plainValue(p, data)
}

func (n *nodes) Open(component uint16) {
	o := object{"component": component}
	if c := abi.ComponentAt(component); c != nil {
		o["component"] = c.Name
	}
	if len(n.stack) == 0 {
		n.root = o
	} else {
		above := n.stack[len(n.stack)-1]
		kids, _ := above["children"].([]object)
		above["children"] = append(kids, o)
	}
	n.stack = append(n.stack, o)
}

func (n *nodes) Prop(p abi.Prop, data []byte) {
	o := n.stack[len(n.stack)-1]
	props, _ := o["props"].(object)
	if props == nil {
		props = object{}
		o["props"] = props
	}
	name, _ := o["component"].(string)
	_, c, ok := abi.FindComponent(name)
	switch {
	case !ok || int(p.Number) >= len(c.Props):
		props[fmt.Sprint(p.Number)] = n.value(p, data)
	case c.Props[p.Number].Kind == abi.KindInt:
		props[c.Props[p.Number].Name] = p.Int()
	default:
		props[c.Props[p.Number].Name] = n.value(p, data)
	}
}

func (n *nodes) On(event uint8) {
	o := n.stack[len(n.stack)-1]
	list, _ := o["events"].([]int)
	o["events"] = append(list, int(event))
}

func (n *nodes) Close() { n.stack = n.stack[:len(n.stack)-1] }

func plainValue(p abi.Prop, data []byte) any {
	switch p.Wire {
	case abi.WireBytes:
		return strings.ToValidUTF8(string(data), "\uFFFD")
	case abi.WireFloat:
		return p.Float()
	}
	return p.Bits
}

// ops hears ops and makes objects of them; a repetition is as many as it stands for.
type ops struct {
	nodes
	list []object
}

func (v *ops) add(o object) { v.list = append(v.list, o) }

func (v *ops) Open(component uint16) {
	v.nodes.Open(component)
	if len(v.stack) == 1 {
		v.list[len(v.list)-1]["node"] = v.root
	}
}

func (v *ops) Set(node uint32, p abi.Prop, data []byte, guarded bool) {
	name := "SET"
	if guarded {
		name = "VAL"
	}
	v.add(object{"op": name, "id": node, "property": p.Number, "value": v.value(p, data)})
}

func (v *ops) Splice(node uint32, tail, drop uint32, insert []byte) {
	v.add(object{"op": "SPLICE", "id": node, "tail": tail, "drop": drop,
		"insert": v.value(abi.Prop{Wire: abi.WireBytes}, insert)})
}

func (v *ops) Unset(node uint32, number uint8) {
	v.add(object{"op": "UNSET", "id": node, "property": number})
}
func (v *ops) Insert(parent, before uint32) {
	v.add(object{"op": "INS", "id": parent, "before": before})
}
func (v *ops) Delete(node uint32)       { v.add(object{"op": "DEL", "id": node}) }
func (v *ops) Move(node, before uint32) { v.add(object{"op": "MOVE", "id": node, "before": before}) }
func (v *ops) Bind(node uint32, event uint8, on bool) {
	name := "OFF"
	if on {
		name = "ON"
	}
	v.add(object{"op": name, "id": node, "event": event})
}
