package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// The words that js-framework-benchmark makes labels of.
var (
	adjectives = []string{"pretty", "large", "big", "small", "tall", "short", "long", "handsome", "plain", "quaint", "clean", "elegant", "easy",
		"angry", "crazy", "helpful", "mushy", "odd", "unsightly", "adorable", "important", "inexpensive", "cheap", "expensive", "fancy"}
	colours = []string{"red", "yellow", "blue", "green", "pink", "brown", "purple", "brown", "white", "black", "orange"}
	nouns   = []string{"table", "chair", "house", "bbq", "desk", "car", "pony", "cookie", "sandwich", "burger", "pizza", "mouse", "keyboard"}
)

type item struct {
	ID       int    `json:"id"`
	Label    string `json:"label"`
	selected bool
}

// items are rows with random labels, the same ones each time.
func items(n int) []item {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]item, n)
	for i := range out {
		out[i] = item{ID: i + 1, Label: adjectives[r.IntN(len(adjectives))] + " " + colours[r.IntN(len(colours))] + " " + nouns[r.IntN(len(nouns))]}
	}
	return out
}

// table is the benchmark's table: a number, a label and a button in each row.
func table(rows []item) *abi.Tree {
	var w abi.TreeWriter
	w.Open(abi.ComponentTable)
	w.Text(0, "Rows")
	for _, it := range rows {
		w.Open(abi.ComponentRow)
		w.Key(fmt.Sprint(it.ID))
		w.Bool(0, it.selected)
		w.On(0, uint32(2*it.ID))
		for _, text := range []string{fmt.Sprint(it.ID), it.Label} {
			w.Open(abi.ComponentCell)
			w.Text(0, text)
			w.Close()
		}
		w.Open(abi.ComponentCell)
		w.Open(abi.ComponentButton)
		w.Text(0, "Remove")
		w.On(0, uint32(2*it.ID+1))
		w.Close()
		w.Close()
		w.Close()
	}
	w.Close()
	return decoded(&w)
}

func decoded(w *abi.TreeWriter) *abi.Tree {
	t := new(abi.Tree)
	if err := t.Decode(w.Bytes(), nil); err != nil {
		panic(err)
	}
	return t
}

func counter(n int) *abi.Tree {
	var w abi.TreeWriter
	w.Open(abi.ComponentButton)
	w.Text(0, fmt.Sprint("Count: ", n))
	w.On(0, 1)
	w.Close()
	return decoded(&w)
}

type silent struct{}

func (silent) Event(func() ([]byte, bool)) {}
func (silent) Visible(bool)                {}
func (silent) Close()                      {}

// wire is a mount and its page without a socket between them.
type wire struct {
	mount *bridge.Mount
	page  *bridgetest.Page
}

func newWire() (*wire, error) {
	w := &wire{bridge.NewMount(silent{}, nil), bridgetest.NewPage(1)}
	w.mount.Attach(func() {})
	return w, w.mount.Receive((&abi.Mount{Mount: 1, Visible: true}).Append(nil))
}

// show is how many bytes of frames it takes to show a tree.
func (w *wire) show(t *abi.Tree) (n int, err error) {
	w.mount.Tree(t)
	for {
		frame := w.mount.Next(nil)
		if len(frame) == 0 {
			return n, nil
		}
		n += len(frame)
		if err := w.page.Apply(frame); err != nil {
			return 0, err
		}
		if err := w.mount.Receive(w.page.Ack()); err != nil {
			return 0, err
		}
	}
}

// A change is from one tree to another; most is the bytes that it may take.
type change struct {
	name     string
	from, to *abi.Tree
	most     int
}

func changes() []change {
	rows := items(1000)
	tenth, swapped, chosen := append([]item(nil), rows...), append([]item(nil), rows...), append([]item(nil), rows...)
	for i := 0; i < len(tenth); i += 10 {
		tenth[i].Label += " !!!"
	}
	swapped[1], swapped[998] = swapped[998], swapped[1]
	chosen[5].selected = true
	removed := append(append([]item(nil), rows[:500]...), rows[501:]...)
	return []change{
		{"counter", counter(41), counter(42), 10},
		{"every 10th row", table(rows), table(tenth), 1010},
		{"swap", table(rows), table(swapped), 18},
		{"remove a row", table(rows), table(removed), 7},
		{"create 1,000", table(nil), table(rows), 9850},
		{"append 1,000", table(rows), table(items(2000)), 0},
		{"select", table(rows), table(chosen), 0},
		{"clear", table(rows), table(nil), 0},
	}
}

// bytes measures each row of the table that the protocol is held to.
func (b *suite) bytes() error {
	for _, c := range changes() {
		w, err := newWire()
		if err != nil {
			return err
		}
		if _, err := w.show(c.from); err != nil {
			return err
		}
		n, err := w.show(c.to)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		b.print(bench.Row{Case: "bytes", System: bench.Ours, Variant: c.name, Metric: "payload", Value: float64(n), Unit: "B", N: 1})
	}
	w, err := newWire()
	if err != nil {
		return err
	}
	if _, err := w.show(counter(1)); err != nil {
		return err
	}
	b.print(bench.Row{Case: "bytes", System: bench.Ours, Variant: "a click", Metric: "payload", Value: float64(len(w.page.Event(1, 0, nil))), Unit: "B", N: 1})
	if !b.peers {
		return nil
	}
	return b.remoteDOM()
}

// remoteDOM has Node do the same with Remote DOM.
func (b *suite) remoteDOM() error {
	rows, err := json.Marshal(items(2000))
	if err != nil {
		return err
	}
	cmd := exec.Command("node", "bench/bridge/remotedom/bytes.mjs")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(rows), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var r bench.Row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		b.print(r)
	}
	return nil
}
