package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

func (b *board) view() v.Node {
	page := v.Box(b.chooser()).Gap(v.SpaceM)
	if b.problem != "" {
		page.Add(v.Banner(b.problem).Tone(v.BannerToneDanger))
	}
	if len(b.chosen) == 0 {
		return page.Add(v.Empty("No city yet").Text("Choose one above to see its week."))
	}
	cards := v.Grid().Columns(2).Min(v.GridMinM)
	for _, id := range b.chosen {
		cards.Add(b.card(id).Key(id))
	}
	page.Add(cards)
	if b.of != "" {
		page.Add(b.usually())
	}
	if b.note != "" {
		page.Add(v.Text(b.note).Tone(v.ToneMuted).Size(v.SizeS))
	}
	return page
}

// chooser has a button for each city, which stays down for a chosen one.
func (b *board) chooser() v.Node {
	row := v.Box().Row().Gap(v.SpaceXS).Wrap(true).Label("Cities")
	for _, c := range b.cities {
		pressed := v.ButtonPressedOff
		if slices.Contains(b.chosen, c.ID) {
			pressed = v.ButtonPressedOn
		}
		row.Add(v.Button(c.Name).Key(c.ID).Pressed(pressed).OnClick(func() { b.toggle(c.ID) }))
	}
	return row.Add(v.Button("Refresh").Plain().Icon(v.GlyphRefresh).OnClick(b.refresh))
}

// card is the week of one city.
func (b *board) card(id string) v.BoxNode {
	name, week := b.name(id), b.inUnits(b.weeks[id])
	title := v.Box(v.Heading(name).Level(3)).Row().Gap(v.SpaceS).Align(v.BoxAlignCenter).Justify(v.BoxJustifyBetween).Wrap(true)
	card := v.Box(title).Panel().Padding(v.SpaceM).Gap(v.SpaceS)
	if len(week) == 0 {
		return card.Add(v.Skeleton("Waiting for the forecast"))
	}
	today := week[0]
	if today.Rain >= wet {
		title.Add(v.Badge(fmt.Sprintf("Rain %d %%", today.Rain)).Tone(v.ToneAccent))
	} else {
		title.Add(v.Badge(fmt.Sprintf("Rain %d %%", today.Rain)).Tone(v.ToneMuted))
	}
	return card.Add(
		v.Box(
			v.Text(degrees(today.High)).Size(v.SizeXL).Strong(true),
			v.Text("today, down to "+degrees(today.Low)).Tone(v.ToneMuted).Size(v.SizeS),
		).Row().Gap(v.SpaceS).Align(v.BoxAlignBaseline).Wrap(true),
		v.Canvas(describe(name, week), chartWidth, chartHeight).Drawing(drawWeek(week)).Fluid(true),
		v.Box(v.Button("What is usual?").Plain().Icon(v.GlyphChart).Label("What is usual in "+name+"?").OnClick(func() { b.learn(id) })).Row(),
	)
}

// inUnits is a week in the units that an admin has set.
func (b *board) inUnits(week []day) (out []day) {
	for _, d := range week {
		d.Low, d.High = int(math.Round(b.inUnit(float64(d.Low)))), int(math.Round(b.inUnit(float64(d.High))))
		out = append(out, d)
	}
	return out
}

func (b *board) inUnit(celsius float64) float64 {
	if b.ctx.Settings().String("units", "metric") == "imperial" {
		return celsius*9/5 + 32
	}
	return celsius
}

// degrees is a temperature with a minus sign that is one.
func degrees(t int) string {
	if t < 0 {
		return fmt.Sprint("\u2212", -t, "°")
	}
	return fmt.Sprint(t, "°")
}

// describe says the chart for who does not see it.
func describe(name string, week []day) string {
	s := name + ": "
	for i, d := range week {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s %s to %s, rain %d %%", d.Day, degrees(d.Low), degrees(d.High), d.Rain)
	}
	return s
}

const (
	wet = 50 // per cent from which rain is likely

	chartWidth  = 308
	chartHeight = 176
	chartTop    = 22
	chartBottom = 56
)

// drawWeek draws a bar from the low to the high of each day; the days on which rain is likely stand out.
func drawWeek(week []day) *v.Drawing {
	low, high := week[0].Low, week[0].High
	for _, d := range week {
		low, high = min(low, d.Low), max(high, d.High)
	}
	d := new(v.Drawing)
	y := func(t int) int {
		return chartTop + (high-t)*(chartHeight-chartTop-chartBottom)/max(1, high-low)
	}
	for i, w := range week {
		middle := (2*i + 1) * chartWidth / (2 * len(week))
		bar, words := v.InkMuted, v.InkMuted
		if w.Rain >= wet {
			bar, words = v.InkAccent, v.InkAccent
		}
		d.Rect(bar, middle-6, y(w.High), 12, max(3, y(w.Low)-y(w.High)))
		d.Label(v.InkDefault, middle, y(w.High)-6, v.AnchorMiddle, degrees(w.High))
		d.Label(v.InkMuted, middle, y(w.Low)+14, v.AnchorMiddle, degrees(w.Low))
		d.Label(v.InkDefault, middle, chartHeight-20, v.AnchorMiddle, w.Day)
		d.Label(words, middle, chartHeight-4, v.AnchorMiddle, fmt.Sprint(w.Rain, "%"))
	}
	return d
}

// usually is what the job has come to.
func (b *board) usually() v.Node {
	name := b.name(b.of)
	closer := v.Button("Close").Plain().Icon(v.GlyphClose).OnClick(func() { b.climate.Stop(); b.of = "" })
	panel := v.Box(
		v.Box(v.Heading("Usually in "+name).Level(3), closer).Row().Gap(v.SpaceS).Align(v.BoxAlignCenter).Justify(v.BoxJustifyBetween),
	).Panel().Padding(v.SpaceM).Gap(v.SpaceS)
	switch {
	case b.failures != "":
		return panel.Add(v.Banner(b.failures).Tone(v.BannerToneDanger))
	case b.usual == nil:
		return panel.Add(v.Progress(fmt.Sprintf("%d of %d years", b.done, years)).Value(float64(b.done) / years))
	}
	points := make([]string, len(b.usual))
	for m, t := range b.usual {
		points[m] = strconv.FormatFloat(b.inUnit(t), 'f', 1, 64)
	}
	return panel.Add(
		v.Text(fmt.Sprintf("Mean of each month, %d to %d", firstYear, firstYear+years-1)).Tone(v.ToneMuted).Size(v.SizeS),
		v.Chart("Mean temperature of each month in "+name, v.Series(name).Points(strings.Join(points, " ")).Tone(v.ToneAccent)).
			Type(v.ChartTypeBar).Height(180).Unit("°").Labels(strings.Join(strings.Split("JFMAMJJASOND", ""), "\n")),
	)
}
