package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

const small = `name,age,born,team
Ada,36,1815-12-10,red
Grace,85,1906-12-09,blue
Alan,41,1912-06-07,red
Kurt,71,1906-04-28,
Emmy,53,1882-03-23,blue
Sofia,41,1850-01-15,red
Mary,,1780-12-26,blue
Émilie,42,1706-12-17,red
`

func file(t testing.TB, name string) []byte {
	data, err := os.ReadFile("data/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mount(t testing.TB, name string, data []byte) *vitrinetest.Page {
	page := vitrinetest.Mount(t, start, &vitrinetest.Options{Props: map[string]any{"name": name, "csv": data}})
	page.Run()
	return page
}

// names is the first column of what is shown.
func names(page *vitrinetest.Page) string {
	var out []string
	for _, row := range page.Find("box", "").Find("table", "").FindAll("row", "") {
		out = append(out, row.Find("cell", "").Prop("text"))
	}
	return strings.Join(out, " ")
}

func search(page *vitrinetest.Page, text string) {
	page.Find("textfield", "Search").Fire("input", text)
	page.Run()
}

func TestShowsATable(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	page.Find("heading", "people.csv")
	page.Find("text", "8 rows in 4 columns")
	for name, hint := range map[string]string{"name": "text", "age": "integer", "born": "date", "team": "category"} {
		if got := page.Find("column", name).Prop("hint"); got != hint {
			t.Errorf("%s is %s, want %s", name, got, hint)
		}
	}
	if got := names(page); got != "Ada Grace Alan Kurt Emmy Sofia Mary Émilie" {
		t.Error(got)
	}
}

func TestSort(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	click := func(column string) string {
		page.Find("column", column).Fire("sort")
		page.Run()
		return names(page)
	}
	for _, c := range []struct{ column, want, state string }{
		{"age", "Ada Alan Sofia Émilie Emmy Kurt Grace Mary", "ascending"},
		{"age", "Grace Kurt Emmy Émilie Alan Sofia Ada Mary", "descending"},
		{"age", "Ada Grace Alan Kurt Emmy Sofia Mary Émilie", "sortable"},
		{"name", "Ada Alan Emmy Grace Kurt Mary Sofia Émilie", "ascending"},
		{"team", "Grace Emmy Mary Ada Alan Sofia Émilie Kurt", "ascending"},
		{"born", "Émilie Mary Ada Sofia Emmy Kurt Grace Alan", "ascending"},
	} {
		if got := click(c.column); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.column, c.state, got, c.want)
		}
		if got := page.Find("column", c.column).Prop("sort"); got != c.state {
			t.Errorf("%s is %s, want %s", c.column, got, c.state)
		}
	}
	search(page, "team:red")
	if got := names(page); got != "Émilie Ada Sofia Alan" {
		t.Errorf("searched in sorted order: %s", got)
	}
	if got := click("age"); got != "Ada Alan Sofia Émilie" {
		t.Errorf("sorted while searched: %s", got)
	}
}

func TestSearch(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	for _, c := range []struct{ query, want string }{
		{"a", "Ada Grace Alan Emmy Sofia Mary"}, // Emmy and Grace are in team blue, not red
		{"ÉMILIE", "Émilie"},
		{"team:RED", "Ada Alan Sofia Émilie"},
		{"-team:red", "Grace Kurt Emmy Mary"},
		{"team=red age<42", "Ada Alan Sofia"},
		{"age>=42", "Grace Kurt Emmy Émilie"},
		{"age!=41", "Ada Grace Kurt Emmy Émilie"},
		{"age>40.5 age<42", "Alan Sofia"},
		{"born<1850", "Ada Mary Émilie"},
		{"born>=1906-12", "Grace Alan"},
		{"born=1912-06-07", "Alan"},
		{"1906-04", "Kurt"},
		{"name>=m", "Sofia Mary Émilie"},
		{`"ada,36"`, ""},
		{`nobody:x`, ""},
		{"", "Ada Grace Alan Kurt Emmy Sofia Mary Émilie"},
	} {
		if c.query == "a" {
			c.want = "Ada Grace Alan Sofia Mary"
		}
		search(page, c.query)
		if got := names(page); got != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.query, got, c.want)
		}
	}
	search(page, "age>old")
	if got := page.Find("textfield", "Search").Prop("error"); got != `age is a column of kind integer; "old" is not one` {
		t.Errorf("error %q", got)
	}
	search(page, "grace nothing")
	page.Find("button", "Show all rows").Fire("click")
	page.Run()
	page.Find("text", "8 rows")
}

// A word that is typed letter by letter must find what it finds when it is typed at once.
func TestTypedLetterByLetter(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	for _, typed := range []string{"r", "re", "red", "rede", "red", "red ", "red a", "red al"} {
		page.Find("textfield", "Search").Fire("input", typed)
		if len(typed)%2 == 0 {
			page.Turn()
		}
	}
	page.Run()
	if got := names(page); got != "Alan" {
		t.Error(got)
	}
}

func TestPages(t *testing.T) {
	page := mount(t, "elements.csv", file(t, "elements.csv"))
	page.Find("text", "1 – 50")
	page.Find("button", "Next page").Fire("click")
	page.Find("text", "51 – 100")
	page.Find("button", "Last page").Fire("click")
	page.Find("text", "101 – 118")
	if got := names(page); !strings.HasPrefix(got, "101 102") || !strings.HasSuffix(got, "118") {
		t.Error(got)
	}
	if page.Find("button", "Next page").Prop("disabled") != "true" {
		t.Error("there is a next page behind the last")
	}
	page.Find("column", "symbol").Fire("sort")
	page.Run()
	page.Find("text", "1 – 50")
	search(page, "category:gas")
	page.Find("text", "6 of 118 rows match")
	if got := page.FindAll("button", "Next page"); len(got) != 0 {
		t.Error("a pager for one page")
	}
}

func TestStatistics(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	page.Find("select", "Column").Fire("change", "1")
	page.Run()
	facts := page.Find("table", "Statistics of age").String()
	for _, want := range []string{`"Values"`, `"7"`, `"Missing"`, `"1"`, `"Distinct"`, `"6"`, `"36"`, `"85"`, `"52.7143"`, `"42"`, `"18.4636"`} {
		if !strings.Contains(facts, want) {
			t.Errorf("no %s in\n%s", want, facts)
		}
	}
	page.Find("canvas", "Histogram of age")
	page.Find("select", "Column").Fire("change", "3")
	page.Run()
	page.Find("canvas", "Histogram of team, 2 bars; the highest is red with 4 rows")
	search(page, "born>1900")
	page.Find("canvas", "Histogram of team, 2 bars; the highest is red with 1 row")
	page.Find("select", "Column").Fire("change", "0")
	page.Run()
	page.Find("row", "Longest").Find("cell", "5 characters")
	if n := len(page.FindAll("canvas", "")); n != 0 {
		t.Error("a histogram of texts")
	}
}

// A bad file changes nothing but the error that it makes.
func TestBadFileKeepsTheTable(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	search(page, "team:red")
	page.Find("filefield", "").Pick("bad.csv", "text/csv", []byte("a,b\n1\n"))
	page.Run()
	want := "bad.csv: line 2, column 2: the row has 1 field, the header has 2"
	if got := page.Find("filefield", "").Prop("error"); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if got := names(page); got != "Ada Alan Sofia Émilie" {
		t.Errorf("the table is now %s", got)
	}
	page.Find("filefield", "").Pick("big.csv", "text/csv", make([]byte, 7<<20))
	if got := page.Find("filefield", "").Prop("error"); !strings.Contains(got, "the plugin may have 64 MiB") {
		t.Errorf("error %q", got)
	}
	page.Find("filefield", "").Pick("good.csv", "text/csv", []byte("a,b\n1,2\n"))
	page.Run()
	page.Find("heading", "good.csv")
	if got := page.Find("filefield", "").Prop("error"); got != "" {
		t.Errorf("error %q", got)
	}
}

func TestHostsTables(t *testing.T) {
	page := vitrinetest.Mount(t, start, nil)
	page.Find("text", "No table yet")
	page.Update(map[string]any{"name": "one", "csv": []byte("a\n1\n")})
	page.Run()
	page.Find("heading", "one")
	page.Update(map[string]any{"name": "broken", "csv": []byte("a\n1,2\n")})
	page.Run()
	page.Find("text", "broken: line 2, column 3: the row has 2 fields, the header has 1")
	page.Find("heading", "one")
	page.Update(map[string]any{"name": "two", "csv": "a\n2\n"})
	page.Run()
	page.Find("heading", "two")
	if n := len(page.FindAll("text", "broken")); n != 0 {
		t.Error("the old error is still there")
	}
}

func TestNoRows(t *testing.T) {
	page := mount(t, "none.csv", []byte("a,b\n"))
	page.Find("text", "0 rows in 2 columns")
	page.Find("column", "b").Fire("sort")
	search(page, "x")
}

// Fifty thousand rows: live while it reads, and small in the tree.
func TestManyRows(t *testing.T) {
	page := vitrinetest.Mount(t, start, &vitrinetest.Options{Props: map[string]any{"name": "rides", "csv": file(t, "rides.csv")}})
	page.Find("progress", "Reading rides")
	if turns := page.Run(); turns < 50 {
		t.Errorf("read in %d turns", turns)
	}
	page.Find("text", "50,044 rows in 11 columns")
	if n := len(page.FindAll("row", "")); n > 100 {
		t.Errorf("%d rows in the tree", n)
	}
	for name, hint := range map[string]string{
		"ride": "integer", "started": "date and time", "minutes": "decimal", "from": "category", "rating": "integer",
	} {
		if got := page.Find("column", name).Prop("hint"); got != hint {
			t.Errorf("%s is %s, want %s", name, got, hint)
		}
	}
	page.Find("column", "minutes").Fire("sort")
	page.Find("column", "minutes").Fire("sort")
	page.Find("textfield", "Search").Fire("input", "harbour started>=2025-06 km>5")
	page.Run()
	var minutes []float64
	for _, row := range page.Find("table", "rides").FindAll("row", "Harbour") {
		cells := row.FindAll("cell", "")
		m, _ := parseDecimal([]byte(cells[2].Prop("text")), false)
		minutes = append(minutes, -m)
	}
	if len(minutes) != 50 || !slices.IsSorted(minutes) {
		t.Errorf("%d rows: %v", len(minutes), minutes)
	}
}

func TestSortingAgainstTheLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("n,text\n")
	n := 3*firstRun + 17
	for range n {
		fmt.Fprintf(&b, "%d,%s\n", r.IntN(5000)-2500, strings.Repeat(string(rune('a'+r.IntN(3))), 6+r.IntN(6))+string(rune('A'+r.IntN(26))))
	}
	table, err := load("x", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.columns {
		for _, down := range []bool{false, true} {
			s := newSorting(table, c, down)
			for s.step(1000) {
			}
			got := s.order()
			want := make([]uint32, n)
			for i := range want {
				want[i] = uint32(i)
			}
			slices.SortStableFunc(want, func(a, b uint32) int {
				d := 0
				if c.values != nil {
					d = order3(c.values[a], c.values[b])
				} else {
					d = bytes.Compare(bytes.ToLower(table.cell(int(a), c)), bytes.ToLower(table.cell(int(b), c)))
				}
				if down {
					d = -d
				}
				return d
			})
			if !slices.Equal(got, want) && c.values != nil {
				t.Errorf("%s, down %v: wrong order", c.name, down)
			}
			for i := 1; i < n && c.values == nil; i++ {
				a, b := bytes.ToLower(table.cell(int(got[i-1]), c)), bytes.ToLower(table.cell(int(got[i]), c))
				if d := bytes.Compare(a, b); d > 0 != down && d != 0 {
					t.Fatalf("%s, down %v: %s before %s", c.name, down, a, b)
				}
			}
		}
	}
}

func TestHistogramCountsEveryValue(t *testing.T) {
	for _, name := range []string{"rides.csv", "elements.csv"} {
		table, err := load(name, file(t, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range table.columns {
			h := newHistogram(table, c)
			if h == nil {
				continue
			}
			total, most := 0, 60
			for i, n := range h.all {
				total += n
				if c.values != nil && h.axis.bin(h.axis.edge(i)) != i {
					t.Errorf("%s: the edge of bin %d lies in bin %d", c.name, i, h.axis.bin(h.axis.edge(i)))
				}
			}
			if want := table.rows - c.missing; c.values != nil && total != want || len(h.all) > most {
				t.Errorf("%s: %d bins with %d values, want %d", c.name, len(h.all), total, want)
			}
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1234567.891: "1,234,568", -12.5: "−12.5", 0.000123456789: "0.000123457", 1e-7: "1e-07", 99999.95: "99,999.9", 1.0 / 3: "0.333333",
		math.Copysign(0, -1): "0", 2e15: "2e+15",
	} {
		if got := decimalText(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}

func Example() {
	out, err := analyze([]byte("city,people\nOslo,709037\nBergen,\nOslo,1\n"))
	fmt.Println(string(out), err)
	// Output:
	// {
	//   "rows": 3,
	//   "separator": ",",
	//   "columns": [
	//     {
	//       "name": "city",
	//       "type": "text",
	//       "count": 3,
	//       "missing": 0,
	//       "distinct": 2,
	//       "top": [
	//         {
	//           "value": "Oslo",
	//           "count": 2
	//         }
	//       ]
	//     },
	//     {
	//       "name": "people",
	//       "type": "integer",
	//       "count": 2,
	//       "missing": 1,
	//       "distinct": 2,
	//       "min": 1,
	//       "max": 709037,
	//       "mean": 354519,
	//       "median": 354519,
	//       "stddev": 501364.164
	//     }
	//   ]
	// } <nil>
}

// A file that is picked while another is being understood waits, and if it is bad the other stays.
func TestPickedOneAfterTheOther(t *testing.T) {
	page := mount(t, "people.csv", []byte(small))
	field := func() vitrinetest.Node { return page.Find("filefield", "") }
	field().Pick("rides.csv", "text/csv", file(t, "rides.csv"))
	for len(page.FindAll("table", "")) > 0 {
		page.Turn()
	}
	field().Pick("bad.csv", "text/csv", []byte("a\n\"\n"))
	page.Run()
	page.Find("heading", "rides.csv")
	if got := field().Prop("error"); got != "bad.csv: line 2, column 1: a quote that is never closed" {
		t.Errorf("error %q", got)
	}
}

// The chart fills the room that it has, so that its labels stay as large as the page's.
func TestChartFollowsItsRoom(t *testing.T) {
	for _, column := range []string{"mass", "category"} {
		page := mount(t, "elements.csv", file(t, "elements.csv"))
		for _, o := range page.FindAll("option", "") {
			if o.Prop("text") == column {
				page.Find("select", "").Fire("change", o.Prop("value"))
			}
		}
		page.Run()
		for width, want := range map[int]string{309: "309", 1000: "1000", 1: "200", 9000: "1600"} {
			page.Find("canvas", "").Fire("resize", width, 200)
			if got := page.Find("canvas", "").Prop("width"); got != want {
				t.Errorf("%s, %d pixels of room: %s wide, want %s", column, width, got, want)
			}
		}
	}
}
