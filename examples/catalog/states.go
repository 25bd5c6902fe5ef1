package main

import v "github.com/vitrine-run/vitrine/sdk/go"

// The states of components that are rarer than those in the other files, section by section.

func rareButtons(say func(string)) []v.Node {
	var links []v.Node
	for _, t := range tones[1:] {
		links = append(links, v.Link(t.name+" link", "/somewhere").Tone(t.tone).OnClick(func() { say("link") }))
	}
	return []v.Node{row(links...)}
}

func rareFields(say func(string)) []v.Node {
	heard := func(string) { say("heard") }
	return []v.Node{
		v.Grid(
			v.TextField("Search").Type(v.TextFieldTypeSearch).OnChange(heard).OnSubmit(heard),
			v.TextField("Address of a page").Type(v.TextFieldTypeURL), v.TextField("Telephone").Type(v.TextFieldTypeTel),
			v.NumberField("Needed number").Required(true), v.NumberField("Fixed number").Value(4).Disabled(true),
			v.DateField("Month").Type(v.DateFieldTypeMonth).Value("2026-11"), v.DateField("Date and time").Type(v.DateFieldTypeDatetime).Value("2026-11-21T14:30"),
			v.DateField("Needed date").Required(true), v.DateField("Fixed date").Value("2026-11-21").Disabled(true),
			v.ComboBox("Needed city", v.Option("Évora", "Évora")).Required(true).OnChange(heard), v.ComboBox("Fixed city", v.Option("Évora", "Évora")).Value("Évora").Disabled(true),
			v.Select("Needed choice", v.Option("Sunset", "a"), v.Option("Ocean", "b")).Required(true).OnChange(heard),
			v.Slider("Brightness", 3, 0, 10).OnChange(func(float64) { say("heard") }),
		).Gap(v.SpaceM),
		v.FileField("A file that is fixed").Disabled(true),
	}
}

func rareChoices() []v.Node {
	return []v.Node{v.Grid(
		v.RadioGroup("Needed plan", v.Radio("Yearly", "y"), v.Radio("Monthly", "m")).Required(true),
		v.RadioGroup("Fixed plan", v.Radio("Yearly", "y"), v.Radio("Monthly", "m")).Value("y").Disabled(true),
	).Min(v.GridMinL)}
}

func (s *state) rareAbove() []v.Node {
	item := func() v.MenuItemNode { return v.MenuItem("Only this") }
	toned := []v.MenuItemNode{}
	for _, t := range tones[1:] {
		toned = append(toned, v.MenuItem("In "+t.name).Tone(t.tone))
	}
	text := v.Text
	nodes := []v.Node{
		row(v.Menu("Main menu", toned...).Primary(), v.Menu("Plain menu", item()).Plain(), v.Menu("Menu with an icon", item()).Icon(v.GlyphMore), v.Menu("Menu that is off", item()).Disabled(true)),
		row(v.Popover("Main", text("Below.")).Primary(), v.Popover("Above it", text("Above.")).Side(v.PopoverSideAbove).Plain(),
			v.Popover("Before it", text("At its start.")).Side(v.PopoverSideStart).Icon(v.GlyphInfo),
			v.Popover("Behind it", text("At its end.")).Side(v.PopoverSideEnd).OnToggle(func(open bool) { s.say("popover %t", open) })),
		row(v.Button("Ask").OnClick(func() { s.asks = true }), v.Button("Open a large one").OnClick(func() { s.large = true })),
	}
	if s.asks {
		shut := func() { s.asks = false; s.say("answered") }
		nodes = append(nodes, v.Dialog("Delete the table?", row(v.Button("Delete it").Danger().OnClick(shut), v.Button("Keep it").OnClick(shut))).
			Kind(v.DialogKindAlert).Size(v.DialogSizeS).OnClose(shut))
	}
	if s.large {
		shut := func() { s.large = false; s.say("closed") }
		nodes = append(nodes, v.Dialog("Much to read", v.Text("There is room here."), v.Button("Done").OnClick(shut)).Size(v.DialogSizeL).OnClose(shut))
	}
	return nodes
}

func rareLayout() []v.Node {
	pair := func() []v.Node { return []v.Node{v.Text("one"), v.Text("two").Size(v.SizeL)} }
	box := func() v.BoxNode { return v.Box(pair()...).Row().Surface(v.BoxSurfaceInset) }
	var gaps []v.Node
	for _, space := range []v.Space{v.SpaceXS, v.SpaceS, v.SpaceM, v.SpaceL, v.SpaceXL} {
		gaps = append(gaps, box().Gap(space).Padding(space))
	}
	long := v.CodeBlock("a long line that is not broken, in a box of its own which can be moved below it from one end to the other, with the keyboard as well").Label("A long line")
	grids := []v.Node{}
	for _, space := range []v.Space{v.SpaceXS, v.SpaceS, v.SpaceXL} {
		grids = append(grids, v.Grid(pair()...).Gap(space))
	}
	return []v.Node{
		row(gaps...),
		row(box().Gap(v.SpaceM).Align(v.BoxAlignStart), box().Gap(v.SpaceM).Align(v.BoxAlignEnd), box().Gap(v.SpaceM).Align(v.BoxAlignBaseline)),
		box().Justify(v.BoxJustifyCenter), box().Justify(v.BoxJustifyEnd), box().Justify(v.BoxJustifyBetween),
		v.Box(long).Scroll(v.BoxScrollX).Label("To be moved sideways"), v.Box(v.Text("Moved up and down")).Scroll(v.BoxScrollY).Label("To be moved up and down"),
		v.Box(v.Text("Moved both ways")).Scroll(v.BoxScrollBoth).Label("To be moved both ways"),
		v.Grid(grids...).Min(v.GridMinS), v.Grid(pair()...).Min(v.GridMinXs), v.Grid(pair()...).Min(v.GridMinXl),
		v.Card(v.Text("Below a heading of rank 2.")).Title("Rank 2").Level(v.CardLevel2), v.Card(v.Text("Below one of rank 3.")).Title("Rank 3"), v.Card(v.Text("Below one of rank 4.")).Title("Rank 4").Level(v.CardLevel4),
		v.Tabs("Views with icons", v.Tab("Home", "h", v.Text("At home.")).Icon(v.GlyphHome), v.Tab("Mail", "m", v.Text("No mail.")).Icon(v.GlyphMail)).Value("h"),
		v.Details("Open from the start", v.Text("What is not folded away.")).Value(true),
	}
}

func rareLists() []v.Node {
	var facts []v.FactNode
	for _, t := range tones[1:] {
		facts = append(facts, v.Fact("In "+t.name).Text("12").Tone(t.tone))
	}
	return []v.Node{
		v.List(v.Item().Text("Without marks"), v.Item().Text("as lines alone")).Marks(v.ListMarksPlain).Label("Plain"),
		v.Facts(facts...).Layout(v.FactsLayoutColumns),
	}
}

func rareTables(say func(string)) []v.Node {
	toned := v.Row().OnClick(func() { say("row") })
	columns := []v.Node{v.Column("Muted").Sort(v.ColumnSortDescending).OnSort(func() {}), v.Column("Accent").Align(v.AlignCenter)}
	for i, t := range tones[1:] {
		cell := v.Cell().Text(t.name).Tone(t.tone)
		switch i {
		case 1:
			cell = cell.Align(v.AlignCenter)
		case 2:
			cell = cell.Align(v.AlignEnd)
		}
		toned = toned.Add(cell)
	}
	for _, t := range tones[3:] {
		columns = append(columns, v.Column(t.name))
	}
	return []v.Node{v.Table("Without a caption", columns...).HideCaption(true).Add(toned)}
}

func rarePictures(say func(string)) []v.Node {
	var icons, series, canvases []v.Node
	var lines []v.SeriesNode
	for _, t := range tones[1:] {
		icons = append(icons, v.Icon().Name(v.GlyphStar).Tone(t.tone))
		lines = append(lines, v.Series(t.name).Points("1 2 3").Tone(t.tone))
	}
	for _, size := range []v.Size{v.SizeXS, v.SizeS, v.SizeM} {
		icons = append(icons, v.Icon().Name(v.GlyphHeart).Size(size))
	}
	series = append(series, v.Chart("Every tone", lines...).Type(v.ChartTypeBar))
	at := func(int, int) { say("canvas") }
	for _, c := range []v.CanvasCursor{v.CanvasCursorPointer, v.CanvasCursorCrosshair, v.CanvasCursorGrab} {
		d := new(v.Drawing).Rect(v.InkAccent, 4, 4, 40, 20)
		canvases = append(canvases, v.Canvas("To be drawn on", 48, 28).Cursor(c).Drawing(d).OnPress(at).OnDragStart(at).OnDrag(at).OnDragEnd(at).
			OnWheel(func(int, int, float64) { say("wheel") }).OnKey(func(string) { say("key") }))
	}
	wide := v.Canvas("As wide as there is room", 240, 32).Fluid(true).OnResize(func(int, int) {}).Drawing(new(v.Drawing).Line(v.InkGood, 0, 16, 240, 16))
	return append(series, row(icons...), row(canvases...), wide, v.Image("Hills below a low sun", "hills.png").Width(96).Height(64))
}

func rareMessages() (nodes []v.Node) {
	for _, t := range []struct {
		name string
		tone v.Tone
	}{{"Muted", v.ToneMuted}, {"Accent", v.ToneAccent}, {"Good", v.ToneGood}, {"Warning", v.ToneWarning}} {
		nodes = append(nodes, v.Empty(t.name).Icon(v.GlyphInfo).Tone(t.tone))
	}
	return []v.Node{v.Grid(nodes...)}
}

func rareOwn(say func(string)) []v.Node {
	return []v.Node{
		v.Host("A map with a legend", "acme.map", v.Part(v.Text("The legend, which the page's map takes in.")).Slot("legend"),
			v.Fallback(v.Text("A legend without a map."))).OnCall(func(string, string) { say("call") }),
	}
}
