package engine

import (
	"bytes"
	"errors"
	"io"
	"runtime/debug"
	"testing"
)

// parts are machine code in memory; broken is the part that cannot be read.
type parts struct {
	of     [][]byte
	broken int
}

var errBroken = errors.New("broken")

func (p *parts) Parts() int       { return len(p.of) }
func (p *parts) Size(i int) int64 { return int64(len(p.of[i])) }
func (p *parts) Read(i int, b []byte) error {
	if len(b) != len(p.of[i]) {
		return io.ErrShortBuffer
	}
	copy(b, p.of[i])
	if i == p.broken {
		return errBroken
	}
	return nil
}

// The code is a part of its own, and what is no such form stays whole.
func TestSplitNative(t *testing.T) {
	head := "WAZEVO\x03dev\x02\x00\x00\x00AAAAAAAABBBBBBBB\x04\x00\x00\x00\x00\x00\x00\x00"
	got := splitNative([]byte(head + "codetail"))
	if len(got) != 3 || string(got[0]) != head || string(got[1]) != "code" || string(got[2]) != "tail" {
		t.Errorf("%q", got)
	}
	for n := range len(head) + 4 { // cut anywhere before the code's end
		whole := []byte((head + "code")[:n])
		if got := splitNative(whole); len(got) != 1 || !bytes.Equal(got[0], whole) {
			t.Errorf("%d bytes: %q", n, got)
		}
	}
	huge := bytes.Clone([]byte(head + "code"))
	copy(huge[10:], "\xff\xff\xff\xff")
	if got := splitNative(huge); len(got) != 1 {
		t.Errorf("more functions than bytes: %q", got)
	}
}

// A reader of any step sees the parts one after the other, and nothing of one that is not authentic.
func TestNativeReader(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 5<<16) // more than two huge pages
	of := [][]byte{[]byte("head"), nil, big, []byte("tail")}
	want := bytes.Join(of, nil)
	for _, step := range []int{1 << 10, 4, 7, len(big), len(want)} {
		var got []byte
		r := &nativeReader{n: &nativeCode{have: &parts{of, -1}}}
		for {
			b := make([]byte, step)
			n, err := r.Read(b)
			got = append(got, b[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("in steps of %d: other bytes", step)
		}
		n := &nativeCode{have: &parts{of, 2}}
		got, err := io.ReadAll(io.LimitReader(&nativeReader{n: n}, int64(step)+5))
		if !errors.Is(err, errBroken) || !errors.Is(n.err, errBroken) || len(got) > 4 {
			t.Errorf("in steps of %d: %d bytes, %v", step, len(got), err)
		}
	}
}

// An entry of another version of Vitrine, whose validator may have allowed more, has another key.
func TestVersionOf(t *testing.T) {
	const own, other = "example.com/vitrine", "example.com/other"
	dep := func(path, version string, replace *debug.Module) *debug.Module {
		return &debug.Module{Path: path, Version: version, Replace: replace}
	}
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{&debug.BuildInfo{Deps: []*debug.Module{dep(other, "v1.0.0", nil), dep(own, "v1.2.3", nil)}}, "v1.2.3"},
		{&debug.BuildInfo{Main: *dep(own, "v1.2.4", nil), Deps: []*debug.Module{dep(other, "v1.0.0", nil)}}, "v1.2.4"},
		{&debug.BuildInfo{Main: *dep(own, "(devel)", nil)}, ""},
		{&debug.BuildInfo{Deps: []*debug.Module{dep(own, "v1.2.3", dep("/a/folder", "", nil))}}, ""},
		{&debug.BuildInfo{}, ""},
	} {
		if got := versionOf(c.info, own); got != c.want {
			t.Errorf("%+v: %q, want %q", c.info, got, c.want)
		}
	}
}
