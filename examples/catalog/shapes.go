package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

func (s *state) layout() []v.Node {
	return []v.Node{
		v.Grid(
			v.Card(v.Text("What belongs together.")).Title("A card").Text("With a line under the title").Icon(v.GlyphStar),
			v.Card(v.Badge("new").Tone(v.ToneAccent)).Title("To be pressed").OnClick(func() { s.say("card") }),
			v.Card(v.Text("Marked as chosen.")).Title("Chosen").Selected(true),
			v.Box(v.Text("inset")).Surface(v.BoxSurfaceInset).Padding(v.SpaceM), v.Box(v.Text("panel")).Surface(v.BoxSurfacePanel).Padding(v.SpaceM),
		).Columns(3),
		v.Tabs("Views",
			v.Tab("Overview", "one", v.Text("The first panel.")), v.Tab("History", "two", v.Text("The second panel.")), v.Tab("Locked", "three").Disabled(true),
		).Value(s.tab).OnChange(func(value string) { s.tab = value; s.say("tab %s", value) }),
		v.Details("More about it", v.Text("What was folded away.")).Value(s.open).OnToggle(func(open bool) { s.open = open; s.say("open %t", open) }),
	}
}

func (s *state) lists() []v.Node {
	items := func(on bool) (items []v.ItemNode) {
		for i, word := range []string{"Amsterdam", "Berlin", "Çeşme"} {
			item := v.Item().Text(word).Key(word)
			if on {
				item = item.Icon(v.GlyphHome).Selected(i == 1).OnClick(func() { s.say("%s", word) })
			}
			items = append(items, item)
		}
		return items
	}
	return []v.Node{
		v.Grid(v.List(items(false)...).Label("Bullets"), v.List(items(false)...).Marks(v.ListMarksNumber), v.List(items(true)...).Marks(v.ListMarksDivided)).Columns(3),
		v.Facts(v.Fact("Owner").Text("Ada Lovelace"), v.Fact("State", v.Badge("open").Tone(v.ToneGood)), v.Fact("Rows").Text("50,000").Hint("+3 % in a week")),
		v.Facts(v.Fact("Revenue").Text("€ 48,210").Hint("+12 %"), v.Fact("Orders").Text("1,204"), v.Fact("Returns").Text("3.1 %").Tone(v.ToneDanger)).Layout(v.FactsLayoutTiles),
	}
}

func tables() []v.Node {
	table := func(label string) v.TableNode {
		t := v.Table(label, v.Column("City").Sort(v.ColumnSortAscending).OnSort(func() {}), v.Column("Usage").Align(v.AlignEnd).Sort(v.ColumnSortSortable).Hint("kWh").OnSort(func() {}), v.Column("State"))
		for i, city := range []string{"Amsterdam", "Berlin", "Çeşme", "Dresden", "Évora"} {
			state := v.Cell().Text("open").Tone(v.ToneGood)
			if i%3 == 2 {
				state = v.Cell(v.Badge("late").Tone(v.ToneDanger))
			}
			t = t.Add(v.Row(v.Cell().Text(city), v.Cell().Text(fmt.Sprintf("%.2f", float64(i)*1234.5)), state).Key(city).Selected(i == 1))
		}
		return t
	}
	return []v.Node{table("Meters"), table("Compact").Compact()}
}

func pictures() []v.Node {
	d := new(v.Drawing).Line(v.InkFaint, 0, 60, 240, 60)
	for i, high := range []int{10, 25, 44, 58, 40, 22, 9} {
		d.Rect(v.InkAccent, 8+i*33, 60-high, 28, high)
	}
	return []v.Node{
		v.Grid(
			v.Chart("Sales by month", v.Series("Sales").Points("1 3 2 5 4 6 8 7 9"), v.Series("Costs").Points("2 2 3 3 4 4 5 6 6")).Type(v.ChartTypeLine).Labels("Jan\nFeb\nMar\nApr\nMay\nJun\nJul\nAug\nSep").Unit("k"),
			v.Chart("Visits by day", v.Series("Web").Points("12 19 8 14 21"), v.Series("App").Points("4 6 9 3 5").Tone(v.ToneGood)).Type(v.ChartTypeBar).Stacked(true).Labels("Mon\nTue\nWed\nThu\nFri"),
			v.Chart("Load", v.Series("Load").Points("3 4 4 6 9 7 5 4 6 8")).Type(v.ChartTypeArea),
		).Min(v.GridMinL),
		row(v.Text("Trend"), v.Box(v.Chart("Trend of the last week", v.Series("Trend").Points("4 6 5 8 7 9 12")).Bare(true).Height(32)).Grow(true)),
		v.Canvas("A histogram", 240, 64).Drawing(d),
		row(icons()...),
		row(v.Icon().Name(v.GlyphWarning).Tone(v.ToneWarning).Label("Careful").Size(v.SizeXL)),
	}
}

func (s *state) messages() []v.Node {
	return []v.Node{
		v.Banner("Something to know.").Title("News."), v.Banner("It is saved.").Tone(v.BannerToneGood).Closable(true).OnClose(func() { s.say("closed") }),
		v.Banner("Half of it is missing.").Tone(v.BannerToneWarning), v.Banner("It could not be read.", v.Button("Try again").OnClick(func() { s.say("again") })).Tone(v.BannerToneDanger),
		v.Progress("Parsing").Value(0.62), v.Progress("Waiting"),
		v.Grid(v.Skeleton("Text is coming"), v.Skeleton("A picture is coming").Shape(v.SkeletonShapeBlock), v.Skeleton("A face is coming").Shape(v.SkeletonShapeCircle)).Columns(3),
		v.Empty("Nothing found", v.Button("Clear the filter").OnClick(func() { s.say("cleared") })).Text("No row matches the filter.").Icon(v.GlyphSearch),
		v.Empty("It broke").Text("The file could not be read.").Icon(v.GlyphAlert).Tone(v.ToneDanger),
	}
}

func own() []v.Node {
	return []v.Node{
		v.Slot(v.Text("The page has put nothing here.")).Name("aside"),
		v.Host("A map of the meters", "acme.map").Props(`{"zoom":3}`).Href("https://example.com/map"),
		v.Host("Another map", "acme.map", v.Fallback(v.Text("What is shown where the page has no map."))),
	}
}
