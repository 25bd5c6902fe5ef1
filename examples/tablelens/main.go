// Tablelens looks into a CSV file: it finds out what its columns are, sorts and filters its rows, and
// tells what there is in a column.
//
//	main.go       the state, and what the person can do to it
//	view.go       what is seen; chart.go: the histogram's drawing
//	memory.go     what fits into the memory that the host gives
//	load.go       reading a file in parts; encoding.go, csv.go, kind.go: what it is made of
//	table.go      the file in memory: as it is, with the place of each cell and the values of columns
//	sort.go, query.go, filter.go   the rows to show
//	stats.go, histogram.go         what is in a column
//	analyze.go    the function `analyze`, a summary without a page:
//
//	vitrine call examples/tablelens analyze --input rides.csv
//
// The table comes from the host, as props "csv" (bytes) and "name", or from a file that the person
// picks. Whatever takes long is done in parts, so that a table of 50,000 rows is as live as one of
// 50. A file that is not right is refused with the line and the column of what is wrong, and the
// table that was there stays.
package main

import (
	"hash/fnv"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(start)

func main() {}

// lens is the plugin's state.
type lens struct {
	c       *v.Context
	limit   int // bytes of memory that the plugin may have
	loading *loading
	next    *loading    // what comes after it, when it is past being given up
	trouble string      // what is wrong with the file that was picked last
	fromOut string      // the same, of the one that the host passed in
	given   fingerprint // of the host's last csv

	table   *table
	search  string
	wrong   string // what is wrong with search
	column  int    // that is looked at
	sortBy  int    // column, -1 for the order of the file
	down    bool
	page    int
	width   int      // of the chart
	order   []uint32 // nil is the order of the file
	match   []bool   // by row; of the last complete filtering, for matched
	matched string   // the search that match belongs to
	visible []uint32

	sorting   *sorting
	filtering *filtering
	summary   *summary
	histogram *histogram
	work      *v.Task
}

func start(c *v.Context) v.View {
	l := &lens{c: c, limit: v.MemoryLimit(), width: defaultWidth}
	setCollector(l.limit)
	l.props()
	c.OnUpdate(l.props)
	return l.view
}

// props takes the table that the host passes in, if it is another one than before.
func (l *lens) props() {
	p := l.c.Props()
	csv := p.Bytes("csv")
	print := fingerprintOf(csv)
	if csv == nil || print == l.given {
		return
	}
	l.given, l.fromOut = print, ""
	l.open(p.String("name", "table"), csv, true)
}

// fingerprint tells files apart without keeping them.
type fingerprint struct {
	size int
	hash uint64
}

func fingerprintOf(data []byte) fingerprint {
	h := fnv.New64a()
	h.Write(data)
	return fingerprint{len(data), h.Sum64()}
}

// pick takes a file of the person's.
func (l *lens) pick(f v.File) {
	l.trouble = ""
	l.open(f.Name, f.Data, false)
}

func (l *lens) open(name string, data []byte, host bool) {
	if err := checkSize(len(data), l.limit, besideFactor); err != nil {
		l.refuse(name, host, err)
		return
	}
	next := newLoading(name, data, l.limit)
	next.host = host
	if l.loading != nil && l.loading.table != nil {
		l.next = next // the table of before is gone already
	} else {
		l.loading = next
	}
	l.run()
}

// refuse says what is wrong where the file came from. What was there stays.
func (l *lens) refuse(name string, host bool, err error) {
	text := cut(name, 80) + ": " + err.Error()
	if host {
		l.fromOut = text
	} else {
		l.trouble = text
	}
}

// run sees to it that what is under way goes on.
func (l *lens) run() {
	if !l.work.Running() {
		l.work = l.c.Later(l.step)
	}
}

// sortRows is how many rows a step of sorting goes through.
const sortRows = 16 << 10

// step does a part of the first thing that is to be done: a file before an order before a search
// before the statistics, because each needs those before it.
func (l *lens) step() (more bool) {
	switch {
	case l.loading != nil:
		l.load()
	case l.table == nil:
	case l.sorting != nil:
		if !l.sorting.step(sortRows) {
			l.order, l.sorting = l.sorting.order(), nil
			if l.filtering != nil {
				l.filter(l.search)
			} else {
				l.visible = arrange(l.match, l.order, len(l.visible))
			}
		}
	case l.filtering != nil:
		if !l.filtering.step(filterRows) {
			l.match, l.matched = l.filtering.match, l.search
			l.visible, l.filtering = l.filtering.visible, nil
			l.summary = nil
		}
	case l.summary == nil:
		l.summarize()
	}
	return l.loading != nil || l.table != nil && (l.sorting != nil || l.filtering != nil || l.summary == nil)
}

func (l *lens) load() {
	if l.loading.beside = 0; l.table != nil {
		l.loading.beside = l.table.memory
	}
	more, err := l.loading.step()
	switch {
	case err != nil:
		l.refuse(l.loading.name, l.loading.host, err)
		l.loading = nil
	case l.loading.table != nil && l.table != nil:
		// Nothing can go wrong from here on: what was there makes room, for two do not fit.
		*l = lens{c: l.c, limit: l.limit, width: l.width, work: l.work, given: l.given, loading: l.loading}
	case !more:
		t := l.loading.table
		l.loading, l.next = l.next, nil
		l.table, l.column, l.sortBy = t, firstMeasured(t), -1
		l.filter("")
	}
}

// firstMeasured is the first column that has a form to be seen.
func firstMeasured(t *table) int {
	for i, c := range t.columns {
		if c.kind == kindDecimal {
			return i
		}
	}
	for i, c := range t.columns {
		if c.kind != kindText {
			return i
		}
	}
	return 0
}

func (l *lens) summarize() {
	c := l.table.columns[l.column]
	l.summary = summarize(l.table, c, l.visible)
	if l.histogram == nil || l.histogram.column != c {
		l.histogram = newHistogram(l.table, c)
	}
	if l.histogram == nil {
		return
	}
	if l.histogram.matched = nil; len(l.visible) < l.table.rows {
		l.histogram.countMatched(l.visible)
	}
}

// filter begins to look for the rows that match. While it does, those that it has found are shown.
func (l *lens) filter(search string) {
	if l.table == nil {
		return
	}
	q, err := parseQuery(l.table, search)
	var among []bool
	if l.match != nil && l.filtering == nil && narrows(l.matched, search) {
		among = l.match
	}
	l.search, l.wrong, l.page = search, "", 0
	if err != nil {
		l.wrong = err.Error()
		return
	}
	l.filtering = newFiltering(l.table, q, l.order, among)
	l.run()
}

// sort orders by a column: up, then down, then as in the file.
func (l *lens) sort(column int) {
	if !l.has(column) {
		return
	}
	switch {
	case l.sortBy != column:
		l.sortBy, l.down = column, false
	case !l.down:
		l.down = true
	default:
		l.sortBy = -1
	}
	l.page, l.sorting = 0, nil
	if l.sortBy >= 0 {
		l.sorting = newSorting(l.table, l.table.columns[l.sortBy], l.down)
	} else if l.order = nil; l.filtering != nil {
		l.filter(l.search)
	} else {
		l.visible = arrange(l.match, nil, len(l.visible))
	}
	l.run()
}

// has reports whether there is such a column: an event may have been sent while another table was seen.
func (l *lens) has(column int) bool {
	return l.table != nil && column >= 0 && column < len(l.table.columns)
}

// look chooses the column that is looked at.
func (l *lens) look(column int) {
	if !l.has(column) {
		return
	}
	l.column, l.summary = column, nil
	l.run()
}

// rows is the rows that match, as far as they are known.
func (l *lens) rows() []uint32 {
	if l.filtering != nil {
		return l.filtering.visible
	}
	return l.visible
}
