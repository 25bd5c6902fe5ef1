package memory_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

// contents are n pages with a little in them.
func contents(n int) []byte {
	b := make([]byte, n*page)
	for i := 0; i < len(b); i += 3 * 4096 {
		b[i] = byte(i>>12) + 1
	}
	return b
}

func image(t testing.TB, b []byte) *memory.Image {
	t.Helper()
	img, err := memory.NewImage(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(img.Close)
	return img
}

// loaded is a memory of 16 pages at most that has the image.
func loaded(t testing.TB, m *memory.Memory, img *memory.Image) *memory.Memory {
	t.Helper()
	t.Cleanup(m.Release)
	m.Reserve(16 * page)
	m.Reallocate(img.Size())
	if err := m.Load(img); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestResetPutsEverythingBack(t *testing.T) {
	want := contents(4)
	for _, blind := range []bool{false, true} {
		for _, k := range kinds {
			t.Run(fmt.Sprintf("%s blind=%v", k.name, blind), func(t *testing.T) {
				img := image(t, want)
				memory.SetBlind(img, blind)
				m := loaded(t, k.make(16*page), img)
				r := rand.New(rand.NewSource(1))
				for round := range 50 {
					if b := m.Bytes(); !bytes.Equal(b, want) {
						t.Fatalf("round %d: not as the image", round)
					}
					b := m.Reallocate(uint64(4+r.Intn(8)) * page)
					for range r.Intn(100) {
						b[r.Intn(len(b))] = byte(r.Int())
					}
					if round%10 == 9 {
						for i := range b {
							b[i] = 0xaa
						}
					}
					if _, err := m.Reset(); err != nil {
						t.Fatal(err)
					}
				}
				if b := m.Reallocate(16 * page); !bytes.Equal(b[4*page:], make([]byte, 12*page)) {
					t.Error("grown pages are not zero")
				}
			})
		}
	}
}

// More than is kept is dropped, and comes back as it was.
func TestResetOfMuch(t *testing.T) {
	want := contents(128)
	img := image(t, want)
	m := memory.New(256 * page)
	defer m.Release()
	m.Reserve(256 * page)
	m.Reallocate(img.Size())
	if err := m.Load(img); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b := m.Bytes()
		for i := 0; i < len(b); i += 4096 {
			b[i] = 0xbb
		}
		if n, err := m.Reset(); err != nil || n > 128*page {
			t.Fatal(n, err)
		}
		if !bytes.Equal(m.Bytes(), want) {
			t.Fatal("not as the image")
		}
	}
}

func TestDiffAndApply(t *testing.T) {
	for _, blind := range []bool{false, true} {
		for _, k := range kinds {
			t.Run(fmt.Sprintf("%s blind=%v", k.name, blind), func(t *testing.T) {
				img := image(t, contents(4))
				memory.SetBlind(img, blind)
				m := loaded(t, k.make(16*page), img)
				b := m.Reallocate(6 * page)
				b[5], b[page], b[5*page+9] = 1, 2, 3
				same := b[2*page]
				b[2*page] = same // written, and no different
				clear(b[3*4096 : 3*4096+8])
				want := bytes.Clone(b)
				p, err := m.Diff()
				if err != nil {
					t.Fatal(err)
				}
				if p.Size() != 6*page || p.Bytes() != 4*4096+16 {
					t.Errorf("a patch of %d bytes for a memory of %d", p.Bytes(), p.Size())
				}
				if m.Apply(p) != nil {
					t.Error("does not apply to what it is of")
				}
				if _, err := m.Reset(); err != nil {
					t.Fatal(err)
				}
				if m.Apply(p) == nil {
					t.Error("applied to a memory of another length")
				}
				m.Reallocate(p.Size())
				if err := m.Apply(p); err != nil || !bytes.Equal(m.Bytes(), want) {
					t.Errorf("not the same again: %v", err)
				}
			})
		}
	}
}

func TestGuardedMemoryShrinks(t *testing.T) {
	m := memory.New(8 * page)
	defer m.Release()
	if !m.ReserveGuarded(8*page, 16*page, page) {
		t.Skip("this system cannot reserve")
	}
	m.Reallocate(page)
	if err := m.Load(image(t, contents(1))); err != nil {
		t.Fatal(err)
	}
	m.Reallocate(3 * page)[2*page] = 1
	if _, err := m.Reset(); err != nil {
		t.Fatal(err)
	}
	if !touch(m.Bytes()) {
		t.Error("what is past the end can be read")
	}
	if m.Reallocate(3 * page)[2*page] != 0 {
		t.Error("grown pages are not zero")
	}
}

func TestImageRuns(t *testing.T) {
	b := make([]byte, 2*page)
	b[0], b[4096], b[5*4096], b[2*page-1] = 1, 1, 1, 1
	var got string
	img := image(t, b)
	for at, b := range img.Runs() {
		got += fmt.Sprintf("%d+%d ", at/4096, len(b)/4096)
	}
	if got != "0+2 5+1 31+1 " || img.Resident() != 4*4096 {
		t.Errorf("%s, %d bytes", got, img.Resident())
	}
	if _, err := memory.NewImage(make([]byte, 100)); err == nil {
		t.Error("a part of a page was taken")
	}
	m := memory.New(page)
	if m.Load(img) == nil {
		t.Error("loaded into a memory of another length")
	}
	if _, err := m.Reset(); err != nil {
		t.Error(err)
	}
}

func ExampleNewImage() {
	img, err := memory.NewImage(make([]byte, page))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer img.Close()
	m := memory.New(4 * page)
	defer m.Release()
	m.Reserve(4 * page)
	m.Reallocate(page)
	_ = m.Load(img) // they are of one length
	m.Reallocate(3 * page)[0] = 'x'
	_, err = m.Reset()
	fmt.Println(len(m.Bytes()), m.Bytes()[0], err)
	// Output: 65536 0 <nil>
}

func BenchmarkReset(b *testing.B) {
	for _, pages := range []int{2, 17, 64, 512} {
		for _, dirty := range []int{1, 4, 40, 400} {
			if dirty > pages*16 {
				continue
			}
			for _, blind := range []bool{false, true} {
				b.Run(fmt.Sprintf("pages=%d/dirty=%d/blind=%v", pages, dirty, blind), func(b *testing.B) {
					img := image(b, contents(pages))
					memory.SetBlind(img, blind)
					m := memory.New(1024 * page)
					defer m.Release()
					m.Reserve(1024 * page)
					m.Reallocate(img.Size())
					if err := m.Load(img); err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						for i := range dirty {
							m.Bytes()[i*pages*page/dirty] = 9
						}
						if _, err := m.Reset(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
