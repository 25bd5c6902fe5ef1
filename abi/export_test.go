package abi

// Held is how much memory the bytes of a tree take.
func (t *Tree) Held() int { return cap(t.buf) }
