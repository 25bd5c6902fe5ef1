package bench

import (
	"bytes"
	"os"
	"path/filepath"
)

// Tree is the folder of Vitrine's sources that a folder lies in, or "" if it lies in none. Some cases build guests from
// them that are too large to be carried around.
func Tree(dir string) string {
	for dir, err := filepath.Abs(dir); err == nil; dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(mod, []byte("module github.com/vitrine-run/vitrine\n")) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return ""
}
