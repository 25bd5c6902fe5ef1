package main

import v "github.com/vitrine-run/vitrine/sdk/go"

// loading reads a file in parts: it checks the text, finds the cells, then the kinds of the columns.
type loading struct {
	name    string
	data    []byte
	host    bool // whether the host passed it in
	limit   int  // bytes of memory that the plugin may have
	beside  int  // bytes of the table that is there until this one is found to be right
	memory  int  // bytes that the table will take
	checked int
	parser  *parser
	table   *table
	column  int
	typing  *typing
}

// How much a step does.
const (
	checkBytes = 1 << 20
	parseBytes = 128 << 10
	typeRows   = 8 << 10
)

func newLoading(name string, data []byte, limit int) *loading {
	return &loading{name: name, data: data, limit: limit}
}

// step does a part. When more is false, either err says what is wrong or table is complete.
func (l *loading) step() (more bool, err error) {
	switch {
	case l.checked == 0 && l.parser == nil:
		if err := checkStart(l.data); err != nil {
			return false, err
		}
		fallthrough
	case l.checked < len(l.data):
		l.checked, err = checkText(l.data, l.checked, l.checked+checkBytes)
		return err == nil, err
	case l.parser == nil:
		err = l.parse()
		return err == nil, err
	case l.table == nil:
		if more, err := l.parser.step(parseBytes); more || err != nil {
			return err == nil, err
		}
		l.found()
		return true, nil
	}
	return l.typeColumns(), nil
}

// parse begins to look for the cells, if there is room for what they take.
func (l *loading) parse() (err error) {
	sep := findSeparator(l.data)
	parsed, whole := measure(l.data, sep)
	if need := max(whole, l.beside+parsed); need > workMemory(l.limit) {
		return &tooLarge{needOf(need), l.limit}
	}
	l.memory = whole
	l.parser, err = newParser(l.data, sep)
	return err
}

// found makes the table, its columns still without kinds.
func (l *loading) found() {
	p := l.parser
	l.table = &table{name: l.name, data: l.data, sep: p.sep, rows: len(p.starts[0]), memory: l.memory}
	for i, name := range p.header {
		l.table.columns = append(l.table.columns, &column{name: name, starts: p.starts[i]})
	}
}

func (l *loading) typeColumns() (more bool) {
	if l.typing == nil {
		l.typing = newTyping(l.table, l.table.columns[l.column])
	}
	if !l.typing.step(typeRows) {
		l.typing = nil
		l.column++
	}
	return l.column < len(l.table.columns)
}

// progress is how much is done, from 0 to 1.
func (l *loading) progress() float64 {
	switch {
	case l.parser == nil:
		return 0.05 * float64(l.checked) / float64(max(1, len(l.data)))
	case l.table == nil:
		return 0.05 + 0.45*float64(l.parser.pos)/float64(len(l.data))
	}
	done := float64(l.column)
	if l.typing != nil {
		part := float64(l.typing.row) / float64(max(1, l.table.rows)) / 2
		if l.typing.fill {
			part += 0.5
		}
		done += part
	}
	return 0.5 + 0.5*done/float64(len(l.table.columns))
}

// load reads a file in one go.
func load(name string, data []byte) (*table, error) {
	l := newLoading(name, data, v.MemoryLimit())
	for {
		more, err := l.step()
		if err != nil {
			return nil, err
		}
		if !more {
			return l.table, nil
		}
	}
}
