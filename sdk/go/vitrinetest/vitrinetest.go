// Package vitrinetest mounts a plugin in a Go test: no WebAssembly, no browser. The page that it
// stands in for checks what a host checks: trees against the catalog, events against the tree.
//
//	func TestCounter(t *testing.T) {
//		page := vitrinetest.Mount(t, counter, nil)
//		page.Find("button", "Clicks: 0").Fire("click")
//		page.Find("button", "Clicks: 1")
//	}
//
// A test that finds no such node, or whose plugin fails, fails with the tree as it is.
package vitrinetest

import (
	"bytes"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	vitrine "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/internal/seam"
)

// Options is what a plugin finds when it is mounted. Nil means an empty one.
type Options struct {
	Props map[string]any
	// Settings are what an admin has set. With Schema, the settings of the manifest, the defaults of the rest are
	// filled in, and what it does not allow fails the test.
	Settings map[string]any
	Schema   *abi.Schema
	Locale   string           // "en" if empty
	Denied   []abi.Capability // capabilities that the host does not grant
	Now      func() time.Time // the plugin's clock; nil is a clock that moves 1 ms with every look
	Limits   *abi.TreeLimits  // nil: the defaults
	World    World            // what the plugin reaches besides the page
}

// Page is a mounted plugin and what is seen of it. It is for one goroutine.
type Page struct {
	tb       testing.TB
	opts     Options
	instance *seam.Instance
	tree     abi.Tree
	spare    abi.Tree // decoded into
	effects  []abi.EffectRequest
	surfaces map[uint8]*image.NRGBA
	looks    int
	again    bool
	renders  int
	refused  error
	queue    [][]byte

	messages   []message
	subscribed []subscribed
	lastTicket uint32

	Logged []string // messages that the plugin logged
}

// Mount mounts app. With a nil tb, as in an example, what would fail the test panics.
func Mount(tb testing.TB, app vitrine.App, opts *Options) *Page {
	p := &Page{tb: tb, surfaces: map[uint8]*image.NRGBA{}}
	if opts != nil {
		p.opts = *opts
	}
	if p.opts.Locale == "" {
		p.opts.Locale = "en"
	}
	p.instance = seam.New(app, (*pageHost)(p))
	p.check("mount", p.instance.Mount(abi.MountContext{Locale: p.opts.Locale}.Append(nil)))
	return p
}

// Update gives the plugin new props.
func (p *Page) Update(props map[string]any) {
	p.helper()
	p.opts.Props = props
	p.check("update", p.instance.Update(nil))
}

// UpdateSettings gives the plugin new settings.
func (p *Page) UpdateSettings(settings map[string]any) {
	p.helper()
	p.opts.Settings = settings
	p.check("update", p.instance.Update(nil))
}

// Unmount takes the plugin out of the page.
func (p *Page) Unmount() {
	p.helper()
	p.check("unmount", p.instance.Unmount(nil))
}

// Turn gives the plugin the next message that has come, or else the turn that it asked for, and reports
// whether there was either. Queued events go first.
func (p *Page) Turn() bool {
	p.helper()
	for len(p.queue) > 0 {
		in := p.queue[0]
		p.queue = p.queue[1:]
		p.check("event", p.instance.Event(in))
	}
	if len(p.messages) > 0 {
		m := p.messages[0]
		p.messages = p.messages[1:]
		p.check("message", p.instance.Message(m.bytes))
		return true
	}
	if !p.again {
		return false
	}
	p.again = false
	p.check("turn", p.instance.Turn(nil))
	return true
}

// maxTurns ends a plugin that never has enough.
const maxTurns = 1_000_000

// Run gives the plugin turns until it asks for no more, and returns how many.
func (p *Page) Run() int {
	p.helper()
	for n := range maxTurns {
		if !p.Turn() {
			return n
		}
	}
	p.fail("the plugin asks for turns without end")
	return maxTurns
}

// Renders is how many trees the plugin has sent.
func (p *Page) Renders() int { return p.renders }

// Effects are what the plugin had the page do once, in order; a test grants all.
func (p *Page) Effects() []abi.EffectRequest { return p.effects }

// Surface is the pixels of a surface, nil if nothing was painted on it.
func (p *Page) Surface(number uint8) *image.NRGBA { return p.surfaces[number] }

func (p *Page) check(what string, err error) {
	p.helper()
	if p.refused != nil {
		err, p.refused = p.refused, nil
	}
	if err != nil {
		p.fail("%s: %v", what, err)
	}
}

func (p *Page) helper() {
	if p.tb != nil {
		p.tb.Helper()
	}
}

func (p *Page) fail(format string, args ...any) {
	p.helper()
	if p.tb == nil {
		panic("vitrinetest: " + fmt.Sprintf(format, args...))
	}
	p.tb.Fatalf("vitrinetest: "+format, args...)
}

// pageHost is a Page as its plugin sees it.
type pageHost Page

var _ seam.Host = (*pageHost)(nil)

func (h *pageHost) denies(c abi.Capability) bool {
	for _, d := range h.opts.Denied {
		if d == c {
			return true
		}
	}
	return false
}

func (h *pageHost) Render(tree []byte) abi.Code {
	if h.denies(abi.CapUI) {
		return abi.CodeDenied
	}
	if err := h.spare.DecodeOver(&h.tree, tree, h.opts.Limits); err != nil {
		h.refused = err
		return abi.CodeInvalid
	}
	h.tree, h.spare = h.spare, h.tree
	h.renders++
	return abi.CodeOK
}

func (h *pageHost) Paint(b []byte) abi.Code {
	var p abi.Paint
	if h.denies(abi.CapUI) {
		return abi.CodeDenied
	}
	if err := p.Parse(b); err != nil {
		h.refused = err
		return abi.CodeInvalid
	}
	img := h.surfaces[p.Surface]
	if size := image.Rect(0, 0, p.SurfaceWidth, p.SurfaceHeight); img == nil || img.Rect != size {
		img = image.NewNRGBA(size)
		h.surfaces[p.Surface] = img
	}
	n := p.Format.BytesPerPixel()
	for y := range p.Height {
		for x := range p.Width {
			src := p.Pixels[(y*p.Width+x)*n:][:n]
			dst := img.Pix[img.PixOffset(p.X+x, p.Y+y):][:4]
			dst[3] = 0xff
			copy(dst, src)
		}
	}
	return abi.CodeOK
}

func (h *pageHost) Effect(b []byte) abi.Code {
	var e abi.EffectRequest
	if h.denies(abi.CapUI) {
		return abi.CodeDenied
	}
	if err := e.Parse(b); err != nil {
		h.refused = err
		return abi.CodeInvalid
	}
	e.Data = bytes.Clone(e.Data)
	h.effects = append(h.effects, e)
	return abi.CodeOK
}

func (h *pageHost) Again()        { h.again = true }
func (h *pageHost) Pending() bool { return len(h.queue) > 0 }

func (h *pageHost) Props() ([]byte, abi.Code) {
	return h.passed(h.opts.Props, func(b []byte) ([]byte, error) { return b, nil })
}

func (h *pageHost) Settings() ([]byte, abi.Code) {
	return h.passed(h.opts.Settings, func(b []byte) ([]byte, error) {
		if h.opts.Schema == nil {
			return b, nil
		}
		return h.opts.Schema.Fill(b)
	})
}

// passed is what the host passes in.
func (h *pageHost) passed(values map[string]any, fill func([]byte) ([]byte, error)) ([]byte, abi.Code) {
	if h.denies(abi.CapProps) {
		return nil, abi.CodeDenied
	}
	if values == nil {
		values = map[string]any{}
	}
	b, err := cbor.Marshal(values)
	if err == nil {
		b, err = fill(b)
	}
	if err != nil {
		h.refused = err
		return nil, abi.CodeInvalid
	}
	return b, abi.CodeOK
}

func (h *pageHost) Log(_ int32, record []byte) abi.Code {
	if h.denies(abi.CapLog) {
		return abi.CodeDenied
	}
	r := cbor.NewReader(record)
	r.Array()
	h.Logged = append(h.Logged, string(r.Text()))
	r.Skip()
	if h.refused = r.End(); h.refused != nil {
		return abi.CodeInvalid
	}
	return abi.CodeOK
}

func (h *pageHost) Now() int64 {
	if h.denies(abi.CapClock) {
		return int64(abi.CodeDenied)
	}
	if h.opts.Now != nil {
		return h.opts.Now().UnixNano()
	}
	h.looks++
	return time.Date(2026, 1, 1, 0, 0, 0, h.looks*int(time.Millisecond), time.UTC).UnixNano()
}

func (h *pageHost) Monotonic() int64 { return h.Now() }

func (h *pageHost) Random(b []byte) abi.Code {
	if h.denies(abi.CapRandom) {
		return abi.CodeDenied
	}
	for i := range b {
		h.looks = h.looks*1103515245 + 12345
		b[i] = byte(h.looks >> 16)
	}
	return abi.CodeOK
}
