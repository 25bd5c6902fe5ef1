package main

import v "github.com/vitrine-run/vitrine/sdk/go"

func (s *state) buttons() []v.Node {
	click := func() { s.say("click") }
	return []v.Node{
		row(v.Button("Primary").Primary().OnClick(click), v.Button("Secondary").OnClick(click), v.Button("Plain").Plain().OnClick(click), v.Button("Danger").Danger().OnClick(click)),
		row(v.Button("With an icon").Icon(v.GlyphAdd).OnClick(click), v.Button("Busy").Busy(true), v.Button("Disabled").Disabled(true), v.Button("Off").Pressed(v.ButtonPressedOff).OnClick(click), v.Button("On").Pressed(v.ButtonPressedOn).OnClick(click)),
		row(v.Link("A link", "https://example.com/"), v.Link("With an icon", "/somewhere").Icon(v.GlyphLink), v.Link("Mail", "mailto:someone@example.com").Tone(v.ToneDefault)),
	}
}

func (s *state) fields() []v.Node {
	return []v.Node{
		v.Grid(
			v.TextField("Name").Value(s.name).Required(true).Hint("As on the card.").OnInput(func(value string) { s.name = value; s.say("input %s", value) }),
			v.TextField("Empty").Placeholder("An example"),
			v.TextField("Wrong").Value("x@").Type(v.TextFieldTypeEmail).Error("This is not an address."),
			v.TextField("Disabled").Value("Fixed").Disabled(true),
			v.NumberField("Number").Value(250).Min(1).Max(500).Unit("kg").OnChange(func(n float64) { s.say("change %g", n) }),
			v.DateField("Date").Value(s.due).OnChange(func(value string) { s.due = value; s.say("change %s", value) }),
			v.DateField("Time").Type(v.DateFieldTypeTime).Value("14:30"),
			v.ComboBox("City", v.Option("Évora", "Évora"), v.Option("Çeşme", "Çeşme")).Value(s.city).OnInput(func(value string) { s.city = value }),
			v.Select("Chosen", v.Option("Sunset", "a"), v.Option("Ocean", "b"), v.Option("Not now", "c").Disabled(true)).Value("b"),
			v.Slider("Volume", s.volume, 0, 100).Unit("%").OnInput(func(n float64) { s.volume = n }),
			v.Select("Off", v.Option("Only", "a")).Value("a").Disabled(true),
			v.Slider("Off", 3, 0, 10).Disabled(true),
		).Gap(v.SpaceM),
		v.TextField("Several lines").Type(v.TextFieldTypeMultiline).Rows(3).Value("One\nTwo"),
		v.FileField("A file").Accept(".csv").Hint("Choose one or drop it here.").OnFile(func(f v.File) { s.say("file %s", f.Name) }),
		v.FileField("A wrong file").Error("Line 3: a quote is not closed."),
		v.Fieldset("An address",
			v.Grid(v.TextField("Street"), v.TextField("Town")).Columns(2),
		).Hint("Enter submits it.").OnSubmit(func() { s.say("submit") }),
		v.Fieldset("Switched off", v.TextField("Street")).Disabled(true),
	}
}

func (s *state) choices() []v.Node {
	return []v.Node{
		v.Grid(
			v.Box(
				v.Checkbox("I agree").Value(s.agreed).Hint("To what is written.").OnChange(func(on bool) { s.agreed = on; s.say("change %t", on) }),
				v.Checkbox("Some of it").Mixed(true), v.Checkbox("Needed").Required(true).Error("This must be ticked."), v.Checkbox("Disabled").Disabled(true),
			).Label("Checkboxes"),
			v.Box(
				v.Switch("Notifications").Value(s.on).OnChange(func(on bool) { s.on = on; s.say("change %t", on) }),
				v.Switch("Off"), v.Switch("Disabled").Value(true).Disabled(true),
			).Label("Switches"),
			v.RadioGroup("Plan", v.Radio("Free", "free").Hint("Three seats"), v.Radio("Team", "team").Hint("Fifty seats"), v.Radio("Not offered", "no").Disabled(true)).
				Value(s.plan).OnChange(func(value string) { s.plan = value; s.say("change %s", value) }),
			v.RadioGroup("In a row", v.Radio("Left", "l"), v.Radio("Right", "r")).Value("l").Direction(v.RadioGroupDirectionRow).Error("Neither is right."),
		).Gap(v.SpaceL).Min(v.GridMinL),
	}
}

func (s *state) above() []v.Node {
	nodes := []v.Node{row(
		v.Menu("Actions", v.MenuItem("Rename").Icon(v.GlyphEdit).OnClick(func() { s.say("rename") }), v.MenuItem("Not now").Disabled(true), v.MenuItem("Delete").Tone(v.ToneDanger).Divided(true).OnClick(func() { s.say("delete") })),
		v.Popover("Details", v.Text("What is shown beside the button."), v.Button("Do it").OnClick(func() { s.say("done") })),
		v.Button("Open a dialog").OnClick(func() { s.dialog = true }),
	)}
	if s.dialog {
		shut := func() { s.dialog = false; s.say("closed") }
		nodes = append(nodes, v.Dialog("Rename the table", v.TextField("New name"), row(v.Button("Rename").Primary().OnClick(shut), v.Button("Cancel").OnClick(shut))).
			Text("Others see the new name at once.").OnClose(shut))
	}
	return nodes
}
