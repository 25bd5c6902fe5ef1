package wasm

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameSection is the name of the custom section with names.
const NameSection = "name"

// Names is what Vitrine keeps of a name section: what a fault shows.
type Names struct {
	Module string
	Funcs  []FuncName // by index, ascending
}

// FuncName is the name of a function.
type FuncName struct {
	Index uint32
	Name  string
}

// MaxName is how many bytes of a function's name are kept.
const MaxName = 256

// maxNames is how many names of functions are kept.
const maxNames = 1 << 18

// ParseNames reads a name section. Names are made fit to be shown: what is not
// printable is escaped, and they end after MaxName bytes. As in every engine, a section
// that is malformed only loses what comes after the mistake.
func ParseNames(b []byte) *Names {
	r, n := NewReader(b, 0), &Names{}
	for last := -1; r.Len() > 0 && r.err == nil; {
		id := r.Byte()
		s := NewReader(r.Bytes(r.U32()), 0)
		if r.err != nil || int(id) <= last {
			break
		}
		last = int(id)
		switch id {
		case 0:
			n.Module = printable(s.Name())
		case 1:
			n.Funcs = readNameMap(s)
		}
	}
	return n
}

func readNameMap(r *Reader) []FuncName {
	var names []FuncName
	for range r.Count("names", 2) {
		f := FuncName{r.U32(), r.Name()}
		if r.err != nil || len(names) == maxNames || len(names) > 0 && names[len(names)-1].Index >= f.Index {
			break
		}
		f.Name = printable(f.Name)
		names = append(names, f)
	}
	return names
}

// Encode writes the section's content.
func (n *Names) Encode() []byte {
	var out []byte
	if n.Module != "" {
		out = AppendName(append(out, 0), AppendName(nil, n.Module))
	}
	if len(n.Funcs) > 0 {
		b := AppendU32(nil, uint32(len(n.Funcs)))
		for _, f := range n.Funcs {
			b = AppendName(AppendU32(b, f.Index), f.Name)
		}
		out = AppendName(append(out, 1), b)
	}
	return out
}

func printable(s string) string {
	plain := len(s) <= MaxName
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		e := string(c)
		if !unicode.IsPrint(c) {
			e = fmt.Sprintf("\\u{%x}", c)
		}
		if b.Len()+len(e) > MaxName {
			break
		}
		b.WriteString(e)
	}
	if !utf8.ValidString(b.String()) {
		return ""
	}
	return b.String()
}
