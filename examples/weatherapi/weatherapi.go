// Package weatherapi is the server that the example weatherboard asks: made-up weather, the same for
// everybody who asks about the same day.
//
//	GET /v1/cities                      [{"id":"bergen","name":"Bergen"}, ...]
//	GET /v1/forecast?city=bergen        {"city":"bergen","days":[{"day":"Mon","low":4,"high":9,"rain":70}, ...]}
//	  with any X-Api-Key: two days more
//	GET /v1/history?city=bergen&year=1995   {"months":[1.4, ...]}
package weatherapi

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Host is the name under which plugins know it.
const Host = "weather.vitrine.example"

// city is a place and its climate: the mean of the year and how far summer is from it, in degrees Celsius.
type city struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	mean  float64
	swing float64
	rain  float64 // chance of it, of 1
}

var cities = []city{
	{"bergen", "Bergen", 8, 7, 0.65}, {"lisbon", "Lisbon", 17, 6, 0.3}, {"nairobi", "Nairobi", 19, 2, 0.35},
	{"sapporo", "Sapporo", 9, 13, 0.45}, {"quito", "Quito", 14, 1, 0.5}, {"wellington", "Wellington", 13, -5, 0.4},
}

// chance is a number from 0 to 1 that belongs to some words.
func chance(words ...string) float64 {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write(append([]byte(w), 0)) // never fails
	}
	n := h.Sum64()
	n ^= n >> 31
	n *= 0x9e3779b97f4a7c15
	return float64(n>>11) / (1 << 53)
}

// Handler answers as of now.
func Handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/cities", func(w http.ResponseWriter, _ *http.Request) { reply(w, cities) })
	mux.HandleFunc("GET /v1/forecast", func(w http.ResponseWriter, r *http.Request) {
		if c := find(w, r); c != nil {
			reply(w, map[string]any{"city": c.ID, "days": c.forecast(now(), days(r))})
		}
	})
	mux.HandleFunc("GET /v1/history", func(w http.ResponseWriter, r *http.Request) {
		year, err := strconv.Atoi(r.FormValue("year"))
		if err != nil || year < 1900 || year > 2100 {
			http.Error(w, "which year?", http.StatusBadRequest)
			return
		}
		if c := find(w, r); c != nil {
			reply(w, map[string]any{"months": c.history(year)})
		}
	})
	return mux
}

func find(w http.ResponseWriter, r *http.Request) *city {
	for i := range cities {
		if cities[i].ID == r.FormValue("city") {
			return &cities[i]
		}
	}
	http.Error(w, "no such city", http.StatusNotFound)
	return nil
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who asked may have gone
}

type day struct {
	Day  string `json:"day"`
	Low  int    `json:"low"`
	High int    `json:"high"`
	Rain int    `json:"rain"` // per cent
}

// season is the mean of a day of the year, from 0 to 1.
func (c *city) season(of float64) float64 { return c.mean - c.swing*math.Cos(2*math.Pi*(of-0.04)) }

// days is how far a forecast looks: two days more for who has a key, whichever it is.
func days(r *http.Request) int {
	if r.Header.Get("X-Api-Key") != "" {
		return 9
	}
	return 7
}

func (c *city) forecast(now time.Time, days int) (out []day) {
	for i := range days {
		at := now.AddDate(0, 0, i)
		date := at.Format(time.DateOnly)
		mean := c.season(float64(at.YearDay())/365) + 6*(chance(c.ID, date)-0.5)
		span := 3 + 4*chance(c.ID, date, "span")
		rain := c.rain + 0.7*(chance(c.ID, date, "rain")-0.5)
		out = append(out, day{at.Format("Mon"), int(math.Round(mean - span)), int(math.Round(mean + span)), int(100 * min(max(rain, 0), 1))})
	}
	return out
}

// history is the mean of each month of a year; it grows warmer.
func (c *city) history(year int) (months []float64) {
	for m := range 12 {
		warmer := float64(year-1990) * 0.025
		t := c.season((float64(m)+0.5)/12) + warmer + 2*(chance(c.ID, strconv.Itoa(year), strconv.Itoa(m))-0.5)
		months = append(months, math.Round(t*10)/10)
	}
	return months
}
