package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// office is an application with one attendee.
type office map[string]any

func (o office) access(q *v.Query) (any, error) {
	if q.Model != model || q.Key != key || q.Instance != "a-17" {
		return nil, v.Denied
	}
	if fields, ok := q.Value.(map[string]any); ok && q.Ability == "update" {
		maps.Copy(o, fields)
	}
	return map[string]any(maps.Clone(o)), nil
}

func TestBadge(t *testing.T) {
	o := office{"id": "a-17", "name": "Ada Lovelace", "company": "Analytical Engines", "ticket": "Speaker", "here": false}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": "a-17"}, World: vitrinetest.World{Data: o.access}})
	page.Find("skeleton", "Looking the attendee up")
	page.Run()
	page.Find("text", "Ada Lovelace")
	page.Find("button", "Check in").Fire("click")
	page.Run()
	page.Find("badge", "Checked in")
	o["name"] = "Ada King"
	page.Publish(v.Topic{Channel: "attendee.updated", Key: "id", Instance: "another"}, v.Message{})
	page.Run()
	page.Find("text", "Ada Lovelace")
	page.Publish(v.Topic{Channel: "attendee.updated", Key: "id", Instance: "a-17"}, v.Message{})
	page.Run()
	page.Find("text", "Ada King")
	page.Find("text", "Changed by others once since you came.")
}

// The door reads the code: that checks the attendee in. Without the page's own component the code is there in words.
func TestCode(t *testing.T) {
	o := office{"id": "a-17", "name": "Ada Lovelace", "company": "Analytical Engines", "ticket": "Speaker", "here": false}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": "a-17"}, World: vitrinetest.World{Data: o.access}})
	page.Run()
	page.Find("text", "Entry code: a-17")
	page.Find("host", `{"spent":false,"value":"a-17"}`).Fire("call", "scan", `"a-17"`)
	page.Run()
	page.Find("badge", "Checked in")
	page.Find("host", `{"spent":true,"value":"a-17"}`)
}

func TestRefusals(t *testing.T) {
	for id, want := range map[string]string{"": "No attendee has been chosen", "b-1": "does not let the plugin see"} {
		page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": id}, World: vitrinetest.World{Data: office{}.access}})
		page.Run()
		if !strings.Contains(fmt.Sprint(page), want) {
			t.Errorf("%q: the page says\n%v", id, page)
		}
	}
}

// A check-in leaves what was typed, and saves nothing of it; what it changed was not others' doing.
func TestCheckingInLeavesWhatWasTyped(t *testing.T) {
	o := office{"id": "a-17", "name": "Ada Lovelace", "company": "Analytical Engines", "ticket": "Speaker", "here": false}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": "a-17"}, World: vitrinetest.World{Data: o.access}})
	page.Run()
	page.Find("textfield", "Name").Fire("input", "Ada King")
	page.Find("button", "Check in").Fire("click")
	page.Publish(v.Topic{Channel: "attendee.updated", Key: "id", Instance: "a-17"}, v.Message{})
	page.Run()
	page.Find("button", "Check out")
	page.Find("text", "Ada Lovelace")
	page.Find("text", "Changes by others show here at once.")
	page.Find("button", "Save").Fire("click")
	page.Run()
	page.Find("text", "Ada King")
}

// A plugin that may change and not see any more saves what was typed, and says what it may not.
func TestChangesThatAreNotShown(t *testing.T) {
	o := office{"id": "a-17", "name": "Ada Lovelace", "here": false}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": "a-17"}, World: vitrinetest.World{Data: func(q *v.Query) (any, error) {
		record, err := o.access(q)
		if q.Ability == "update" {
			record = nil
		}
		return record, err
	}}})
	page.Run()
	page.Find("textfield", "Name").Fire("input", "Ada King")
	page.Find("button", "Save").Fire("click")
	page.Run()
	if got := fmt.Sprint(page); o["name"] != "Ada King" || !strings.Contains(got, "does not let the plugin see the attendee") {
		t.Errorf("%s; the page says\n%s", o["name"], got)
	}
}

// A plugin that may see and not change says which of them it may not, and nothing waits to be saved.
func TestChangesThatAreRefused(t *testing.T) {
	o := office{"id": "a-17", "name": "Ada Lovelace", "here": false}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{"attendee": "a-17"}, World: vitrinetest.World{Data: func(q *v.Query) (any, error) {
		if q.Ability != "view" {
			return nil, v.Denied
		}
		return o.access(q)
	}}})
	page.Run()
	page.Find("button", "Check in").Fire("click")
	page.Run()
	page.Find("text", "Ada Lovelace")
	if got := fmt.Sprint(page); !strings.Contains(got, "does not let the plugin change the attendee") || !strings.Contains(got, "Not here yet") {
		t.Errorf("the page says\n%s", got)
	}
}
