package vitrine_test

import (
	"testing"

	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

func BenchmarkRender(b *testing.B) {
	page := vitrinetest.Mount(b, func(*v.Context) v.View { return bigTable }, nil)
	b.ReportAllocs()
	for b.Loop() {
		page.Update(nil)
	}
}

// bigTable is a table of a thousand cells.
func bigTable() v.Node {
	table := v.Table("t", v.Column("a"))
	for range 100 {
		row := v.Row().OnClick(func() {})
		for range 10 {
			row.Add(v.Cell().Text("x"))
		}
		table.Add(row)
	}
	return table
}
