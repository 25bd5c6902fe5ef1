package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/runtime"
)

// cacheFlag says where compiled modules are kept.
type cacheFlag struct {
	Cache string `placeholder:"DIR" help:"Where compiled modules are kept for the next start, a folder for you alone; \"off\" keeps none. Default: your cache folder."`
}

const cacheOff = "off"

// compiler returns what compiles, and keeps it where the flag says. Where nobody said anything and there
// is no place for it, nothing is kept; why a place is refused is said, since it may be somebody else's doing.
func (f *cacheFlag) compiler(otherwise string, stderr io.Writer) (*runtime.Compiler, error) {
	dir := f.Cache
	switch dir {
	case cacheOff:
		return runtime.NewCompiler(nil)
	case "":
		if dir = otherwise; dir == "" {
			base, err := os.UserCacheDir()
			if err != nil {
				return runtime.NewCompiler(nil)
			}
			dir = filepath.Join(base, "vitrine", "compiled")
		}
	}
	c, err := runtime.NewCompiler(&runtime.CompilerOptions{CacheDir: dir})
	if err != nil && f.Cache == "" {
		fmt.Fprintf(stderr, "vitrine: compiled modules are not kept: %v\n", err)
		fmt.Fprintln(stderr, "hint: mend that, name another folder with --cache, or keep nothing, without these lines, with --cache off")
		return runtime.NewCompiler(nil)
	}
	if err != nil {
		return nil, &exitError{exitUsage, err, "name another folder with --cache, or keep nothing with --cache off"}
	}
	return c, nil
}
