package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// recordHead is the head of a record, as the developer tools of a page write it.
func recordHead() string {
	hash := abi.CatalogHash()
	return fmt.Sprintf(`{"vitrine":"record","version":1,"catalog":"%x"}`+"\n", hash[:])
}

func recorded(frame []byte) string {
	return fmt.Sprintf(`{"ms":1,"from":"server","frame":"%x"}`+"\n", frame)
}

// snapOf is a record's line with a SNAP of a tree.
func snapOf(t *testing.T, write func(w *abi.TreeWriter)) string {
	t.Helper()
	var ops abi.TreeWriter
	write(&ops)
	var tree abi.Tree
	if err := tree.Decode(ops.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	var w abi.PatchWriter
	w.Begin((&abi.Snap{Mount: 1, Epoch: 1, Seq: 1}).AppendHead(nil))
	w.Node(&tree, 0)
	return recorded(w.Bytes())
}

// rowsWithoutEnd is a table that gets 32,000 rows with each frame of 20 bytes.
func rowsWithoutEnd(t *testing.T) string {
	b := recordHead() + table(t)
	for n := range 40 {
		f := (&abi.Patch{Mount: 1, Seq: uint32(n) + 2}).AppendHead(nil)
		if f = append(f, 0x2b, 0, 0); n == 0 { // ROWS of node 1, the shape with the first
			f = append(f, 0x5c, 1, 0x61, 1, 3, 1)
		}
		b += recorded(append(f, 0x80, 0xfa, 1, 2, 0, 2))
	}
	return b
}

// oneTextOfMany is a text of 60 KB that 30,000 rows have.
func oneTextOfMany(t *testing.T) string {
	f := append((&abi.Patch{Mount: 1, Seq: 2}).AppendHead(nil), 0x2b, 0, 0, 0x5c, 1, 0x61, 1, 3, 1) // as in rowsWithoutEnd
	f = append(binary.AppendUvarint(f, 30_000), 1)                                                  // all the same
	f = append(binary.AppendUvarint(f, 60_000<<1), strings.Repeat("x", 60_000)...)
	return recordHead() + table(t) + recorded(f)
}

func table(t *testing.T) string {
	return snapOf(t, func(w *abi.TreeWriter) { w.Open(abi.ComponentTable); w.Text(0, "rows"); w.Close() })
}

// surfaces are canvases of which each has as many pixels as a surface may have.
func surfaces(t *testing.T) string {
	b := recordHead() + snapOf(t, func(w *abi.TreeWriter) {
		w.Open(abi.ComponentBox)
		for range 16 {
			w.Open(abi.ComponentCanvas)
			w.Text(1, "a picture")
			w.Int(2, 4)
			w.Int(3, 4)
			w.Close()
		}
		w.Close()
	})
	for n := range 16 {
		p := abi.Pixels{Mount: 1, Seq: uint32(n) + 2, Node: uint32(n) + 2}
		p.Paint = abi.Paint{SurfaceWidth: 4096, SurfaceHeight: 4096, Width: 1, Height: 1, Format: abi.PaintRGB, Pixels: []byte{1, 2, 3}}
		b += recorded(p.Append(nil))
	}
	return b
}

// deepens nests a box in the last one, a level a frame.
func deepens(t *testing.T) string {
	b := recordHead() + snapOf(t, func(w *abi.TreeWriter) { w.Open(abi.ComponentBox); w.Close() })
	for n := range 100 {
		f := (&abi.Patch{Mount: 1, Seq: uint32(n) + 2}).AppendHead(nil)
		f = binary.AppendUvarint(f, uint64(n+1)<<5|4) // INS into the node of the frame before
		b += recorded(append(f, 0, 0))                // at the end, a box
	}
	return b
}

// TestReplayOfHostileRecords: whatever a file says, replay ends with an error that says what is wrong, within its memory, and writes
// nothing that a terminal would act on.
func TestReplayOfHostileRecords(t *testing.T) {
	hello := snapOf(t, func(w *abi.TreeWriter) { w.Open(abi.ComponentText); w.Text(0, "hello"); w.Close() })
	evil := snapOf(t, func(w *abi.TreeWriter) {
		w.Open(abi.ComponentText)
		w.Text(0, "\x1b]0;owned\x07\u009b2J\u202e\U000e0041 \x7f")
		w.Close()
	})
	for _, c := range []struct {
		name, in string
		code     int
		says     string
	}{
		{"all well", recordHead() + hello, 0, "all fit"},
		{"what a terminal would obey", recordHead() + evil, 0, "all fit"},
		{"empty", "", exitInvalid, "not a record"},
		{"wrong magic", "\x7fELF\x02\x01\x01\n", exitInvalid, "not a record"},
		{"another program's", `{"vitrine":"tape","version":1}`, exitInvalid, "not a record"},
		{"a later version", `{"vitrine":"record","version":2,"catalog":""}`, exitInvalid, "not a record"},
		{"another catalog", `{"vitrine":"record","version":1,"catalog":"` + "\u009b2J" + `"}`, exitInvalid, "another catalog"},
		{"cut in a line", recordHead() + hello[:len(hello)/2], exitInvalid, "line 2"},
		{"cut in a frame", recordHead() + recorded([]byte{3, 1, 1}), exitInvalid, "line 2"},
		{"a line without end", recordHead() + strings.Repeat("A", 1<<20), exitInvalid, "longer than a frame"},
		{"nested JSON", recordHead() + strings.Repeat("[", 100_000), exitInvalid, "not a record"},
		{"a count of 4 billion", recordHead() + recorded(append([]byte{3, 1, 1, 1, 0, 4}, 0xff, 0xff, 0xff, 0xff, 0x0f)), exitInvalid, "would have refused"},
		{"a text of a gigabyte", recordHead() + recorded(append([]byte{3, 1, 1, 1, 0, 9, 1, 1}, 0x80, 0x80, 0x80, 0x80, 0x08)), exitInvalid, "would have refused"},
		{"boxes in boxes", recordHead() + recorded(append([]byte{3, 1, 1, 1, 0}, strings.Repeat("\x04\x01", 1000)...)), exitInvalid, "deeper"},
		{"boxes in boxes, frame by frame", deepens(t), exitInvalid, "deeper"},
		{"rows without end", rowsWithoutEnd(t), exitInvalid, "more than is replayed"},
		{"a text for many", oneTextOfMany(t), exitInvalid, "more than is replayed"},
		{"surface after surface", surfaces(t), exitInvalid, "more than is replayed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, how := range [][]string{nil, {"--json"}} {
				replays(t, c.in, c.code, c.says, how)
			}
		})
	}
}

// replays runs the command on a record and looks at how it ends.
func replays(t *testing.T, in string, code int, says string, how []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(file, []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("vitrine", append([]string{"replay", file}, how...)...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("%v: exit code %d, want %d:\n%.2000s", how, got, code, out)
	}
	if !strings.Contains(string(out), says) && (code != 0 || how == nil) {
		t.Errorf("%v: it does not say %q:\n%.2000s", how, says, out)
	}
	if at := strings.IndexFunc(string(out), func(r rune) bool { return r != '\n' && printable(string(r)) != string(r) }); at >= 0 {
		t.Errorf("%v: it writes %q", how, out[at:min(at+8, len(out))])
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss > 1<<20 { // in KiB on Linux
		t.Errorf("%v: it took %d MiB", how, usage.Maxrss>>10)
	}
}
