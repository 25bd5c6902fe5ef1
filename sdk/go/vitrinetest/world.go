package vitrinetest

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	vitrine "github.com/vitrine-run/vitrine/sdk/go"
)

// World is what a plugin reaches besides the page. A nil field is Unsupported, and so is the zero World but for
// KV. Answers come as messages, in order, with the next Turn or Run.
type World struct {
	Fetch     func(*vitrine.Request) (*vitrine.Response, error)
	API       func(*vitrine.Request) (*vitrine.Response, error)
	Data      func(*vitrine.Query) (any, error)
	May       func(model, ability, instance string) bool
	Functions map[string]func([]byte) ([]byte, error) // what jobs call
	Files     fs.FS                                   // assets
	Callbacks map[string]func(input any) (any, error) // functions of the host among the props
	User      *vitrine.User
	Kept      map[string][]byte // by scope, '/' and key; filled by the plugin
	Counted   map[string]int    // filled by the plugin
}

// Publish says something on a channel that the plugin hears; it hears it with the next Turn.
func (p *Page) Publish(t vitrine.Topic, m vitrine.Message) {
	for _, s := range p.subscribed {
		if s.topic.Channel == t.Channel && (s.topic.Instance == "" || s.topic == t) {
			v := map[string]any{"id": m.ID, "data": m.Data, "event": cmp.Or(m.Name, t.Channel)}
			p.send("event", s.number, v)
		}
	}
}

type subscribed struct {
	number uint32
	topic  vitrine.Topic
}

// send queues a message for a ticket.
func (p *Page) send(kind string, ticket uint32, values ...any) {
	b, err := cbor.Marshal(append([]any{kind, ticket}, values...))
	if err != nil {
		p.fail("the world answers what no host can: %v", err)
	}
	p.messages = append(p.messages, message{ticket, b})
}

type message struct {
	ticket uint32
	bytes  []byte
}

// answer makes a ticket of what has been done already.
func (p *Page) answer(v any, err error) int32 {
	p.lastTicket++
	var own *vitrine.Error
	var code abi.Code
	switch {
	case err == nil:
		p.send("answer", p.lastTicket, v)
	case errors.As(err, &own):
		p.send("error", p.lastTicket, int64(own.Code), own.Message)
	case errors.As(err, &code):
		p.send("error", p.lastTicket, int64(code))
	default:
		p.send("error", p.lastTicket, int64(abi.CodeInternal))
	}
	return int32(p.lastTicket)
}

// Cancel implements seam.Host.
func (h *pageHost) Cancel(ticket uint32) {
	h.messages = slices.DeleteFunc(h.messages, func(m message) bool { return m.ticket == ticket })
	h.subscribed = slices.DeleteFunc(h.subscribed, func(s subscribed) bool { return s.number == ticket })
}

// Call implements seam.Host.
func (h *pageHost) Call(function string, b []byte) ([]byte, int32) {
	capability, _, _ := strings.Cut(function, ".")
	if h.denies(abi.Capability(capability)) {
		return nil, int32(abi.CodeDenied)
	}
	p := (*Page)(h)
	var v any
	if capability != "assets" && function != "telemetry.begin" && b != nil {
		var err error
		if v, err = cbor.Unmarshal(b); err != nil {
			p.refused = err
			return nil, int32(abi.CodeInvalid)
		}
	}
	switch capability {
	case "props":
		return p.callback(function, v)
	case "kv":
		return p.kv(function, v.([]any))
	case "assets":
		return p.asset(string(b))
	case "user":
		return p.user()
	}
	return nil, p.start(function, v)
}

// callback plays props.call and props.start.
func (p *Page) callback(function string, v any) ([]byte, int32) {
	list, ok := v.([]any)
	if !ok || len(list) != 2 {
		return nil, int32(abi.CodeInvalid)
	}
	name, _ := list[0].(string)
	call := p.opts.World.Callbacks[name]
	if call == nil {
		return nil, int32(abi.CodeNotFound)
	}
	out, err := call(list[1])
	if function == "props.start" {
		return nil, p.answer(out, err)
	}
	code := abi.CodeInternal
	if errors.As(err, &code) || err != nil {
		return nil, int32(code)
	}
	b, err := cbor.Marshal(out)
	if err != nil {
		return nil, int32(abi.CodeInternal)
	}
	return b, int32(len(b))
}

// start is every function that answers no bytes.
func (p *Page) start(function string, v any) int32 {
	w := &p.opts.World
	list, _ := v.([]any)
	m, _ := v.(map[string]any)
	switch {
	case function == "http.start" && w.Fetch != nil:
		return p.answer(respond(w.Fetch, m, "url"))
	case function == "api.start" && w.API != nil:
		return p.answer(respond(w.API, m, "path"))
	case function == "data.start" && w.Data != nil:
		return p.answer(w.Data(query(m)))
	case function == "jobs.start" && w.Functions[list[0].(string)] != nil:
		out, err := w.Functions[list[0].(string)](list[1].([]byte))
		return p.answer(append([]byte{}, out...), err)
	case function == "jobs.start":
		return int32(abi.CodeNotFound)
	case function == "sse.subscribe":
		p.lastTicket++
		t := vitrine.Topic{Channel: text(m, "channel"), Key: text(m, "key"), Instance: text(m, "instance")}
		p.subscribed = append(p.subscribed, subscribed{p.lastTicket, t})
		return int32(p.lastTicket)
	case function == "authz.evaluate" && w.May != nil:
		instance := ""
		if len(list) == 3 {
			instance = list[2].(string)
		}
		if w.May(list[0].(string), list[1].(string), instance) {
			return 1
		}
		return 0
	case function == "telemetry.count":
		if w.Counted == nil {
			w.Counted = map[string]int{}
		}
		w.Counted[list[0].(string)] += int(list[1].(int64))
		return 0
	case function == "telemetry.begin", function == "telemetry.end":
		return 1
	}
	return int32(abi.CodeUnsupported)
}

func text(m map[string]any, key string) string { s, _ := m[key].(string); return s }

func query(m map[string]any) *vitrine.Query {
	most, _ := m["most"].(int64)
	return &vitrine.Query{Model: text(m, "model"), Ability: text(m, "ability"), Key: text(m, "key"), Instance: text(m, "instance"),
		Value: m["value"], After: text(m, "after"), Most: int(most)}
}

// respond asks one of the world's servers.
func respond(ask func(*vitrine.Request) (*vitrine.Response, error), m map[string]any, where string) (any, error) {
	req := &vitrine.Request{Method: cmp.Or(text(m, "method"), "GET"), URL: text(m, where)}
	req.Body, _ = m["body"].([]byte)
	fields, _ := m["headers"].([]any)
	for _, f := range fields {
		words := append(f.([]any), "")
		req.Header = append(req.Header, vitrine.Header{Name: words[0].(string), Value: words[1].(string), Secret: words[2].(string)})
	}
	resp, err := ask(req)
	if err != nil {
		return nil, err
	}
	header := []any{}
	for _, h := range resp.Header {
		header = append(header, []any{strings.ToLower(h.Name), h.Value})
	}
	return map[string]any{"url": cmp.Or(resp.URL, req.URL), "status": resp.Status, "headers": header, "body": append([]byte{}, resp.Body...)}, nil
}

func (p *Page) kv(function string, list []any) ([]byte, int32) {
	w := &p.opts.World
	if w.Kept == nil {
		w.Kept = map[string][]byte{}
	}
	name := list[0].(string) + "/" + list[1].(string)
	was, there := w.Kept[name]
	switch function {
	case "kv.get":
		if !there {
			return nil, int32(abi.CodeNotFound)
		}
		return was, int32(len(was))
	case "kv.put":
		value, keep := list[2].([]byte)
		if len(list) == 4 {
			if old, some := list[3].([]byte); some != there || !slices.Equal(old, was) {
				return nil, int32(abi.CodeConflict)
			}
		}
		if delete(w.Kept, name); keep {
			w.Kept[name] = value
		}
		return nil, 0
	}
	keys := []any{}
	for k := range w.Kept {
		if key, ok := strings.CutPrefix(k, list[0].(string)+"/"); ok && strings.HasPrefix(key, list[1].(string)) && key > list[2].(string) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	out, err := cbor.Marshal(keys[:min(len(keys), int(list[3].(int64)))])
	p.refused = err
	return out, int32(len(out))
}

func (p *Page) asset(name string) ([]byte, int32) {
	if p.opts.World.Files == nil {
		return nil, int32(abi.CodeUnsupported)
	}
	b, err := fs.ReadFile(p.opts.World.Files, name)
	if err != nil {
		return nil, int32(abi.CodeNotFound)
	}
	return b, int32(len(b))
}

func (p *Page) user() ([]byte, int32) {
	u := p.opts.World.User
	if u == nil {
		return nil, int32(abi.CodeNotFound)
	}
	orgs := []any{}
	for _, o := range u.Orgs {
		orgs = append(orgs, o)
	}
	b, err := cbor.Marshal(map[string]any{"id": u.ID, "orgs": orgs})
	p.refused = err
	return b, int32(len(b))
}
