package sandbox

import (
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// blank is a View that shows nothing.
type blank struct{}

func (blank) Tree(*abi.Tree)   {}
func (blank) Paint(*abi.Paint) {}
func (blank) Done()            {}
func (blank) Fault(*Fault)     {}

// TestKeptIsCounted: what a tree keeps counts as if it were written, is that of the last tree that was taken, and nothing is
// there to be kept before a mount has shown anything.
func TestKeptIsCounted(t *testing.T) {
	var full, keeps abi.TreeWriter
	full.Open(abi.ComponentBox)
	for range 20 {
		full.Open(abi.ComponentText)
		full.Text(0, "the same words as before")
		full.Close()
	}
	full.Close()
	keeps.Open(abi.ComponentBox)
	keeps.Keep(1, 20)
	keeps.Close()
	s := newScreen(blank{}, &Policy{ShowBytes: 4 * len(full.Bytes())})
	s.mount()
	s.begin()
	if code := s.Render(keeps.Bytes()); code != abi.CodeInvalid {
		t.Fatalf("kept where nothing was: %v", code)
	}
	s.begin()
	taken := 0
	for code := s.Render(full.Bytes()); code == abi.CodeOK; code = s.Render(keeps.Bytes()) {
		if taken++; len(s.newest.Nodes) != 21 {
			t.Fatalf("%d nodes", len(s.newest.Nodes))
		}
	}
	if taken < 2 || taken > 4 {
		t.Errorf("%d trees were taken, four fit", taken)
	}
	s.begin()
	if code := s.Render([]byte{9}); code != abi.CodeInvalid {
		t.Fatal(code)
	}
	if code := s.Render(keeps.Bytes()); code != abi.CodeOK || len(s.newest.Nodes) != 21 {
		t.Errorf("behind one that was refused: %v", code)
	}
	s.mount()
	s.begin()
	if code := s.Render(keeps.Bytes()); code != abi.CodeInvalid {
		t.Errorf("kept from an instance that is gone: %v", code)
	}
}

// TestSurfacesAreCounted: what a View has to allocate for a surface counts as if it were shown, however few pixels are painted,
// when the surface is new and whenever it gets another size.
func TestSurfacesAreCounted(t *testing.T) {
	paint := func(surface uint8, width int) []byte {
		return (&abi.Paint{Surface: surface, SurfaceWidth: width, SurfaceHeight: 100, Width: 1, Height: 1, Format: abi.PaintRGB, Pixels: make([]byte, 3)}).Append(nil)
	}
	s := newScreen(blank{}, &Policy{ShowBytes: 4*4*100*100 + 1000})
	for _, mounts := range []string{"new", "again"} {
		s.mount()
		s.begin()
		taken := 0
		for s.Paint(paint(1, 100-taken%2)) == abi.CodeOK {
			taken++
		}
		if taken != 4 {
			t.Errorf("%s: %d sizes were taken, four fit", mounts, taken)
		}
	}
	for range 3 {
		s.begin()
		for surface := range uint8(4) {
			for range 10 {
				if code := s.Paint(paint(surface, 100)); code != abi.CodeOK {
					t.Fatalf("surface %d: %v", surface, code)
				}
			}
		}
	}
}
