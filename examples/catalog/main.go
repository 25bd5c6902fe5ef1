// Command catalog is a plugin that shows every component of the catalog in every state, for those who
// design with them and for the tests of how they look.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(newCatalog)

// state is what the person has set; the components are all alive.
type state struct {
	name, tab, plan, due, city string
	agreed, on, open           bool
	dialog, asks, large        bool
	volume                     float64
	said                       string
}

func newCatalog(*v.Context) v.View {
	s := &state{name: "Ada Lovelace", tab: "one", plan: "team", due: "2026-11-21", city: "Évora", agreed: true, on: true, volume: 40}
	return s.view
}

func (s *state) view() v.Node {
	said := func(what string) { s.say("%s", what) }
	return v.Box(
		v.Text("Last event: "+s.said).Tone(v.ToneMuted).Live(true),
		section("Words", words()...),
		section("Buttons and links", append(s.buttons(), rareButtons(said)...)...),
		section("Fields", append(s.fields(), rareFields(said)...)...),
		section("Choices", append(s.choices(), rareChoices()...)...),
		section("Above the page", append(s.above(), s.rareAbove()...)...),
		section("Layout", append(s.layout(), rareLayout()...)...),
		section("Lists and facts", append(s.lists(), rareLists()...)...),
		section("Tables", append(tables(), rareTables(said)...)...),
		section("Pictures and charts", append(pictures(), rarePictures(said)...)...),
		section("Messages and waiting", append(s.messages(), rareMessages()...)...),
		section("Of the page's own", append(own(), rareOwn(said)...)...),
	).Gap(v.SpaceXL)
}

func (s *state) say(format string, args ...any) { s.said = fmt.Sprintf(format, args...) }

func section(title string, nodes ...v.Node) v.Node {
	return v.Box(append([]v.Node{v.Heading(title)}, nodes...)...).Gap(v.SpaceM)
}

func row(nodes ...v.Node) v.Node {
	return v.Box(nodes...).Row().Wrap(true).Gap(v.SpaceM).Align(v.BoxAlignCenter)
}

var tones = []struct {
	name string
	tone v.Tone
}{{"default", v.ToneDefault}, {"muted", v.ToneMuted}, {"accent", v.ToneAccent}, {"good", v.ToneGood}, {"warning", v.ToneWarning}, {"danger", v.ToneDanger}}

func words() []v.Node {
	var texts, badges []v.Node
	for _, t := range tones {
		texts = append(texts, v.Text(t.name).Tone(t.tone))
		badges = append(badges, v.Badge(t.name).Tone(t.tone))
	}
	sizes := row(v.Text("extra small").Size(v.SizeXS), v.Text("small").Size(v.SizeS), v.Text("medium"), v.Text("large").Size(v.SizeL), v.Text("extra large").Size(v.SizeXL))
	return []v.Node{
		row(v.Heading("Rank 3").Level(3), v.Heading("Rank 4").Level(4)),
		row(texts...), sizes, row(v.Text("strong").Strong(true), v.Text("mono 0123").Mono(true)),
		row(append(badges, v.Badge("with an icon").Tone(v.ToneGood).Icon(v.GlyphCheck))...),
		v.CodeBlock("func main() {\n\tfmt.Println(\"hello\")\n}").Label("A program"),
		v.CodeBlock("a long line that is broken where there is no more room for it, because it wraps").Wrap(true),
		v.Divider(), v.Divider().Text("or"),
		row(v.Text("left"), v.Divider().Direction(v.DividerDirectionColumn), v.Text("right")),
	}
}

func icons() (nodes []v.Node) {
	for g := v.GlyphAdd; g <= v.GlyphWarning; g++ {
		nodes = append(nodes, v.Icon().Name(g).Size(v.SizeL))
	}
	return nodes
}

func main() {}
