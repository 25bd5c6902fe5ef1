// Attendee shows the badge of one attendee, the one that the install names, and lets the person change
// it. What others change shows at once: the plugin hears the channel attendee.updated of this attendee.
package main

import (
	"errors"
	"fmt"
	"reflect"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(app)

func main() {}

// What vitrine.json asks for.
const (
	model   = "Attendee"
	key     = "id"
	channel = "attendee.updated"
)

// badge is the plugin's state.
type badge struct {
	ctx     *v.Context
	id      string
	shown   map[string]any // as the application has it; nil until it is known
	edited  map[string]any // what the person has typed and not saved, by field
	saving  bool
	live    bool
	changes int // that others made
	problem string
}

func app(c *v.Context) v.View {
	b := &badge{ctx: c, edited: map[string]any{}}
	b.open()
	c.OnUpdate(b.open)
	return b.view
}

// open begins with the attendee that the props name.
func (b *badge) open() {
	id := b.ctx.Props().String("attendee", "")
	if id == b.id && id != "" {
		return
	}
	b.id, b.shown, b.problem = id, nil, ""
	if id == "" {
		b.problem = "No attendee has been chosen for this badge."
		return
	}
	b.load()
	b.live = true
	b.ctx.Subscribe(v.Topic{Channel: channel, Key: key, Instance: id}, func(v.Message) { b.load() }, func(error) { b.live = false })
}

// load asks how the attendee is now. What is new and not our own doing was others'.
func (b *badge) load() {
	b.ctx.Data(&v.Query{Model: model, Ability: "view", Key: key, Instance: b.id}, func(value any, err error) {
		before := b.shown
		b.have("see", value, err)
		if err == nil && before != nil && !b.saving && !reflect.DeepEqual(before, b.shown) {
			b.changes++
		}
	})
}

// have takes what the application says of the attendee, whom the plugin wanted to see or to change.
func (b *badge) have(wanted string, value any, err error) {
	record, ok := value.(map[string]any)
	switch {
	case errors.Is(err, v.Denied):
		b.problem = "This page does not let the plugin " + wanted + " the attendee."
	case errors.Is(err, v.NotFound):
		b.problem = "There is no such attendee any more."
	case err == nil && value == nil: // it is done, and what has become of it is for those who may view it
		b.problem = "This page does not let the plugin see the attendee."
	case err != nil || !ok:
		b.problem = "The attendee cannot be had now."
	default:
		b.shown, b.problem = record, ""
	}
}

// save sends what was typed.
func (b *badge) save() {
	if len(b.edited) > 0 {
		b.change(b.edited, func() { b.edited = map[string]any{} })
	}
}

// check says that the attendee is here, or is not. What was typed stays to be saved.
func (b *badge) check(here bool) { b.change(map[string]any{"here": here}, func() {}) }

func (b *badge) change(value map[string]any, done func()) {
	b.saving = true
	b.ctx.Data(&v.Query{Model: model, Ability: "update", Key: key, Instance: b.id, Value: value}, func(value any, err error) {
		b.saving = false
		if b.have("change", value, err); err == nil {
			done()
		}
	})
}

// field is what is to be seen in a field: what the person typed, or what is known.
func (b *badge) field(name string) string {
	if s, ok := b.edited[name].(string); ok {
		return s
	}
	s, _ := b.shown[name].(string)
	return s
}

func (b *badge) view() v.Node {
	page := v.Box().Gap(v.SpaceM)
	if b.problem != "" {
		page.Add(v.Banner(b.problem).Tone(v.BannerToneDanger))
	}
	if b.shown == nil {
		if b.problem == "" {
			page.Add(v.Skeleton("Looking the attendee up"))
		}
		return page
	}
	return page.Add(v.Grid(b.card(), b.form()).Columns(2).Min(v.GridMinM))
}

// card is the badge.
func (b *badge) card() v.Node {
	text := func(name string) string {
		s, _ := b.shown[name].(string)
		return s
	}
	live := v.Badge("Live").Tone(v.ToneGood).Icon(v.GlyphRefresh)
	if !b.live {
		live = v.Badge("Not live: reload to see changes").Tone(v.ToneWarning)
	}
	presence := v.Badge("Not here yet").Tone(v.ToneMuted).Icon(v.GlyphClock)
	if here, _ := b.shown["here"].(bool); here {
		presence = v.Badge("Checked in").Tone(v.ToneGood).Icon(v.GlyphCheck)
	}
	changes := "Changes by others show here at once."
	if b.changes > 0 {
		changes = fmt.Sprintf("Changed by others %s since you came.", times(b.changes))
	}
	return v.Box(
		v.Box(v.Text(text("ticket")).Tone(v.ToneAccent).Size(v.SizeS).Strong(true), live).Row().Align(v.BoxAlignCenter).Justify(v.BoxJustifyBetween),
		v.Box(
			v.Text(text("name")).Size(v.SizeXL).Strong(true),
			v.Text(text("company")).Tone(v.ToneMuted),
		).Gap(v.SpaceXS),
		v.Box(presence).Row(),
		b.code(),
		v.Text(changes).Tone(v.ToneMuted).Size(v.SizeS).Live(true),
	).Panel().Padding(v.SpaceL).Gap(v.SpaceM).Label("Badge")
}

// code is the code that the door reads, drawn by the page's own component. A page that has none shows it in words.
func (b *badge) code() v.Node {
	here, _ := b.shown["here"].(bool)
	props := v.HostProps(map[string]any{"value": b.id, "spent": here})
	return v.Host("Entry code", "demo.code", v.Fallback(v.Text("Entry code: "+b.id).Mono(true))).Props(props).OnCall(func(name, _ string) {
		if name == "scan" && !b.saving {
			b.check(true)
		}
	})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// form changes the badge.
func (b *badge) form() v.Node {
	edit := func(name string) func(string) { return func(s string) { b.edited[name] = s } }
	here, _ := b.shown["here"].(bool)
	check := v.Button("Check in").Icon(v.GlyphCheck)
	if here {
		check = v.Button("Check out").Icon(v.GlyphBack)
	}
	return v.Box(
		v.TextField("Name").Value(b.field("name")).OnInput(edit("name")),
		v.TextField("Company").Value(b.field("company")).OnInput(edit("company")),
		v.Box(
			v.Button("Save").Primary().Busy(b.saving).Disabled(b.saving || len(b.edited) == 0).OnClick(b.save),
			check.Disabled(b.saving).OnClick(func() { b.check(!here) }),
		).Row().Gap(v.SpaceS).Wrap(true),
	).Gap(v.SpaceM).Label("Change the badge")
}
