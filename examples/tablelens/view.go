package main

import (
	"fmt"
	"strconv"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// Bounds of what is shown at once: the tree stays small however long the table is.
const (
	pageRows  = 50
	pageCells = 4000
	cellRunes = 120
)

func (l *lens) view() v.Node {
	page := v.Box().Gap(v.SpaceM)
	if l.fromOut != "" {
		page.Add(v.Text(l.fromOut).Tone(v.ToneDanger).Live(true))
	}
	page.Add(v.FileField("Look into another file").Accept(".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain").
		MaxBytes(largestFile(l.limit, besideFactor)).Hint("CSV in UTF-8, separated by commas, semicolons or tabs").
		Error(l.trouble).OnFile(l.pick).Key("file"))
	if l.loading != nil {
		page.Add(v.Progress("Reading " + cut(l.loading.name, 80)).Value(l.loading.progress()).Key("loading"))
	}
	if l.table == nil {
		if l.loading == nil {
			page.Add(v.Text("No table yet: choose a CSV file.").Tone(v.ToneMuted).Key("none"))
		}
		return page
	}
	return page.Add(
		v.Heading(cut(l.table.name, 80)).Key("name"),
		l.searchBox(), l.rowCount(), l.rowsTable(), l.pager(), l.columnPanel())
}

func (l *lens) searchBox() v.Node {
	field := v.TextField("Search").Type(v.TextFieldTypeSearch).Value(l.search).
		Placeholder(l.example()).Error(l.wrong).OnInput(l.filter).OnSubmit(l.filter).Key("search")
	return field.Hint("Words in any column, column:word, or column>value. A minus before it means not.")
}

// example is a search that makes sense in this table.
func (l *lens) example() string {
	for _, c := range l.table.columns {
		if c.kind == kindCategory && len(c.words) > 0 {
			return quoted(c.name) + ":" + quoted(c.words[0])
		}
	}
	return quoted(l.table.columns[0].name) + ":…"
}

func quoted(s string) string {
	for _, r := range s {
		if r == ' ' || r == ':' {
			return `"` + s + `"`
		}
	}
	return s
}

// rowCount says how many rows there are, and what is under way.
func (l *lens) rowCount() v.Node {
	n := len(l.rows())
	text := fmt.Sprintf("%s in %s", countOf(n, "row"), countOf(len(l.table.columns), "column"))
	if n != l.table.rows || l.filtering != nil {
		text = fmt.Sprintf("%s of %s match", count(n), countOf(l.table.rows, "row"))
	}
	box := v.Box(v.Text(text).Live(l.filtering == nil)).Row().Gap(v.SpaceM).Align(v.BoxAlignCenter).Key("count")
	if n == 0 && l.filtering == nil && l.table.rows > 0 {
		box.Add(v.Button("Show all rows").OnClick(func() { l.filter("") }))
	}
	switch {
	case l.sorting != nil:
		box.Add(v.Progress("Sorting").Value(l.sorting.progress()))
	case l.filtering != nil:
		box.Add(v.Progress("Searching").Value(l.filtering.progress()))
	}
	return box
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// perPage is how many rows a page has: fewer where there are many columns.
func (l *lens) perPage() int {
	return max(10, min(pageRows, pageCells/len(l.table.columns)))
}

func (l *lens) rowsTable() v.Node {
	table := v.Table(l.table.name).HideCaption(true).Density(v.TableDensityCompact)
	for i, c := range l.table.columns {
		column := v.Column(c.name).Hint(c.kind.String()).Sort(v.ColumnSortSortable).OnSort(func() { l.sort(i) })
		if c.kind.numeric() {
			column.Align(v.AlignEnd)
		}
		if i == l.sortBy {
			if column.Sort(v.ColumnSortAscending); l.down {
				column.Sort(v.ColumnSortDescending)
			}
		}
		table.Add(column)
	}
	for _, r := range l.pageOf(l.rows()) {
		row := v.Row().Key(strconv.Itoa(int(r)))
		for _, c := range l.table.columns {
			cell := l.table.cell(int(r), c)
			if missing(cell) {
				row.Add(v.Cell().Text("–").Tone(v.ToneMuted))
			} else {
				row.Add(v.Cell().Text(cut(string(cell), cellRunes)))
			}
		}
		table.Add(row)
	}
	return v.Box(table).Scroll(v.BoxScrollX).Key("rows")
}

func (l *lens) pageOf(rows []uint32) []uint32 {
	n := l.perPage()
	from := min(l.page*n, len(rows))
	return rows[from:min(from+n, len(rows))]
}

func (l *lens) pager() v.Node {
	rows, n := len(l.rows()), l.perPage()
	if rows <= n {
		return nil
	}
	last := (rows - 1) / n
	from := l.page * n
	turn := func(to int) func() { return func() { l.page = to } }
	return v.Box(
		v.Button("«").Label("First page").Disabled(l.page == 0).OnClick(turn(0)),
		v.Button("‹").Label("Previous page").Disabled(l.page == 0).OnClick(turn(max(0, l.page-1))),
		v.Text(fmt.Sprintf("%s – %s", count(from+1), count(min(from+n, rows)))).Size(v.SizeS),
		v.Button("›").Label("Next page").Disabled(l.page >= last).OnClick(turn(min(last, l.page+1))),
		v.Button("»").Label("Last page").Disabled(l.page >= last).OnClick(turn(last)),
	).Row().Gap(v.SpaceXS).Align(v.BoxAlignCenter).Wrap(true).Label("Pages").Key("pager")
}

// columnPanel tells about one column, in the rows that match.
func (l *lens) columnPanel() v.Node {
	choice := v.Select("Column").Value(strconv.Itoa(l.column)).OnChange(func(value string) {
		if i, err := strconv.Atoi(value); err == nil {
			l.look(i)
		}
	})
	for i, c := range l.table.columns {
		choice.Add(v.Option(c.name, strconv.Itoa(i)))
	}
	panel := v.Box(choice).Gap(v.SpaceM).Padding(v.SpaceM).Panel().Label("About a column").Key("column")
	if l.summary == nil || l.summary.column != l.table.columns[l.column] {
		return panel.Add(v.Text("Counting").Tone(v.ToneMuted))
	}
	if l.histogram != nil && l.histogram.column == l.summary.column {
		panel.Add(l.histogram.chart(l.width).OnResize(func(width, _ int) {
			l.width = min(mostWidth, max(leastWidth, width))
		}))
	}
	return panel.Add(v.Box(l.summary.facts(), l.summary.frequent()).Row().Gap(v.SpaceL).Wrap(true).Align(v.BoxAlignStart))
}

// facts is the statistics as a table.
func (s *summary) facts() v.Node {
	table := v.Table("Statistics of "+s.column.name).Density(v.TableDensityCompact).Add(v.Column("Measure"), v.Column("Value").Align(v.AlignEnd))
	for _, f := range s.list() {
		table.Add(v.Row(v.Cell().Text(f.name), v.Cell().Text(f.value)).Key(f.name))
	}
	return table
}

type fact struct{ name, value string }

func (s *summary) list() []fact {
	distinct := count(s.distinct)
	if s.manyDistinct {
		distinct = "over " + distinct
	}
	list := []fact{{"Type", s.column.kind.String()}, {"Values", count(s.count)}, {"Missing", count(s.missing)}, {"Distinct", distinct}}
	c := s.column
	switch {
	case s.count == 0:
	case c.kind.measured():
		list = append(list, fact{"Minimum", c.format(s.min)}, fact{"Maximum", c.format(s.max)}, fact{"Mean", c.formatMean(s.mean)},
			fact{"Median", c.formatMean(s.median)}, fact{"Standard deviation", c.formatSpread(s.stddev)})
	case c.kind == kindText:
		list = append(list, fact{"Shortest", plural(s.shortest, "character")}, fact{"Longest", plural(s.longest, "character")})
	}
	return list
}

// frequent is the most frequent values, where values repeat.
func (s *summary) frequent() v.Node {
	if len(s.top) == 0 || s.top[0].count < 2 {
		return nil
	}
	table := v.Table("Most frequent").Density(v.TableDensityCompact).
		Add(v.Column("Value"), v.Column("Rows").Align(v.AlignEnd), v.Column("Share").Align(v.AlignEnd))
	for _, w := range s.top {
		table.Add(v.Row(
			v.Cell().Text(cut(w.word, 60)), v.Cell().Text(count(w.count)),
			v.Cell().Text(fmt.Sprintf("%.1f %%", 100*float64(w.count)/float64(max(1, s.count)))),
		))
	}
	return table
}
