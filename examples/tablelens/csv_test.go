package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestBadFiles(t *testing.T) {
	wide := strings.Repeat("a,", 256) + "a\n"
	utf16 := func(order int, s string) string {
		var b strings.Builder
		for _, r := range s {
			b.Write([]byte{[]byte{byte(r), 0}[order], []byte{byte(r), 0}[1-order]})
		}
		return b.String()
	}
	for name, c := range map[string]struct{ in, want string }{
		"empty":             {"", "the file is empty"},
		"only white space":  {" \r\n\t\n", "the file is empty"},
		"only a mark":       {"\xef\xbb\xbf", "the file is empty"},
		"only line ends":    {strings.Repeat("\n", 5000), "the file is empty"},
		"few fields":        {"a,b,c\n1,2,3\n4,5\n", "line 3, column 4: the row has 2 fields, the header has 3"},
		"one field":         {"a,b\r\n1,2\r\n4\r\n", "line 3, column 2: the row has 1 field, the header has 2"},
		"many fields":       {"a,b\n1,2\nä,5,6,7\n", "line 3, column 5: the row has 4 fields, the header has 2"},
		"ragged after gap":  {"a,b\n1,2\n\n\n4\n", "line 5, column 2: the row has 1 field, the header has 2"},
		"ragged at the end": {"a,b\n1,2\n3", "line 3, column 2: the row has 1 field, the header has 2"},
		"bare quote":        {"a,b\n1,x\"y\n", `line 2, column 4: a quote in the middle of a field`},
		"after quote":       {"a,b\n1,\"x\"y\n", `line 2, column 6: something behind a closing quote`},
		"open quote":        {"a,b\n1,\"x\n2,3\n", "line 2, column 3: a quote that is never closed"},
		"quoted line ends":  {"a,b\n\"x\n\ny\",1\n2\n", "line 5, column 2: the row has 1 field, the header has 2"},
		"NUL":               {"a,b\n1,2\n3,\x004\n", "line 3, column 3: a NUL character"},
		"lone CR":           {"a,b\r1,2\r3,4\r", "line 1, column 4: a carriage return that ends no line"},
		"invalid UTF-8":     {"a,b\nä,\xe4\n", "line 2, column 3: byte 0xe4 is not valid UTF-8"},
		"cut UTF-8":         {"a,b\n1,\xc3", "line 2, column 3: byte 0xc3 is not valid UTF-8"},
		"UTF-16 LE mark":    {"\xff\xfe" + utf16(0, "a,b\n1,2\n"), "line 1, column 1: the file is in UTF-16"},
		"UTF-16 BE mark":    {"\xfe\xff" + utf16(1, "a,b\n1,2\n"), "line 1, column 1: the file is in UTF-16"},
		"UTF-16 LE":         {utf16(0, "a,b\n1,2\n"), "line 1, column 1: the file seems to be in UTF-16"},
		"UTF-16 BE":         {utf16(1, "a,b\n1,2\n"), "line 1, column 1: the file seems to be in UTF-16"},
		"too wide":          {wide, "line 1, column 513: more than 256 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := load("x", []byte(c.in))
			var p *problem
			if !errors.As(err, &p) || !strings.HasPrefix(err.Error(), c.want) || table != nil {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if _, err := analyze([]byte(c.in)); err == nil || err.Error() != p.Error() {
				t.Errorf("analyze: %v", err)
			}
		})
	}
}

// The place must be right wherever the parts are cut in which a file is checked.
func TestBadByteInALaterPart(t *testing.T) {
	in := []byte("a\n" + strings.Repeat("ä€😀\n", 1<<17) + "\xff\n")
	_, err := load("x", in)
	if want := fmt.Sprintf("line %d, column 1: byte 0xff", 1<<17+2); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// grid is a table as text: its header, then its rows.
func grid(t *table) [][]string {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	out := [][]string{names}
	for r := range t.rows {
		var row []string
		for _, c := range t.columns {
			row = append(row, string(cellAt(t.data, t.sep, c.starts[r])))
		}
		out = append(out, row)
	}
	return out
}

func TestGoodFiles(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":          {"a,b\n1,2\n", "[[a b] [1 2]]"},
		"no line end":    {"a,b\n1,2", "[[a b] [1 2]]"},
		"empty last":     {"a,b\n1,", "[[a b] [1 ]]"},
		"CRLF":           {"a,b\r\n1,2\r\n", "[[a b] [1 2]]"},
		"mark":           {"\xef\xbb\xbfa,b\n1,2\n", "[[a b] [1 2]]"},
		"blank lines":    {"\n\na,b\n\n1,2\n\r\n\n3,4\n\n", "[[a b] [1 2] [3 4]]"},
		"quotes":         {"a,\"b \"\"q\"\"\"\n\"1,1\",\"2\n2\"\n\"\",\"\"\"\"\n", "[[a b \"q\"] [1,1 2\n2] [ \"]]"},
		"semicolons":     {"a;b\n1,5;2\n", "[[a b] [1,5 2]]"},
		"tabs":           {"a\tb\n1,5;\t2\n", "[[a b] [1,5; 2]]"},
		"one column":     {"a\n1\n2\n", "[[a] [1] [2]]"},
		"header only":    {"a,b\n", "[[a b]]"},
		"names":          {"a,a,,a\n1,2,3,4\n", "[[a a (2) column 3 a (3)] [1 2 3 4]]"},
		"spaces in name": {"\"a\n b\",c\n1,2\n", "[[a b c] [1 2]]"},
		"quoted commas":  {"a;b\n\"x,y,z,w\";1\n\"x,y,z,w\";2\n", "[[a b] [x,y,z,w 1] [x,y,z,w 2]]"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := load("x", []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(grid(table)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Where encoding/csv reads a table, this parser reads the same; what it refuses, this one refuses.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,\"b\n\"\"c\"\r\n1,2", "\xef\xbb\xbfa;b\n1;2\n\n3;4", "a\tb\n\"x\"\t\"\"\n", "a,b\n1\n", "\"a", "a,b\r1,2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := load("x", bytes.Clone(in))
		if err != nil {
			var p *problem
			if !errors.As(err, &p) || p.line < 0 || p.line > bytes.Count(in, []byte("\n"))+1 || !utf8.ValidString(err.Error()) {
				t.Fatalf("%#v", err)
			}
			return
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(in, utf8BOM)))
		r.Comma = rune(got.sep)
		want, err := r.ReadAll()
		if err != nil {
			t.Fatalf("encoding/csv: %v", err)
		}
		cells := grid(got)
		for i := range want {
			for j := range want[i] {
				// encoding/csv makes CRLF in quotes LF; a header's name is tidied.
				if cell := strings.ReplaceAll(cells[i][j], "\r\n", "\n"); i > 0 && cell != want[i][j] {
					t.Fatalf("row %d, column %d: %q, encoding/csv has %q", i, j, cell, want[i][j])
				}
			}
		}
		if len(cells) != len(want) {
			t.Fatalf("%d rows, encoding/csv has %d", len(cells), len(want))
		}
	})
}

func TestKinds(t *testing.T) {
	for kind, cells := range map[kind]string{
		kindInteger:   "1 -5 +7 0 999999999999999 NA",
		kindDecimal:   "1 2.5 -.5 1e6 3.",
		kindDate:      "2025-03-01 2024-02-29 01.12.2025 2025/12/31",
		kindTimestamp: "2025-03-01T10:00 2025-03-01T10:00:59.5Z 2025-03-01T10:00:00+02:00",
		kindTime:      "08:30 23:59:59",
		kindBoolean:   "yes No TRUE false",
		kindText:      "1 2 x",
	} {
		t.Run(kind.String(), func(t *testing.T) {
			table, err := load("x", []byte("c\n"+strings.ReplaceAll(cells, " ", "\n")+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := table.columns[0].kind; got != kind {
				t.Errorf("%s is %s", cells, got)
			}
		})
	}
	for cells, want := range map[string]kind{
		"00123 04567":                         kindText, // codes
		"2025-02-30 2025-01-01":               kindText,
		"25:00 10:00":                         kindText,
		"NA NA":                               kindText,
		"1 1234567890123456":                  kindDecimal,
		strings.Repeat("red green blue ", 4):  kindCategory,
		"1e999 1":                             kindText,
		"0x10 1":                              kindText,
		"Infinity 1":                          kindText,
		"2025-03-01T10:00 2025-03-01T10:00+2": kindText,
	} {
		table, err := load("x", []byte("c\n"+strings.ReplaceAll(strings.TrimSpace(cells), " ", "\n")+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := table.columns[0].kind; got != want {
			t.Errorf("%s is %s, want %s", cells, got, want)
		}
	}
}

func TestDecimalComma(t *testing.T) {
	table, err := load("x", []byte("a;b\n1,5;x\n-2,25;y\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c := table.columns[0]; c.kind != kindDecimal || c.values[1] != -2.25 {
		t.Errorf("%s %v", c.kind, c.values)
	}
}

func TestDatesThereAndBack(t *testing.T) {
	for _, s := range []string{"0001-01-01", "1600-02-29", "1969-12-31", "1970-01-01", "2000-02-29", "2025-12-31", "9999-12-31"} {
		days, n := parseDate([]byte(s))
		if n != 10 || dateText(float64(days)*86400) != s {
			t.Errorf("%s: %d days, %s", s, days, dateText(float64(days)*86400))
		}
	}
	if days, _ := parseDate([]byte("2025-11-20")); days != 20412 {
		t.Errorf("2025-11-20 is day %d", days)
	}
}

func BenchmarkLoad(b *testing.B) {
	data, err := os.ReadFile("data/rides.csv")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := load("rides", data); err != nil {
			b.Fatal(err)
		}
	}
}

// A column that looks like numbers for a while is words from the first row on.
func TestLateWords(t *testing.T) {
	table, err := load("x", []byte("c\n"+strings.Repeat("1\n2\n", 10)+"red\n"+strings.Repeat("1\nred\n", 10)))
	if err != nil {
		t.Fatal(err)
	}
	c := table.columns[0]
	if got := fmt.Sprint(c.kind, c.words, c.wordCounts([]uint32{0, 1, 20, 21, 22})); got != "category [1 2 red] [0 2 1 2]" {
		t.Error(got)
	}
}

// What is read without strconv is read as strconv does.
func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.25", "+.5", "3.", "1e5", "-0", "123456789012345678", "1e-400", "1.7976931348623157e308", "1,5", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDecimal([]byte(s), false)
		want, err := strconv.ParseFloat(s, 64)
		if ok && (err != nil || got != want) {
			t.Errorf("%q is %v, strconv says %v, %v", s, got, want, err)
		}
	})
}

// A table is measured at no less than it takes, whatever its cells look like.
func TestMeasure(t *testing.T) {
	for _, in := range []string{"a\n1\n", "a,b\n1,2\n3,4", "a;b\r\n1;2\r\n", "a,b\n\"x, y\nz\",2\n"} {
		table, err := load("x", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		parsed, whole := measure(table.data, table.sep)
		places, values := 0, 0
		for _, c := range table.columns {
			places += placeBytes * len(c.starts)
			values += 8*len(c.values) + 2*len(c.codes)
		}
		if parsed < len(in)+places || whole < len(in)+places+values {
			t.Errorf("%q: measured %d, %d; it takes %d and %d more", in, parsed, whole, len(in)+places, values)
		}
	}
}

// What fits is refused with less memory, and what a refusal asks for is enough.
func TestMemoryThatIsAskedForIsEnough(t *testing.T) {
	data := []byte("a,b\n" + strings.Repeat("1,2\n", 1<<20))
	read := func(limit int) error {
		l := newLoading("x", data, limit)
		for more := true; more; {
			var err error
			if more, err = l.step(); err != nil {
				return err
			}
		}
		return nil
	}
	var large *tooLarge
	if err := read(40 << 20); !errors.As(err, &large) || large.need <= large.limit {
		t.Fatalf("with 40 MiB: %v", err)
	}
	if err := read(large.need); err != nil {
		t.Errorf("with %d bytes: %v", large.need, err)
	}
}
