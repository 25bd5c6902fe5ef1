package meter_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

// TestSpecSuite runs every script of the specification's suite on the original
// modules and on the rewritten ones, side by side, and wants the same of both.
// Slices of fuel are so small that the cold paths are taken all the time.
func TestSpecSuite(t *testing.T) {
	scripts := wasmtest.Scripts(t)
	for _, engine := range []string{"compiler", "interpreter"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			total := 0
			for i, s := range scripts {
				if testing.Short() && i%8 != 0 {
					continue
				}
				total += runScript(t, s, engine == "compiler")
			}
			if want := 50_000; total < want && !testing.Short() {
				t.Errorf("only %d calls were compared, want %d", total, want)
			}
		})
	}
}

// pair is a module and the same rewritten.
type pair struct{ plain, metered api.Module }

func runScript(t *testing.T, s *wasmtest.Script, compiler bool) (compared int) {
	plain, metered := newHost(t, compiler, &bank{}), newHost(t, compiler, &bank{slice: 37, depth: 20_000})
	spectest, err := os.ReadFile(filepath.Join(wasmtest.SpecDir(t), "testdata", "spectest.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*host{plain, metered} {
		if _, err := h.load("spectest", spectest); err != nil {
			t.Fatal(err)
		}
	}
	named := map[string]pair{}
	var last pair
	for i := range s.Commands {
		c := &s.Commands[i]
		at := fmt.Sprintf("%s:%d: %s %s", s.Name, c.Line, c.Type, c.Action.Field)
		switch c.Type {
		case "module", "assert_uninstantiable", "assert_unlinkable":
			if c.ModuleType == "text" {
				continue
			}
			name := ""
			if i+1 < len(s.Commands) && s.Commands[i+1].Type == "register" {
				name = s.Commands[i+1].As
			}
			p, ok := loadPair(t, at, name, plain, metered, s.Read(t, c))
			if compared++; ok && c.Type == "module" {
				last, named[c.Name] = p, p
			}
		case "assert_return", "assert_trap", "assert_exhaustion", "action":
			p := last
			if c.Action.Module != "" {
				p = named[c.Action.Module]
			}
			if c.Action.Type == "get" || p.plain == nil {
				continue
			}
			args := arguments(t, at, c.Action.Args)
			want := outcome(p.plain, c.Action.Field, args)
			metered.bank.renew()
			got := outcome(p.metered, c.Action.Field, args)
			if got != want {
				t.Errorf("%s: got %s, want %s", at, got, want)
			}
			compared++
		}
	}
	return compared
}

func loadPair(t *testing.T, at, name string, plain, metered *host, b []byte) (pair, bool) {
	want, err1 := plain.load(name, b)
	r, err := rewrite(b)
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return pair{}, false
	}
	got, err2 := metered.load(name, r.Wasm)
	if (err1 == nil) != (err2 == nil) {
		t.Errorf("%s: plain %v, metered %v", at, err1, err2)
	}
	return pair{want, got}, err1 == nil && err2 == nil
}

// arguments encodes arguments as wazero wants them.
func arguments(t *testing.T, at string, args []wasmtest.Value) []uint64 {
	var out []uint64
	for _, a := range args {
		if a.Type == "v128" {
			out = append(out, lanes(t, at, a)...)
			continue
		}
		var s string
		if err := json.Unmarshal(a.Value, &s); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		out = append(out, number(t, at, s, 64))
		if a.Type == "externref" && s != "null" {
			out[len(out)-1]++ // zero is null
		}
	}
	return out
}

func lanes(t *testing.T, at string, a wasmtest.Value) []uint64 {
	var list []string
	if err := json.Unmarshal(a.Value, &list); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	v, width := make([]uint64, 2), uint(128/len(list))
	for i, s := range list {
		bit := uint(i) * width
		mask := uint64(1)<<width - 1
		v[bit/64] |= (number(t, at, s, int(width)) & mask) << (bit % 64)
	}
	return v
}

func number(t *testing.T, at, s string, bits int) uint64 {
	switch {
	case s == "null":
		return 0
	case strings.HasPrefix(s, "nan"):
		if bits == 32 {
			return 0x7fc00000
		}
		return 0x7ff8000000000000
	case strings.HasPrefix(s, "-"):
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		return uint64(n)
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	return n
}
