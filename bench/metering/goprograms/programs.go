// Package goprograms has programs in Go, what plugins use the standard library for, with as much data as a person would
// wait for. Each does its job n times and returns a checksum, or less than nothing where it fails. They are guests
// (bench/metering/programs/go exports them) and a part of the host (bench/program): one source, two ways to run it.
package goprograms

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"go/format"
	"hash/fnv"
	"html/template"
	"io"
	"regexp"
	"sort"
	"strings"
)

// All are the programs by the names that the guest exports them by.
func All() map[string]func(n int32) int32 {
	return map[string]func(int32) int32{
		"prog_json": JSON, "prog_flate": Flate, "prog_template": Template, "prog_format": Format, "prog_log": Log,
	}
}

type customer struct {
	ID      int               `json:"id"`
	Name    string            `json:"name"`
	Balance float64           `json:"balance"`
	Tags    map[string]string `json:"tags"`
	Orders  []order           `json:"orders"`
}

type order struct {
	SKU   string  `json:"sku"`
	Count int     `json:"count"`
	Price float64 `json:"price"`
}

func customers(n int) []customer {
	list := make([]customer, n)
	for i := range list {
		c := &list[i]
		*c = customer{ID: i, Name: fmt.Sprintf("customer %x", i*2654435761), Balance: float64(i) / 7,
			Tags: map[string]string{"region": fmt.Sprint(i % 12), "kind": "person"}}
		for k := range i%5 + 1 {
			c.Orders = append(c.Orders, order{fmt.Sprintf("sku-%d", i*k), k, float64(k) * 9.5})
		}
	}
	return list
}

func sum(b []byte) int32 {
	h := fnv.New32a()
	h.Write(b)
	return int32(h.Sum32())
}

// JSON writes two megabytes of JSON and reads them.
func JSON(n int32) (out int32) {
	for range n {
		b, err := json.Marshal(customers(8000))
		var back []customer
		if err != nil || json.Unmarshal(b, &back) != nil || len(back) != 8000 {
			return -1
		}
		out = out*31 + sum(b) + int32(len(back[7999].Orders))
	}
	return out
}

// Flate compresses a megabyte and a half and back.
func Flate(n int32) (out int32) {
	for range n {
		var text, packed bytes.Buffer
		for i := 0; text.Len() < 3<<19; i++ {
			fmt.Fprintf(&text, "%d GET /plugins/%x/frame?seq=%d 200\n", i*37, i*i%9973, i)
		}
		w, err := flate.NewWriter(&packed, flate.DefaultCompression)
		if err != nil {
			return -1
		}
		w.Write(text.Bytes())
		w.Close()
		size := packed.Len()
		back, err := io.ReadAll(flate.NewReader(&packed))
		if err != nil || !bytes.Equal(back, text.Bytes()) {
			return -2
		}
		out = out*31 + int32(size) + sum(back)
	}
	return out
}

var page = template.Must(template.New("page").Parse(`<table>{{range .}}<tr id="c{{.ID}}"><td>{{.Name}}</td>` +
	`<td>{{printf "%.2f" .Balance}}</td><td>{{range .Orders}}<a href="/sku/{{.SKU}}?n={{.Count}}">{{.SKU}}</a>{{end}}</td></tr>{{end}}</table>`))

// Template renders a long table, escaped.
func Template(n int32) (out int32) {
	for range n {
		var b bytes.Buffer
		if page.Execute(&b, customers(1500)) != nil {
			return -1
		}
		out = out*31 + sum(b.Bytes())
	}
	return out
}

// Format parses Go and prints it again.
func Format(n int32) (out int32) {
	for range n {
		var b bytes.Buffer
		b.WriteString("package p\nimport \"fmt\"\n")
		for i := range 600 {
			fmt.Fprintf(&b, "// F%d does.\nfunc F%d(a,b int)(c int){ for i:=0;i<a;i++ {if i%%%d==0{c+=i*b}else{ switch{case a>b: c--\ndefault: fmt.Println(c,\"x\",[]int{1,2,a})}}}\nreturn}\n", i, i, i+2)
		}
		src, err := format.Source(b.Bytes())
		if err != nil {
			return -1
		}
		out = out*31 + sum(src)
	}
	return out
}

var request = regexp.MustCompile(`(?i)(GET|POST) (/[a-z0-9/]+)\?([a-z]+=[^& ]*&?)* HTTP/1\.[01]" (\d{3}) (\d+)`)

// Log takes a log apart by a regular expression, and sorts what it finds.
func Log(n int32) (out int32) {
	for range n {
		var b strings.Builder
		for i := range 6000 {
			fmt.Fprintf(&b, "10.0.%d.%d - - \"GET /items/%d/view?user=%x&page=%d HTTP/1.1\" 200 %d\n", i%256, i*7%256, i*i%501, i*77, i%9, i*13%5000)
		}
		bytesOf := map[string]int{}
		for _, m := range request.FindAllStringSubmatch(b.String(), -1) {
			bytesOf[m[2]] += len(m[5])
		}
		paths := make([]string, 0, len(bytesOf))
		for p := range bytesOf {
			paths = append(paths, p)
		}
		sort.Slice(paths, func(i, j int) bool {
			a, b := bytesOf[paths[i]], bytesOf[paths[j]]
			return a > b || a == b && paths[i] < paths[j]
		})
		out = out*31 + sum([]byte(strings.Join(paths, " ")))
	}
	return out
}
