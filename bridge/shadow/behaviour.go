package shadow

import (
	"math"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// What components do beyond their line in the table, as far as it shows (shell/src/parts): when they are made, when a
// property is set (true if that is all there is to do), and when everything is in them.
var (
	makes = map[uint16]func(*drawn){
		abi.ComponentCombobox: func(n *drawn) {
			id := n.newID()
			n.part(5).set("id", id)
			n.part(2).set("list", id)
		},
	}
	sets = map[uint16]func(n *drawn, name string, v value) bool{
		abi.ComponentTable: func(n *drawn, name string, v value) bool {
			if name == "hidecaption" {
				n.part(1).put("class", "unseen", v.truthy)
			}
			return name == "hidecaption"
		},
		abi.ComponentBanner: func(n *drawn, name string, v value) bool {
			if name == "tone" && v.words == "danger" {
				n.el.set("role", "alert")
			}
			return false
		},
		abi.ComponentTextfield: textfieldSet,
	}
	afters map[uint16]func(n *drawn, parts [10]*element)
)

func init() { // they call what asks for them
	afters = map[uint16]func(n *drawn, parts [10]*element){
		abi.ComponentBox: box, abi.ComponentCell: cell, abi.ComponentColumn: column, abi.ComponentProgress: progress, abi.ComponentDialog: dialog,
		abi.ComponentSelect: choose, abi.ComponentSlider: slider, abi.ComponentRadiogroup: radiogroup, abi.ComponentTabs: tabs,
		abi.ComponentPopover: opener, abi.ComponentMenu: opener, abi.ComponentHost: host,
		abi.ComponentTextfield: func(n *drawn, _ [10]*element) { valueInside(n.part(2)) },
	}
}

// textfieldSet: several lines are an element of another kind.
func textfieldSet(n *drawn, name string, v value) bool {
	if name != "type" {
		return false
	}
	input := n.part(2)
	switch v.words {
	case "multiline":
		input.tag = "textarea"
		input.unset("type")
	default:
		input.set("type", v.words)
	}
	return true
}

// valueInside: where there are several lines the value stands inside.
func valueInside(input *element) {
	if input.tag == "textarea" {
		input.text = input.get("value")
		input.unset("value")
	}
}

// cell: lines of a table may break where a cell holds more than text.
func cell(n *drawn, _ [10]*element) {
	table := n.up
	for table != nil && table.spec.Name != "table" {
		table = table.up
	}
	if table != nil && len(n.kids) > 0 {
		table.el.set("data-rich", "")
	}
}

func box(n *drawn, _ [10]*element) {
	label, _ := n.get("label")
	scroll, _ := n.get("scroll")
	n.el.put("role", "group", label.truthy || scroll.truthy)
	n.el.put("aria-label", label.words, label.truthy)
	holds := false
	for _, k := range n.kids {
		holds = holds || k.el.get("class") == "table"
	}
	n.el.put("tabindex", "0", scroll.truthy && !holds)
}

// column: a header that can be sorted by holds a button.
func column(n *drawn, parts [10]*element) {
	if sort, _ := n.get("sort"); sort.truthy {
		parts[3].tag = "button"
		parts[3].set("type", "button")
	}
}

func progress(n *drawn, parts [10]*element) {
	most := 1.0
	if v, ok := n.get("max"); ok && v.truthy {
		most, _ = strconv.ParseFloat(v.words, 64)
	}
	parts[2].set("max", number(most))
	v, ok := n.get("value")
	if !ok {
		return
	}
	parts[2].set("value", v.words)
	at, _ := strconv.ParseFloat(v.words, 64)
	if most <= 0 {
		most = 1
	}
	parts[3].text = strconv.Itoa(int(math.Floor(min(max(at/most, 0), 1)*100))) + " %"
}

func dialog(n *drawn, parts [10]*element) {
	parts[4].text = n.options.Name
	n.el.set("open", "")
}

// choose marks the option that is chosen.
func choose(n *drawn, _ [10]*element) {
	chosen, ok := n.get("value")
	for _, k := range n.kids {
		if ok && k.el.get("value") == chosen.words {
			k.el.set("selected", "")
			return
		}
	}
}

func slider(n *drawn, parts [10]*element) {
	step, ok := n.get("step")
	switch {
	case !ok:
		parts[2].set("step", "1")
	case step.truthy:
		parts[2].set("step", step.words)
	default:
		parts[2].set("step", "any")
	}
	v, _ := n.get("value")
	parts[2].set("value", v.words)
	words := v.words
	if unit, _ := n.get("unit"); unit.truthy {
		if !strings.Contains("°′″", unit.words) { // which stand close to the number
			words += " "
		}
		words += unit.words
	}
	parts[5].text = words
	parts[2].set("aria-valuetext", words)
}

func radiogroup(n *drawn, _ [10]*element) {
	name := n.newID()
	chosen, ok := n.get("value")
	off, _ := n.get("disabled")
	for _, k := range n.kids {
		input := k.part(2)
		input.set("name", name)
		v, _ := k.get("value")
		input.put("checked", "", ok && v.words == chosen.words)
		out, _ := k.get("disabled")
		input.put("disabled", "", off.truthy || out.truthy)
	}
}

// tabs makes a row of buttons, of which one is chosen.
func tabs(n *drawn, parts [10]*element) {
	chosen, ok := n.get("value")
	shown := -1
	for k, tab := range n.kids {
		v, _ := tab.get("value")
		if ok && v.words == chosen.words {
			shown = k
			break
		}
	}
	shown = max(shown, 0)
	for k, tab := range n.kids {
		words, _ := tab.get("text")
		off, _ := tab.get("disabled")
		panel, button := n.newID(), n.newID()
		b := &element{tag: "button", text: words.words, attrs: []attribute{{"id", button}, {"type", "button"}, {"role", "tab"},
			{"aria-selected", strconv.FormatBool(k == shown)}, {"tabindex", "-1"}, {"aria-controls", panel}}}
		if k == shown {
			b.set("tabindex", "0")
		}
		b.put("aria-disabled", "true", off.truthy)
		parts[1].kids = append(parts[1].kids, b)
		tab.el.set("id", panel)
		tab.el.set("aria-labelledby", button)
		tab.el.put("hidden", "", k != shown)
	}
}

// opener names what opens.
func opener(n *drawn, parts [10]*element) {
	label, ok := n.get("label")
	if !ok {
		label, _ = n.get("text")
	}
	parts[2].set("aria-label", label.words)
}

// host shows what stands in the place of what the page's own code would show.
func host(n *drawn, _ [10]*element) {
	if len(n.el.kids) > 0 {
		return
	}
	label, _ := n.get("label")
	last := &element{tag: "p", text: label.words, attrs: []attribute{{"class", "text"}}}
	if href, ok := n.get("href"); ok && href.truthy {
		last.tag, last.attrs = "a", []attribute{{"class", "link"}, {"href", href.words}, {"target", "_blank"}, {"rel", "noopener noreferrer"}}
	}
	n.el.kids = append(n.el.kids, last)
}
