package bridge

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/shell"
)

// downloads are what pages load of the shell. The developer tools are for who asks for them.
var downloads = []struct {
	name  string
	files []string // patterns
	but   string
}{
	{"any page", []string{"vitrine.js"}, ""},
	{"a page with a plugin", []string{"vitrine.js", "mount.js", "catalog.txt"}, ""},
	{"every script", []string{"*.js"}, "devtools.js"},
}

// scripts measures the shell, file by file as a browser loads it.
func scripts(r *bench.Run) error {
	for _, d := range downloads {
		size := 0
		for _, pattern := range d.files {
			names, err := fs.Glob(shell.Files(), pattern)
			if err != nil || len(names) == 0 {
				return fmt.Errorf("the shell has no %s: %w", pattern, err)
			}
			for _, name := range names {
				if name == d.but {
					continue
				}
				n, err := compressed(r, d.name, name)
				if err != nil {
					return err
				}
				size += n
			}
		}
		r.Print(bench.Row{System: bench.Ours, Variant: d.name, Metric: "gzip", Value: float64(size), Unit: "B", N: 1})
	}
	return nil
}

// compressed is how many bytes a file is on the wire. What comes out again must be the file.
func compressed(r *bench.Run, variant, name string) (int, error) {
	file, err := fs.ReadFile(shell.Files(), name)
	if err != nil {
		return 0, err
	}
	var wire bytes.Buffer
	w, err := gzip.NewWriterLevel(&wire, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(file); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	n := wire.Len()
	back, err := gzip.NewReader(&wire)
	if err != nil {
		return 0, err
	}
	got, err := io.ReadAll(back)
	if err != nil {
		return 0, err
	}
	return n, r.Verify(bench.Ours, variant, got, file)
}
