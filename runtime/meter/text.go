package meter

// text is where rewritten bodies are kept until the module is encoded. Those of many functions share
// one page, so that a module of thousands of them does not take as many allocations, and
// the pages serve the next module.
type text struct {
	page []byte // the last one, as far as it is written
	left int    // about how many bytes are still to be written
	used [][]byte
	free [][]byte
}

const (
	pageSize = 1 << 18
	maxFree  = 8 // pages that are kept for the next module
)

// room returns where a function can be written that has about n bytes.
func (t *text) room(n int) []byte {
	if cap(t.page)-len(t.page) < n {
		t.page = t.next(n)
	}
	return t.page[len(t.page):]
}

func (t *text) next(n int) []byte {
	if last := len(t.free) - 1; n <= pageSize && last >= 0 {
		page := t.free[last]
		t.free = t.free[:last]
		t.used = append(t.used, page)
		return page
	}
	t.left = max(t.left, n)
	if size := max(n, min(t.left, pageSize)); size != pageSize {
		return make([]byte, 0, size)
	}
	t.used = append(t.used, make([]byte, 0, pageSize))
	return t.used[len(t.used)-1]
}

// keep takes what was written there out of the room. What had no room has an array of its own.
func (t *text) keep(code []byte) []byte {
	if n := len(t.page); len(code) > 0 && cap(code) == cap(t.page)-n {
		t.page = t.page[:n+len(code)]
	}
	t.left -= len(code)
	return code[:len(code):len(code)]
}

// reuse gives the pages free: nothing looks at what is in them any more.
func (t *text) reuse() {
	t.free = append(t.free, t.used...)
	clear(t.used)
	if len(t.free) > maxFree {
		clear(t.free[maxFree:])
		t.free = t.free[:maxFree]
	}
	*t = text{used: t.used[:0], free: t.free}
}
