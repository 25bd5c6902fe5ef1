package main

import (
	"fmt"
	"math"
	"slices"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

func (b *board) view() v.Node {
	page := v.Box(b.chooser()).Gap(v.SpaceM)
	if b.problem != "" {
		page.Add(v.Text(b.problem).Tone(v.ToneDanger))
	}
	cards := v.Box().Row().Gap(v.SpaceM).Wrap(true)
	for _, id := range b.chosen {
		cards.Add(b.card(id).Key(id))
	}
	if len(b.chosen) == 0 {
		cards.Add(v.Text("Choose a city to see its week.").Tone(v.ToneMuted))
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

// chooser has a button for each city; that of a chosen one stands out.
func (b *board) chooser() v.Node {
	row := v.Box().Row().Gap(v.SpaceXS).Wrap(true).Label("Cities")
	for _, c := range b.cities {
		button := v.Button(c.Name).Key(c.ID).OnClick(func() { b.toggle(c.ID) })
		if slices.Contains(b.chosen, c.ID) {
			button = button.Primary()
		}
		row.Add(button)
	}
	return v.Box(row, v.Button("Refresh").OnClick(b.refresh)).Row().Gap(v.SpaceM).Wrap(true).Justify(v.BoxJustifyBetween)
}

// card is the week of one city.
func (b *board) card(id string) v.BoxNode {
	card := v.Box(v.Heading(b.name(id)).Level(3)).Panel().Padding(v.SpaceM).Gap(v.SpaceS).Grow(true)
	week := b.weeks[id]
	if len(week) == 0 {
		return card.Add(v.Text("Waiting for the forecast.").Tone(v.ToneMuted))
	}
	today := week[0]
	return card.Add(
		v.Text(fmt.Sprintf("Today %d to %d °C, %d %% chance of rain", today.Low, today.High, today.Rain)),
		v.Canvas(describe(b.name(id), week), chartWidth, chartHeight).Drawing(drawWeek(week)).Fluid(true),
		v.Box(v.Button("What is usual?").OnClick(func() { b.learn(id) })).Row(),
	)
}

// describe says the chart for who does not see it.
func describe(name string, week []day) string {
	s := name + ": "
	for i, d := range week {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s %d to %d °C", d.Day, d.Low, d.High)
	}
	return s
}

const (
	chartWidth  = 336
	chartHeight = 150
	chartTop    = 24
	chartBottom = 26
)

// drawWeek draws a bar from the low to the high of each day; the days with rain are in the accent colour.
func drawWeek(week []day) *v.Drawing {
	low, high := week[0].Low, week[0].High
	for _, d := range week {
		low, high = min(low, d.Low), max(high, d.High)
	}
	d := new(v.Drawing)
	y := func(t int) int {
		return chartTop + (high-t)*(chartHeight-chartTop-chartBottom-14)/max(1, high-low)
	}
	for i, w := range week {
		middle := (2*i + 1) * chartWidth / (2 * len(week))
		ink := v.InkWarning
		if w.Rain >= 50 {
			ink = v.InkAccent
		}
		d.Rect(ink, middle-7, y(w.High), 14, max(3, y(w.Low)-y(w.High)))
		d.Label(v.InkDefault, middle, y(w.High)-6, v.AnchorMiddle, fmt.Sprint(w.High, "°"))
		d.Label(v.InkMuted, middle, y(w.Low)+14, v.AnchorMiddle, fmt.Sprint(w.Low, "°"))
		d.Label(v.InkMuted, middle, chartHeight-4, v.AnchorMiddle, w.Day)
	}
	return d
}

// usually is what the job has come to.
func (b *board) usually() v.Node {
	panel := v.Box(v.Heading("Usually in " + b.name(b.of)).Level(3)).Panel().Padding(v.SpaceM).Gap(v.SpaceS)
	switch {
	case b.failures != "":
		return panel.Add(v.Text(b.failures).Tone(v.ToneDanger))
	case b.usual == nil:
		return panel.Add(
			v.Progress(fmt.Sprintf("%d of %d years", b.done, years)).Value(float64(b.done)/years),
			v.Box(v.Button("Stop").OnClick(func() { b.climate.Stop(); b.of = "" })).Row(),
		)
	}
	d := new(v.Drawing)
	low, high := math.Min(0, slices.Min(b.usual)), math.Max(0, slices.Max(b.usual))
	y := func(t float64) int {
		return chartTop + int((high-t)*float64(chartHeight-chartTop-chartBottom)/math.Max(1, high-low))
	}
	for m, t := range b.usual {
		middle := (2*m + 1) * 2 * chartWidth / (2 * len(b.usual))
		d.Rect(v.InkAccent, middle-14, min(y(t), y(0)), 28, max(2, y(0)-y(t)))
		d.Label(v.InkDefault, middle, min(y(t), y(0))-6, v.AnchorMiddle, fmt.Sprintf("%.0f°", t))
		d.Label(v.InkMuted, middle, chartHeight-4, v.AnchorMiddle, "JFMAMJJASOND"[m:m+1])
	}
	d.Line(v.InkFaint, 0, y(0), 2*chartWidth, y(0))
	return panel.Add(
		v.Text(fmt.Sprintf("Mean of each month, %d to %d", firstYear, firstYear+years-1)).Tone(v.ToneMuted),
		v.Canvas(fmt.Sprintf("Mean temperature of each month in %s", b.name(b.of)), 2*chartWidth, chartHeight).Drawing(d).Fluid(true),
	)
}
