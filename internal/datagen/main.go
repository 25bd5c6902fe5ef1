// Command datagen writes the table of bike rides that tablelens shows: examples/tablelens/data/rides.csv,
// a made-up year of a bike-share system in a made-up town. It is seeded, so that running it again
// gives the same bytes.
//
// The rides follow what such systems show: commuters in the morning and the evening of weekdays, idle
// afternoons at weekends, few rides in winter and in the rain, electric bikes on longer ways, and
// gaps where a sensor failed or a bike was not brought back.
//
//	go run ./internal/datagen examples/tablelens/data/rides.csv
//
// `go generate ./examples` does that.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"time"
)

const seed = 20260101

// station is a place with a position in kilometres and how much it draws people.
type station struct {
	name string
	x, y float64
	work float64 // offices: where the morning leads
	home float64 // flats: where the evening leads
}

var stations = []station{
	{"Central", 0, 0, 9, 3}, {"Harbour", 1.4, -0.9, 6, 2}, {"Old Town", -0.5, 0.6, 5, 4}, {"Campus", -2.1, 1.7, 7, 3},
	{"Hospital", 2.3, 1.2, 5, 2}, {"Market", 0.3, 0.9, 4, 3}, {"Park", -1.0, -1.3, 2, 5}, {"Museum", 0.8, 0.4, 3, 2},
	{"Stadium", 3.1, -1.8, 2, 2}, {"Riverside", 1.1, -2.2, 2, 6}, {"North Gate", -0.4, 3.0, 2, 6}, {"Hill", -3.2, -0.4, 1, 5},
	{"Mill", 2.8, 2.9, 3, 4}, {"Lake", -2.7, -2.5, 1, 4}, {"Works", 4.0, 0.5, 6, 1}, {"Garden City", 0.6, 4.2, 1, 7},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("datagen: ")
	if len(os.Args) != 2 {
		log.Fatal("one argument: the file to write")
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "ride,started,minutes,km,from,to,rider,bike,temp_c,rain_mm,rating")
	g := &town{r: rand.New(rand.NewPCG(seed, seed))}
	g.makeWeather()
	at := g.next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	for n := 1; at.Year() == 2025; n++ {
		fmt.Fprintln(b, g.ride(n, at))
		at = g.next(at)
	}
	return b.Flush()
}

// town is the state of the generator.
type town struct {
	r    *rand.Rand
	temp [366]float64 // mean of the day
	rain [366]float64 // mm an hour when it rains, 0 on a dry day
}

func (g *town) makeWeather() {
	drift := 0.0
	for d := range g.temp {
		drift = 0.75*drift + 2.2*g.r.NormFloat64()
		g.temp[d] = 10.5 - 10*math.Cos(2*math.Pi*float64(d-20)/365) + drift
		if g.r.Float64() < 0.31 {
			g.rain[d] = g.r.ExpFloat64() * 1.1
		}
	}
}

// weather is the temperature and the rain at a moment.
func (g *town) weather(at time.Time) (temp, rain float64) {
	d := at.YearDay() - 1
	hour := float64(at.Hour()) + float64(at.Minute())/60
	temp = g.temp[d] - 4*math.Cos(2*math.Pi*(hour-3)/24)
	if math.Sin(float64(d)*1.7+hour/3.1) > 0 {
		rain = g.rain[d]
	}
	return temp, rain
}

// rate is how many rides begin in an hour.
func (g *town) rate(at time.Time) float64 {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	bump := func(middle, width float64) float64 {
		return math.Exp(-(hour - middle) * (hour - middle) / (2 * width * width))
	}
	rate := 0.15 + 1.3*bump(13, 3.5)
	if weekend(at) {
		rate += 1.5 * bump(15, 2.8)
	} else {
		rate += 3.4*bump(8.1, 0.8) + 3.1*bump(17.4, 1.2)
	}
	temp, rain := g.weather(at)
	rate *= math.Max(0.15, math.Min(1.25, 0.35+temp/22))
	return 5.59 * rate / (1 + 1.4*rain)
}

func weekend(at time.Time) bool { return at.Weekday() == time.Saturday || at.Weekday() == time.Sunday }

// next is when the next ride begins: a Poisson process whose rate changes, by thinning.
func (g *town) next(at time.Time) time.Time {
	const highest = 60
	for {
		at = at.Add(time.Duration(g.r.ExpFloat64() / highest * float64(time.Hour)))
		if at.Year() > 2025 || g.r.Float64()*highest < g.rate(at) {
			return at
		}
	}
}

// pick draws a station by a weight.
func (g *town) pick(weight func(*station) float64) *station {
	total := 0.0
	for i := range stations {
		total += weight(&stations[i])
	}
	x := g.r.Float64() * total
	for i := range stations {
		if x -= weight(&stations[i]); x < 0 {
			return &stations[i]
		}
	}
	return &stations[0]
}

func (g *town) ride(n int, at time.Time) string {
	hour := at.Hour()
	member := g.r.Float64() < 0.78
	if weekend(at) {
		member = g.r.Float64() < 0.52
	}
	toWork := !weekend(at) && hour < 11
	from := g.pick(func(s *station) float64 { return when(toWork, s.home, s.work) })
	to := g.pick(func(s *station) float64 {
		d := math.Hypot(s.x-from.x, s.y-from.y)
		return when(toWork, s.work, s.home) * math.Exp(-d/3) * when(s == from, 0.1, 1)
	})
	km := math.Hypot(to.x-from.x, to.y-from.y)*1.25 + 0.25*g.r.ExpFloat64()
	if !member {
		km += 1.6 * g.r.ExpFloat64()
	}
	bike, speed := "city", 13.5
	switch x := g.r.Float64(); {
	case x < 0.18+0.05*km:
		bike, speed = "electric", 18.5
	case x > 0.975:
		bike, speed = "cargo", 11
	}
	minutes := km / (speed + 1.8*g.r.NormFloat64()) * 60 * when(member, 1, 1.35)
	temp, rain := g.weather(at)
	return fmt.Sprintf("%d,%s,%.1f,%.2f,%s,%s,%s,%s,%s,%s,%s", n, at.Format("2006-01-02 15:04"),
		math.Max(1, minutes+0.8*g.r.ExpFloat64()), km, from.name, g.destination(to), when(member, "member", "casual"), bike,
		g.sensor(at, temp), g.sensor(at, rain), g.rating(rain))
}

// destination is missing where a bike was not brought back.
func (g *town) destination(s *station) string {
	if g.r.Float64() < 0.006 {
		return ""
	}
	return s.name
}

// sensor is missing during two weeks in which the weather station was broken.
func (g *town) sensor(at time.Time, value float64) string {
	if d := at.YearDay(); d >= 196 && d < 210 {
		return ""
	}
	if s := fmt.Sprintf("%.1f", value); s != "0.0" && s != "-0.0" {
		return s
	}
	return "0"
}

// rating is what few people give.
func (g *town) rating(rain float64) string {
	if g.r.Float64() < 0.72 {
		return ""
	}
	stars := 4.4 - 0.5*rain + 0.9*g.r.NormFloat64()
	return fmt.Sprintf("%.0f", math.Max(1, math.Min(5, stars)))
}

func when[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
