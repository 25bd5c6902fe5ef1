// Attendee shows the badge of one attendee, the one that the install names, and lets the person change
// it. What others change shows at once: the plugin hears the channel attendee.updated of this attendee.
package main

import (
	"errors"
	"fmt"

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
	edited  map[string]any // what the person has typed and not saved
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
	b.ctx.Subscribe(v.Topic{Channel: channel, Key: key, Instance: id}, func(v.Message) {
		if !b.saving {
			b.changes++
		}
		b.load()
	}, func(error) { b.live = false })
}

func (b *badge) load() {
	b.ctx.Data(&v.Query{Model: model, Ability: "view", Key: key, Instance: b.id}, b.have)
}

// have takes what the application says of the attendee.
func (b *badge) have(value any, err error) {
	b.saving = false
	record, ok := value.(map[string]any)
	switch {
	case errors.Is(err, v.Denied):
		b.problem = "This page does not let the plugin see the attendee."
	case errors.Is(err, v.NotFound):
		b.problem = "There is no such attendee any more."
	case err != nil || !ok:
		b.problem = "The attendee cannot be had now."
	default:
		b.shown, b.problem = record, ""
	}
}

// save sends what was edited.
func (b *badge) save() {
	if len(b.edited) == 0 {
		return
	}
	b.saving = true
	b.ctx.Data(&v.Query{Model: model, Ability: "update", Key: key, Instance: b.id, Value: b.edited}, func(value any, err error) {
		if b.have(value, err); err == nil {
			b.edited = map[string]any{}
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
		page.Add(v.Text(b.problem).Tone(v.ToneDanger))
	}
	if b.shown == nil {
		if b.problem == "" {
			page.Add(v.Text("Looking the attendee up.").Tone(v.ToneMuted))
		}
		return page
	}
	return page.Add(v.Box(b.card(), b.form()).Row().Gap(v.SpaceM).Wrap(true))
}

// card is the badge.
func (b *badge) card() v.Node {
	state, tone := "Live: changes show here at once", v.ToneGood
	if !b.live {
		state, tone = "Not live: reload to see changes", v.ToneMuted
	}
	name, _ := b.shown["name"].(string)
	company, _ := b.shown["company"].(string)
	ticket, _ := b.shown["ticket"].(string)
	card := v.Box(
		v.Text(ticket).Tone(v.ToneMuted).Size(v.SizeS),
		v.Heading(name).Level(3),
		v.Text(company),
		v.Text(b.presence()),
		v.Text(state).Tone(tone).Size(v.SizeS),
	).Panel().Padding(v.SpaceM).Gap(v.SpaceS).Grow(true).Label("Badge")
	if b.changes > 0 {
		card.Add(v.Text(fmt.Sprintf("Changed by others %s since you came.", times(b.changes))).Tone(v.ToneMuted).Size(v.SizeS))
	}
	return card
}

func (b *badge) presence() string {
	if here, _ := b.shown["here"].(bool); here {
		return "Checked in"
	}
	return "Not here yet"
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
	check := "Check in"
	if here {
		check = "Check out"
	}
	save := "Save"
	if b.saving {
		save = "Saving"
	}
	return v.Box(
		v.TextField("Name").Value(b.field("name")).OnInput(edit("name")),
		v.TextField("Company").Value(b.field("company")).OnInput(edit("company")),
		v.Box(
			v.Button(save).Primary().Disabled(b.saving || len(b.edited) == 0).OnClick(b.save),
			v.Button(check).Disabled(b.saving).OnClick(func() { b.edited["here"] = !here; b.save() }),
		).Row().Gap(v.SpaceS).Wrap(true),
	).Gap(v.SpaceS).Grow(true).Label("Change the badge")
}
