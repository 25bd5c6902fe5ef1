package vitrine_test

import (
	"fmt"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/internal/seam"
)

// picky is a host that takes a tree or does not.
type picky struct {
	seam.Host
	refuses bool
	taken   int
	turns   int
}

func (p *picky) Render([]byte) abi.Code {
	if p.refuses {
		return abi.CodeInvalid
	}
	p.taken++
	return abi.CodeOK
}

func (p *picky) Again() { p.turns++ }

// TestRefusedTrees: what the page shows goes on answering however many trees were refused since.
func TestRefusedTrees(t *testing.T) {
	clicks := 0
	h := &picky{}
	app := seam.New(v.App(func(*v.Context) v.View {
		return func() v.Node {
			return v.Button(fmt.Sprint(clicks)).OnClick(func() { clicks++ })
		}
	}), h)
	if err := app.Mount([]byte{0xa0}); err != nil {
		t.Fatal(err)
	}
	click := []byte{0x82, 0, 0x80} // handler 0, that of the tree which was taken
	h.refuses = true
	for range 200 {
		if err := app.Event(click); err == nil {
			t.Fatal("the tree was refused and nobody minds")
		}
	}
	h.refuses = false
	if err := app.Turn(nil); err != nil || h.taken != 2 {
		t.Errorf("%d trees, %v: the host does not have the newest", h.taken, err)
	}
	if err := app.Event(click); err != nil || clicks != 201 {
		t.Errorf("%d clicks, %v", clicks, err)
	}
}

// TestStepPanics: a step that panics ends its task and not those beside it.
func TestStepPanics(t *testing.T) {
	h := &picky{}
	var bad, good *v.Task
	steps := 0
	app := seam.New(v.App(func(c *v.Context) v.View {
		bad = c.Later(func() bool { panic("boom") })
		good = c.Later(func() bool { steps++; return steps < 3 })
		return func() v.Node { return v.Text("x") }
	}), h)
	if err := app.Mount([]byte{0xa0}); err != nil {
		t.Fatal(err)
	}
	if err := app.Turn(nil); err == nil || err.Error() != "panic: boom" || bad.Running() {
		t.Errorf("the step that panics: %v, still running: %v", err, bad.Running())
	}
	for good.Running() {
		asked := h.turns
		if err := app.Turn(nil); err != nil {
			t.Fatal(err)
		}
		if good.Running() && h.turns == asked {
			t.Fatal("no turn was asked for")
		}
	}
	if steps != 3 || h.turns != 4 {
		t.Errorf("%d steps, %d turns asked for", steps, h.turns)
	}
}
