package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// sky is a world whose server answers.
func sky(asked *[]string) vitrinetest.World {
	return vitrinetest.World{
		Fetch: func(r *v.Request) (*v.Response, error) {
			*asked = append(*asked, strings.TrimPrefix(r.URL, server))
			body := `{"days":[{"day":"Mon","low":-2,"high":5,"rain":70},{"day":"Tue","low":1,"high":9,"rain":10}]}`
			if strings.HasSuffix(r.URL, "/cities") {
				body = `[{"id":"bergen","name":"Bergen"},{"id":"lisbon","name":"Lisbon"},{"id":"quito","name":"Quito"}]`
			}
			return &v.Response{Status: 200, Body: []byte(body)}, nil
		},
		Functions: map[string]func([]byte) ([]byte, error){
			"climate": func([]byte) ([]byte, error) { return json.Marshal([]float64{-1, 0, 3, 6, 10, 13, 15, 15, 12, 8, 4, 1}) },
		},
		Kept: map[string][]byte{},
	}
}

func TestBoard(t *testing.T) {
	var asked []string
	world := sky(&asked)
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{World: world})
	page.Run()
	page.Find("heading", "Bergen")
	page.Find("text", "today, down to \u22122°")
	page.Find("badge", "Rain 70 %")
	page.Find("button", "Quito").Fire("click")
	page.Run()
	page.Find("heading", "Quito")
	if got := string(world.Kept["user/cities"]); got != `["bergen","lisbon","quito"]` {
		t.Errorf("kept %s", got)
	}
	page.Find("button", "What is usual?").Fire("click")
	page.Find("progress", "0 of 30 years")
	page.Run()
	page.Find("text", "Mean of each month, 1991 to 2020")
	again := vitrinetest.Mount(t, app, &vitrinetest.Options{World: world})
	again.Run()
	again.Find("heading", "Quito")
	if want := "/v1/cities /v1/forecast?city=bergen"; !strings.HasPrefix(strings.Join(asked, " "), want) {
		t.Errorf("asked %v", asked)
	}
}

func TestRefusals(t *testing.T) {
	for code, want := range map[v.Code]string{v.Denied: "does not let the plugin ask", v.Unavailable: "does not answer", v.Limit: "too often"} {
		page := vitrinetest.Mount(t, app, &vitrinetest.Options{World: vitrinetest.World{Fetch: func(*v.Request) (*v.Response, error) { return nil, code }}})
		page.Run()
		if !strings.Contains(fmt.Sprint(page), want) {
			t.Errorf("%s: the page says\n%v", code, page)
		}
	}
}

// What an admin sets is followed while the board is shown; without a key the server is asked without one.
func TestSettings(t *testing.T) {
	text, err := os.ReadFile("vitrine.json")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := abi.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	keyed, bare := 0, 0
	var asked []string
	world := sky(&asked)
	answer := world.Fetch
	world.Fetch = func(r *v.Request) (*v.Response, error) {
		if len(r.Header) > 0 {
			keyed++
			return nil, v.NotFound
		}
		bare++
		return answer(r)
	}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{World: world, Schema: manifest.Settings, Settings: map[string]any{"city": "quito"}})
	page.Run()
	page.Find("heading", "Quito")
	page.Find("text", "today, down to \u22122°")
	if keyed == 0 || bare != 3 {
		t.Errorf("%d requests with a key that is not there, %d without", keyed, bare)
	}
	page.UpdateSettings(map[string]any{"city": "quito", "units": "imperial"})
	page.Run()
	page.Find("text", "today, down to 28°")
}
