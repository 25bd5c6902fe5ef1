package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/extism/extismtest"
)

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], benchCases); asked { // of TestEveryCaseVerifies
		os.Exit(code)
	}
	testscript.Main(m, map[string]func(){"vitrine": main})
}

//go:generate testdata/guests/assemble.sh

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"oneobject": oneObject,
			"cut":       cut,
			"unhex":     unhex,
		},
		Setup: func(e *testscript.Env) error {
			plugins, err := extismtest.Dir()
			if err != nil {
				return err
			}
			e.Setenv("EXTISM", plugins)
			for name, dir := range map[string]string{"GUESTS": "testdata/guests", "RUNTIME": "../../runtime/testdata", "DESK": "../../host/testdata/desk", "REPO": "../.."} {
				abs, err := filepath.Abs(dir)
				if err != nil {
					return err
				}
				e.Setenv(name, abs)
			}
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache")) // what is compiled there is tested, too
			// Guests are built with the toolchain and the cache of whoever runs the test.
			for _, name := range []string{"HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY"} {
				if v, ok := os.LookupEnv(name); ok {
					e.Setenv(name, v)
				}
			}
			return nil
		},
	})
}
