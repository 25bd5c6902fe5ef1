// Weatherboard shows the week's weather of the cities that the person chooses. It asks a server for it,
// keeps the choice, and works out in a job what is usual in a city: thirty requests, while the page stays live.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(app)

func main() {}

// server is the one that vitrine.json asks for.
const server = "http://weather.vitrine.example"

// chosenKey is where the choice of cities is kept.
const chosenKey = "cities"

type city struct{ ID, Name string }

type day struct {
	Day             string
	Low, High, Rain int
}

// board is the plugin's state.
type board struct {
	ctx     *v.Context
	cities  []city
	chosen  []string
	weeks   map[string][]day
	problem string
	keyless bool   // nobody has set a key for the server
	note    string // about what is kept

	climate  *v.Ticket // the job under way
	of       string    // the city that it is about
	done     int       // years
	usual    []float64 // of each month, when it is over
	failures string
}

func app(c *v.Context) v.View {
	b := &board{ctx: c, weeks: map[string][]day{}}
	b.recall()
	b.fetch("/v1/cities", func(body []byte) error { return json.Unmarshal(body, &b.cities) })
	b.refresh()
	c.OnUpdate(func() { b.keyless = false; b.refresh() }) // an admin has saved other settings
	c.OnUnmount(func() { b.climate.Stop() })
	return b.view
}

// recall reads the choice of last time.
func (b *board) recall() {
	kept, err := b.ctx.Own().Get(chosenKey)
	if err == nil {
		err = json.Unmarshal(kept, &b.chosen)
	}
	if err == nil {
		return
	}
	b.chosen = slices.Compact([]string{b.ctx.Settings().String("city", "bergen"), "lisbon"})
	if !errors.Is(err, v.NotFound) {
		b.note = "Your choice cannot be kept here."
	}
}

// fetch asks the server, with the key that an admin may have set, and gives its answer to read.
func (b *board) fetch(path string, read func(body []byte) error) {
	req := &v.Request{URL: server + path}
	if !b.keyless {
		req.Header = []v.Header{{Name: "X-Api-Key", Secret: "apiKey"}}
	}
	b.ctx.Fetch(req, func(r *v.Response, err error) {
		if errors.Is(err, v.NotFound) && len(req.Header) > 0 { // there is no such secret: the server knows us without
			b.keyless = true
			b.fetch(path, read)
			return
		}
		if err == nil && r.Status != 200 {
			err = fmt.Errorf("it answered %d", r.Status)
		}
		if err == nil {
			err = read(r.Body)
		}
		if err != nil {
			b.problem = "The weather cannot be had: " + plain(err)
		}
	})
}

// plain says a refusal for a person.
func plain(err error) string {
	switch {
	case errors.Is(err, v.Denied):
		return "this page does not let the plugin ask for it."
	case errors.Is(err, v.Unavailable), errors.Is(err, v.Deadline):
		return "the server does not answer."
	case errors.Is(err, v.Limit):
		return "it has been asked for too often; wait a little."
	}
	return err.Error() + "."
}

// refresh asks for the week of every chosen city.
func (b *board) refresh() {
	b.problem = ""
	for _, id := range b.chosen {
		b.fetch("/v1/forecast?city="+id, func(body []byte) error {
			var answer struct{ Days []day }
			err := json.Unmarshal(body, &answer)
			b.weeks[id] = answer.Days
			return err
		})
	}
}

// toggle adds a city or takes it away, and keeps that.
func (b *board) toggle(id string) {
	if i := slices.Index(b.chosen, id); i >= 0 {
		b.chosen = slices.Delete(b.chosen, i, i+1)
	} else {
		b.chosen = append(b.chosen, id)
		b.refresh()
	}
	kept, err := json.Marshal(b.chosen)
	if err == nil {
		err = b.ctx.Own().Put(chosenKey, kept)
	}
	if b.note = ""; err != nil {
		b.note = "Your choice cannot be kept here."
	}
}

// learn works out in a job what is usual in a city.
func (b *board) learn(id string) {
	b.climate.Stop()
	b.of, b.done, b.usual, b.failures = id, 0, nil, ""
	b.climate = b.ctx.Job("climate", []byte(id), func(p []byte) {
		if len(p) == 1 {
			b.done = int(p[0])
		}
	}, func(out []byte, err error) {
		if err == nil {
			err = json.Unmarshal(out, &b.usual)
		}
		if err != nil {
			b.failures = "That could not be worked out: " + plain(err)
		}
	})
}

func (b *board) name(id string) string {
	for _, c := range b.cities {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}
