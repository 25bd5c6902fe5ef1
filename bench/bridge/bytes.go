package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

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

// A change is from one tree to another.
type change struct {
	name     string
	from, to *abi.Tree
	text     string // that the other shows
}

func changes() []change {
	rows := items(1000)
	edit := func(f func(rows []item) []item) (*abi.Tree, string) {
		out := f(slices.Clone(rows))
		return table(out), texts(out)
	}
	var list []change
	add := func(name string, f func(rows []item) []item) {
		to, text := edit(f)
		list = append(list, change{name, table(rows), to, text})
	}
	list = append(list, change{"counter", counter(41), counter(42), "Count: 42"})
	add("every 10th row", func(rows []item) []item {
		for i := 0; i < len(rows); i += 10 {
			rows[i].Label += " !!!"
		}
		return rows
	})
	add("swap", func(rows []item) []item { rows[1], rows[998] = rows[998], rows[1]; return rows })
	add("remove a row", func(rows []item) []item { return slices.Delete(rows, 500, 501) })
	list = append(list, change{"create 1,000", table(nil), table(rows), texts(rows)})
	add("append 1,000", func([]item) []item { return items(2000) })
	add("select", func(rows []item) []item { rows[5].selected = true; return rows })
	add("clear", func([]item) []item { return nil })
	return list
}

// texts are what rows show, one after the other.
func texts(rows []item) string {
	var b strings.Builder
	for _, it := range rows {
		fmt.Fprint(&b, it.ID, it.Label, "Remove")
	}
	return b.String()
}

// payloads measures each row of the table that the protocol is held to.
func payloads(ctx context.Context, r *bench.Run) error {
	list := changes()
	for _, c := range list {
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
		// The page must show what one shows that has never seen anything else.
		fresh, err := newWire()
		if err != nil {
			return err
		}
		if _, err := fresh.show(c.to); err != nil {
			return err
		}
		if err := r.Verify(bench.Ours, c.name, w.page.Ops(), fresh.page.Ops()); err != nil {
			return err
		}
		payload(r, bench.Ours, c.name, n)
	}
	if err := click(r); err != nil {
		return err
	}
	if err := scripts(r); err != nil {
		return err
	}
	return peer(ctx, r, list)
}

func payload(r *bench.Run, system, variant string, n int) {
	r.Print(bench.Row{System: system, Variant: variant, Metric: "payload", Value: float64(n), Unit: "B", N: 1})
}

// click is the frame that goes the other way.
func click(r *bench.Run) error {
	w, err := newWire()
	if err != nil {
		return err
	}
	if _, err := w.show(counter(1)); err != nil {
		return err
	}
	frame := w.page.Event(1, 0, nil)
	var e abi.Event
	if err := e.Parse(frame); err != nil {
		return err
	}
	const variant = "a click"
	if err := r.Verify(bench.Ours, variant, fmt.Append(nil, "node ", e.Node), []byte("node 1")); err != nil {
		return err
	}
	payload(r, bench.Ours, variant, len(frame))
	return nil
}

// peer has Node do the same with Remote DOM.
func peer(ctx context.Context, r *bench.Run, list []change) error {
	dir := filepath.Join(r.Tree, "bench", "bridge", "remotedom")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); r.Tree == "" || err != nil {
		r.Note("without Remote DOM: npm ci in bench/bridge/remotedom of Vitrine's sources")
		return nil
	}
	rows, err := json.Marshal(items(2000))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "bytes.mjs"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(rows), r.Log
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", remoteDOM, err)
	}
	found := json.NewDecoder(bytes.NewReader(out))
	for _, c := range list {
		var f struct {
			Variant, Text string
			Bytes         int
		}
		if err := found.Decode(&f); err != nil {
			return fmt.Errorf("%s: %w", remoteDOM, err)
		}
		if err := r.Verify(remoteDOM, c.name, []byte(f.Variant+": "+f.Text), []byte(c.name+": "+c.text)); err != nil {
			return err
		}
		payload(r, remoteDOM, c.name, f.Bytes)
	}
	return nil
}
