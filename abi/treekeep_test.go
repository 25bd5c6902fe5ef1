package abi_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// keeper writes trees in full, and the same ones with nodes of the tree before kept here and there.
type keeper struct {
	random *rand.Rand
	before *abi.Tree
}

// children writes what a node holds: nodes of its own and runs of what was in the box before, which are kept if keep says so.
func (k *keeper) children(w *abi.TreeWriter, seed uint64, keep bool) {
	r := rand.New(rand.NewPCG(seed, 0))
	for n := range r.IntN(6) {
		if o := k.before; o != nil && r.IntN(2) == 0 {
			first := 1 + r.IntN(max(1, len(o.Nodes)-1))
			count := k.siblings(first, 1+r.IntN(3))
			switch {
			case count == 0 || abi.ComponentAt(o.Nodes[first].Component).Parents != nil:
			case keep:
				w.Keep(uint32(first), uint32(count))
			default:
				for range count {
					k.full(w, first)
					first += int(o.Nodes[first].Size)
				}
			}
			continue
		}
		w.Open(abi.ComponentBox)
		w.Open(abi.ComponentButton)
		w.Text(0, fmt.Sprint("button ", seed, n))
		w.On(0, uint32(n))
		w.Close()
		w.Open(abi.ComponentText)
		w.Key(fmt.Sprint("key", n))
		w.Text(0, strings.Repeat("x", r.IntN(200)))
		w.Close()
		w.Close()
	}
}

// siblings is how many of at most most nodes from first on are siblings, 0 if there is no such node.
func (k *keeper) siblings(first, most int) (n int) {
	for up := range k.before.Nodes {
		end := up + int(k.before.Nodes[up].Size)
		n = 0
		for c := up + 1; c < end; c += int(k.before.Nodes[c].Size) {
			if n > 0 && n < most || c == first {
				n++
			}
		}
		if n > 0 {
			return n
		}
	}
	return 0
}

func (k *keeper) full(w *abi.TreeWriter, i int) {
	o := k.before
	w.Open(o.Nodes[i].Component)
	if key := o.Key(i); len(key) > 0 {
		w.Key(string(key))
	}
	for _, p := range o.PropsOf(i) {
		w.Text(p.Number, string(o.Bytes(p)))
	}
	for _, h := range o.HandlersOf(i) {
		w.On(h.Event, h.Handler)
	}
	for c := i + 1; c < i+int(o.Nodes[i].Size); c += int(o.Nodes[c].Size) {
		k.full(w, c)
	}
	w.Close()
}

func (k *keeper) tree(seed uint64, keep bool) []byte {
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	k.children(&w, seed, keep)
	w.Open(abi.ComponentBox)
	k.children(&w, seed+1, keep)
	w.Close()
	w.Close()
	return w.Bytes()
}

// TestKeptNodesAreThoseOfBefore: whatever is kept, the tree is the one that was written in full, down to its ops, and can be
// kept from in turn.
func TestKeptNodesAreThoseOfBefore(t *testing.T) {
	k := &keeper{}
	a, b, full := new(abi.Tree), new(abi.Tree), new(abi.Tree)
	kept := 0
	for seed := range uint64(3000) {
		in, want := k.tree(seed, true), bytes.Clone(k.tree(seed, false))
		wrong, err := full.Decode(want, nil), b.DecodeOver(k.before, in, nil)
		if (err == nil) != (wrong == nil) {
			t.Fatalf("seed %d: kept %v, in full %v", seed, err, wrong)
		}
		if err != nil { // the same key twice
			continue
		}
		if !bytes.Equal(b.Append(nil), want) {
			t.Fatalf("seed %d: %x came back as\n%x\nand is\n%x", seed, in, b.Append(nil), want)
		}
		checkShape(t, b)
		if len(in) < len(want) {
			kept++
		}
		for i := range b.Nodes {
			if !b.Same(i, full, i) {
				t.Fatalf("seed %d: node %d is not the one in full", seed, i)
			}
		}
		a, b = b, a
		if k.before = a; len(a.Nodes) > 300 {
			k.before = nil
		}
	}
	if kept < 500 {
		t.Errorf("only %d trees kept anything", kept)
	}
}

// TestKeepRefused: what cannot be kept is refused as what cannot be shown.
func TestKeepRefused(t *testing.T) {
	before := new(abi.Tree)
	write := func(f func(w *abi.TreeWriter)) []byte {
		var w abi.TreeWriter
		w.Open(abi.ComponentBox)
		f(&w)
		w.Close()
		return w.Bytes()
	}
	text := func(w *abi.TreeWriter, key string) {
		w.Open(abi.ComponentText)
		w.Key(key)
		w.Text(0, "some words")
		w.Close()
	}
	err := before.Decode(write(func(w *abi.TreeWriter) { // 0 box: 1 text, 2 box: 3 text; 4 text, 5 table: 6 row
		text(w, "a")
		w.Open(abi.ComponentBox)
		text(w, "b")
		w.Close()
		text(w, "c")
		w.Open(abi.ComponentTable)
		w.Text(0, "rows")
		w.Open(abi.ComponentRow)
		w.Close()
		w.Close()
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	edited := new(abi.Tree)
	edited.CopyFrom(before)
	edited.SetValue(1, 0, abi.WireBytes, 0, []byte("other"))
	for _, c := range []struct {
		name   string
		before *abi.Tree
		limits *abi.TreeLimits
		ops    []byte
		want   string
	}{
		{"of no tree", nil, nil, write(func(w *abi.TreeWriter) { w.Keep(1, 1) }), "no node 1 is shown"},
		{"of an empty tree", new(abi.Tree), nil, write(func(w *abi.TreeWriter) { w.Keep(0, 1) }), "no node 0 is shown"},
		{"of an edited tree", edited, nil, write(func(w *abi.TreeWriter) { w.Keep(1, 1) }), "no node 1 is shown"},
		{"no such node", before, nil, write(func(w *abi.TreeWriter) { w.Keep(7, 1) }), "no node 7 is shown"},
		{"a number that is none", before, nil, write(func(w *abi.TreeWriter) { w.Keep(1<<32-1, 1<<32-1) }), "no node 4294967295 is shown"},
		{"none of them", before, nil, write(func(w *abi.TreeWriter) { w.Keep(1, 0) }), "no node 1 is shown"},
		{"more than there are", before, nil, write(func(w *abi.TreeWriter) { w.Keep(4, 3) }), "has not 2 siblings"},
		{"an uncle", before, nil, write(func(w *abi.TreeWriter) { w.Keep(3, 2) }), "has not 1 siblings"},
		{"behind the root", before, nil, write(func(w *abi.TreeWriter) { w.Keep(0, 2) }), "has not 1 siblings"},
		{"as the root", before, nil, []byte{5, 0, 1}, "before the root is open"},
		{"where it cannot stand", before, nil, write(func(w *abi.TreeWriter) { w.Keep(6, 1) }), "cannot stand in"},
		{"twice the same key", before, nil, write(func(w *abi.TreeWriter) { w.Keep(1, 1); text(w, "a") }), "doubled"},
		{"too deep", before, &abi.TreeLimits{Depth: 2}, write(func(w *abi.TreeWriter) { w.Keep(2, 1) }), "nest deeper than 2"},
		{"too many", before, &abi.TreeLimits{Nodes: 4}, write(func(w *abi.TreeWriter) { w.Keep(1, 2); w.Keep(3, 1) }), "more than 4 nodes"},
		{"too large", before, &abi.TreeLimits{Bytes: 40}, write(func(w *abi.TreeWriter) { w.Keep(1, 1); w.Keep(3, 1); w.Keep(4, 1) }), "40 are allowed"},
		{"cut off", before, nil, []byte{1, 0, 5, 1}, "no number here"},
		{"properties behind it", before, nil, write(func(w *abi.TreeWriter) { w.Keep(1, 1); w.Text(0, "x") }), "already has children"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := new(abi.Tree)
			err := tree.DecodeOver(c.before, c.ops, c.limits)
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, abi.ErrMalformed) || len(tree.Nodes) > 0 {
				t.Errorf("%v, and not %q", err, c.want)
			}
		})
	}
}

// FuzzTreeKeep: whatever keeps what, a tree comes of it that can be written in full, or an error.
func FuzzTreeKeep(f *testing.F) {
	k := &keeper{}
	for seed := range uint64(20) {
		ops := bytes.Clone(k.tree(seed, true))
		f.Add(seed, ops)
		next := new(abi.Tree)
		if next.DecodeOver(k.before, ops, nil) == nil {
			k.before = next
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, in []byte) {
		before, tree, full := new(abi.Tree), new(abi.Tree), new(abi.Tree)
		if err := before.Decode((&keeper{}).tree(seed, false), nil); err != nil {
			t.Fatal(err) // whatever the seed is, it is a tree
		}
		was := before.Append(nil)
		if err := tree.DecodeOver(before, in, nil); err != nil {
			if !errors.Is(err, abi.ErrMalformed) || len(tree.Nodes) > 0 {
				t.Fatalf("%d nodes, %v", len(tree.Nodes), err)
			}
			return
		}
		if err := full.Decode(tree.Append(nil), nil); err != nil || !bytes.Equal(full.Append(nil), tree.Append(nil)) {
			t.Fatalf("%x is no tree in full: %v", in, err)
		}
		if !bytes.Equal(before.Append(nil), was) {
			t.Fatal("the tree before changed")
		}
	})
}
