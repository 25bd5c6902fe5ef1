package wasm

// AppendU32 appends an unsigned LEB128 number.
func AppendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendS64 appends a signed LEB128 number; it serves S32 and S33 as well.
func AppendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// AppendName appends a name or any other bytes with their length before them.
func AppendName[T string | []byte](b []byte, s T) []byte {
	return append(AppendU32(b, uint32(len(s))), s...)
}

// Preamble is what every module begins with: the magic and version 1.
const Preamble = "\x00asm\x01\x00\x00\x00"

// Encode writes the module. Numbers are as short as can be, so that decoding
// and encoding twice gives the same bytes. Custom sections go to the end, in
// their order.
func (m *Module) Encode() []byte {
	out := append(make([]byte, 0, m.sizeHint()), Preamble...)
	section := func(id byte, n int, item func(i int)) {
		if n == 0 {
			return
		}
		from := len(out)
		out = AppendU32(append(out, id, 0, 0, 0, 0, 0), uint32(n))
		for i := range n {
			item(i)
		}
		out = closeSection(out, from)
	}
	section(secType, len(m.Types), func(i int) { out = appendFuncType(out, &m.Types[i]) })
	section(secImport, len(m.Imports), func(i int) { out = appendImport(out, &m.Imports[i]) })
	section(secFunc, len(m.Funcs), func(i int) { out = AppendU32(out, m.Funcs[i]) })
	section(secTable, len(m.Tables), func(i int) { out = appendTable(out, m.Tables[i]) })
	section(secMemory, len(m.Memories), func(i int) { out = appendLimits(out, m.Memories[i]) })
	section(secGlobal, len(m.Globals), func(i int) {
		out = append(appendGlobalType(out, m.Globals[i].Type), m.Globals[i].Init.Bytes...)
	})
	section(secExport, len(m.Exports), func(i int) {
		e := &m.Exports[i]
		out = AppendU32(append(AppendName(out, e.Name), byte(e.Kind)), e.Index)
	})
	if m.Start >= 0 {
		out = AppendName(append(out, secStart), AppendU32(nil, uint32(m.Start)))
	}
	section(secElem, len(m.Elems), func(i int) { out = appendElem(out, &m.Elems[i]) })
	if m.DataCount >= 0 {
		out = AppendName(append(out, secDataCount), AppendU32(nil, uint32(m.DataCount)))
	}
	out = m.appendCode(out)
	section(secData, len(m.Data), func(i int) { out = appendData(out, &m.Data[i]) })
	for i := range m.Customs {
		from := len(out)
		out = AppendName(append(out, secCustom, 0, 0, 0, 0, 0), m.Customs[i].Name)
		out = closeSection(append(out, m.Customs[i].Bytes...), from)
	}
	return out
}

// sizeHint is about how many bytes the module has when encoded.
func (m *Module) sizeHint() int {
	size := 4096 + 8*len(m.Types) + 5*len(m.Funcs) + 16*len(m.Globals)
	for i := range m.Code {
		size += len(m.Code[i].Bytes) + 5
	}
	for i := range m.Data {
		size += len(m.Data[i].Bytes) + 16
	}
	for i := range m.Elems {
		size += 4*len(m.Elems[i].Funcs) + 8*len(m.Elems[i].Exprs) + 16
	}
	for i := range m.Customs {
		size += len(m.Customs[i].Bytes) + len(m.Customs[i].Name) + 16
	}
	return size
}

// closeSection writes the length of a section that begins at from with its identifier and five
// bytes of room for it, and takes back the room that the length does not need.
func closeSection(out []byte, from int) []byte {
	const room = 5
	body := out[from+1+room:]
	head := AppendU32(out[from+1:from+1], uint32(len(body)))
	n := copy(out[from+1+len(head):], body)
	return out[:from+1+len(head)+n]
}

// appendCode appends the code section, which is too long to be written twice.
func (m *Module) appendCode(out []byte) []byte {
	if len(m.Code) == 0 {
		return out
	}
	var leb [5]byte
	size := len(AppendU32(leb[:0], uint32(len(m.Code))))
	for i := range m.Code {
		n := len(m.Code[i].Bytes)
		size += n + len(AppendU32(leb[:0], uint32(n)))
	}
	out = AppendU32(append(out, secCode), uint32(size))
	out = AppendU32(out, uint32(len(m.Code)))
	for i := range m.Code {
		out = AppendName(out, m.Code[i].Bytes)
	}
	return out
}

func appendTypes(b []byte, ts []ValueType) []byte {
	b = AppendU32(b, uint32(len(ts)))
	for _, t := range ts {
		b = append(b, byte(t))
	}
	return b
}

func appendFuncType(b []byte, t *FuncType) []byte {
	return appendTypes(appendTypes(append(b, 0x60), t.Params), t.Results)
}

func appendLimits(b []byte, l Limits) []byte {
	if !l.HasMax {
		return AppendU32(append(b, 0), l.Min)
	}
	return AppendU32(AppendU32(append(b, 1), l.Min), l.Max)
}

func appendTable(b []byte, t TableType) []byte {
	return appendLimits(append(b, byte(t.Elem)), t.Limits)
}

func appendGlobalType(b []byte, t GlobalType) []byte {
	if t.Mutable {
		return append(b, byte(t.Type), 1)
	}
	return append(b, byte(t.Type), 0)
}

func appendImport(b []byte, i *Import) []byte {
	b = append(AppendName(AppendName(b, i.Module), i.Name), byte(i.Kind))
	switch i.Kind {
	case KindFunc:
		return AppendU32(b, i.Type)
	case KindTable:
		return appendTable(b, i.Table)
	case KindMemory:
		return appendLimits(b, i.Memory)
	}
	return appendGlobalType(b, i.Global)
}

// elemFlags returns the flag that selects the segment's form: bit 0 not
// active, bit 1 an explicit table (or declarative), bit 2 expressions.
func elemFlags(e *Elem) byte {
	var f byte
	switch {
	case e.Mode == Passive:
		f = 1
	case e.Mode == Declarative:
		f = 3
	case e.Table != 0 || e.Type != FuncRef:
		f = 2
	}
	if e.UseExprs {
		f |= 4
	}
	return f
}

func appendElem(b []byte, e *Elem) []byte {
	f := elemFlags(e)
	b = append(b, f)
	if f&3 == 2 {
		b = AppendU32(b, e.Table)
	}
	if e.Mode == Active {
		b = append(b, e.At.Bytes...)
	}
	if f&3 != 0 && e.UseExprs {
		b = append(b, byte(e.Type))
	} else if f&3 != 0 {
		b = append(b, 0) // the kind of element: a function
	}
	if e.UseExprs {
		b = AppendU32(b, uint32(len(e.Exprs)))
		for i := range e.Exprs {
			b = append(b, e.Exprs[i].Bytes...)
		}
		return b
	}
	b = AppendU32(b, uint32(len(e.Funcs)))
	for _, f := range e.Funcs {
		b = AppendU32(b, f)
	}
	return b
}

func appendData(b []byte, d *Data) []byte {
	switch {
	case d.Mode == Passive:
		b = append(b, 1)
	case d.Memory != 0:
		b = append(AppendU32(append(b, 2), d.Memory), d.At.Bytes...)
	default:
		b = append(append(b, 0), d.At.Bytes...)
	}
	return AppendName(b, d.Bytes)
}
