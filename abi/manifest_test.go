package abi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleParseManifest() {
	m, err := abi.ParseManifest([]byte(`{
	  "apiVersion": "v1", "id": "clock", "name": "Clock", "version": "1.0.0",
	  "runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui", "clock"]
	}`))
	fmt.Println(m.Name, m.Version, m.Capabilities, err)

	_, err = abi.ParseManifest([]byte(`{"apiVersion": "v1", "Id": "clock"}`))
	fmt.Println(err)
	// Output:
	// Clock 1.0.0 [ui clock] <nil>
	// vitrine.json:1:22: manifest has no key "Id" (write "id")
}

// A manifestVector is a file of testdata/manifest: a manifest as text, or in hex where it is not one,
// and the failure that is expected, or the id when none is.
type manifestVector struct {
	About  string `json:"about"`
	Text   string `json:"text"`
	Hex    string `json:"hex"`
	Beyond bool   `json:"beyondSchema"` // what a JSON Schema of the manifest cannot say
	Expect struct {
		Error        string `json:"error"` // part of the message; "" for a manifest that is right
		Line, Column int
		ID           string `json:"id"`
	} `json:"expect"`
}

func TestManifestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/manifest/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			var v manifestVector
			readJSON(t, file, &v)
			in := []byte(v.Text)
			if v.Hex != "" {
				in = unhex(t, v.Hex)
			}
			m, err := abi.ParseManifest(in)
			if v.Expect.Error == "" {
				if err != nil || m.ID != v.Expect.ID {
					t.Fatalf("got %+v, %v, want id %q", m, err, v.Expect.ID)
				}
				return
			}
			var e *abi.ManifestError
			if m != nil || !errors.As(err, &e) {
				t.Fatalf("got %+v, %v, want the error %q", m, err, v.Expect.Error)
			}
			if !strings.Contains(e.Message, v.Expect.Error) || e.Line != v.Expect.Line || e.Column != v.Expect.Column {
				t.Errorf("got %d:%d %q, want %d:%d %q", e.Line, e.Column, e.Message, v.Expect.Line, v.Expect.Column, v.Expect.Error)
			}
		})
	}
}

// manifest is a manifest that is right but for what replace, in pairs of old and new, makes of it.
func manifest(replace ...string) []byte {
	return []byte(strings.NewReplacer(replace...).Replace(`{
  "apiVersion": "v1",
  "id": "fractal",
  "name": "Fractal explorer",
  "version": "0.1.0",
  "description": "Mandelbrot and Julia sets.",
  "runtime": {"wasm": "plugin.wasm"},
  "capabilities": ["props", "ui"],
  "assets": ["logo.png", "icons/a-b_c.svg"]
}
`))
}

func TestManifestIsReadWhole(t *testing.T) {
	m, err := abi.ParseManifest(manifest())
	want := `&{APIVersion:v1 ID:fractal Name:Fractal explorer Version:0.1.0 Description:Mandelbrot and Julia sets. ` +
		`MinHostVersion: Engine: Runtime:{Wasm:plugin.wasm MaxPayloadBytes:0 Limits:{Fuel:0 WallTimeMS:0 Memory:0}} Contributions:[] ` +
		`Capabilities:[props ui] Permissions:[] Dependencies:[] Settings:<nil> Props:<nil> Callbacks:[] Components:[] Requires:[] Fallback:<nil> ` +
		`Icons:[] Texts:[] Assets:[logo.png icons/a-b_c.svg]}`
	if got := fmt.Sprintf("%+v", m); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if !m.Declares(abi.CapUI) || m.Declares(abi.CapHTTP) {
		t.Error("Declares is wrong")
	}
}

func TestManifestVersions(t *testing.T) {
	for version, right := range map[string]bool{
		"0.0.0": true, "1.2.3": true, "999999999.0.0": true, "1.0.0-0": true, "1.0.0-alpha.1": true, "1.0.0--": true,
		"1.0.0-0a": true, "1.0.0-x-y-z.1": true,
		"1.0.0+evil": false, "1.0.0-a+b": false, "01.0.0": false, "1.00.0": false, "v1": false, "v1.0.0": false, "1": false, "1.0": false,
		"9999999999999999999.0.0": false, "1.0.0.0": false, "1.0.0-": false, "1.0.0-01": false, "1.0.0-a..b": false, "1.0.0-9999999999": false,
		"": false, " 1.0.0": false, "1.0.0 ": false, `1.0.0\n`: false, "１.0.0": false, "1.0.0-é": false, "-1.0.0": false, "1.0.x": false,
		"1.0.0-" + strings.Repeat("a", 100): false,
	} {
		_, err := abi.ParseManifest(manifest("0.1.0", version))
		if (err == nil) != right {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

func TestManifestIDs(t *testing.T) {
	for id, right := range map[string]bool{
		"a": true, "a.b-c.9": true, strings.Repeat("a", 64): true, "0": true,
		"": false, "A": false, "a_b": false, "a--b": false, "-a": false, "a-": false, ".a": false, "a.": false, "a..b": false, "../a": false,
		"a/b": false, "а": false /* Cyrillic */, "a\u200bb": false, "ａ": false, strings.Repeat("a", 65): false, `a\u0000`: false,
	} {
		_, err := abi.ParseManifest(manifest(`"fractal"`, `"`+id+`"`))
		if (err == nil) != right {
			t.Errorf("id %q: %v", id, err)
		}
	}
}

func TestManifestNamesCanBeSeen(t *testing.T) {
	for _, name := range []string{"é", "日本語", "Fractal 2", strings.Repeat("é", 80), "👍", "\ufffd"} {
		if _, err := abi.ParseManifest(manifest("Fractal explorer", name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, r := range "\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u2000\u200a\u200b\u200c\u200d\u200e\u200f" +
		"\u2028\u2029\u202a\u202e\u202f\u2060\u2064\u2066\u2069\u206f\u2800\u3000\u3164\ufe00\ufe0f\ufeff\uffa0\ufff9\ue000\U000e0001\U000e0041\U000e0100" {
		for _, form := range []string{string(r), fmt.Sprintf(`\u%04x`, r)} {
			if r > 0xffff && form[0] == '\\' {
				continue
			}
			_, err := abi.ParseManifest(manifest("Fractal explorer", "Frac"+form+"tal"))
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("name holds %U", r)) {
				t.Errorf("%U: %v", r, err)
			}
		}
	}
	for _, name := range []string{"", " ", `\u0000`, `a\nb`, `\u007f`, `\u0085`, strings.Repeat("x", 81), " a", "a ", `a\t`} {
		if _, err := abi.ParseManifest(manifest("Fractal explorer", name)); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}

func TestManifestFileNames(t *testing.T) {
	for name, right := range map[string]bool{
		"a": true, "a.png": true, "a/b/c.png": true, "-": true, "a..b": true, strings.Repeat("a", 128): true,
		"": false, "/a": false, "a/": false, "a//b": false, "..": false, "../a": false, "a/../b": false, ".a": false, "a/.b": false, ".": false,
		`a\b`: false, "a b": false, "a%2fb": false, "é": false, "a\x00": false, "a:b": false, "http://a": false, strings.Repeat("a", 129): false,
	} {
		if abi.ValidAssetName(name) != right {
			t.Errorf("%q: want %v", name, right)
		}
	}
}

func TestManifestOfAnySizeIsQuick(t *testing.T) {
	many := make([]string, 8000)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprintf("%04x", i))
	}
	for name, in := range map[string][]byte{
		"assets":    manifest(`"logo.png", `, strings.Join(many, ",")+", "),
		"huge":      bytes.Repeat([]byte(" "), 100<<20),
		"brackets":  bytes.Repeat([]byte("["), abi.MaxManifest),
		"objects":   bytes.Repeat([]byte(`{"runtime":`), abi.MaxManifest/11),
		"key":       []byte(`{"` + strings.Repeat("\U0001F4A9", abi.MaxManifest/4-2)),
		"backslash": append([]byte(`{"`), bytes.Repeat([]byte(`\`), abi.MaxManifest-2)...),
		"newlines":  bytes.Repeat([]byte("\n"), abi.MaxManifest),
	} {
		withinASecond(t, name, func() {
			if _, err := abi.ParseManifest(in); err == nil || len(err.Error()) > 2048 {
				t.Errorf("%s: %.200v", name, err)
			}
		})
	}
	if _, err := abi.ParseManifest(manifest(`"logo.png", `, strings.Join(many[:1023], ",")+", ")); err != nil {
		t.Errorf("1024 assets: %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	files, _ := filepath.Glob("testdata/manifest/*.json")
	for _, file := range files {
		var v manifestVector
		b, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(b, &v) != nil {
			f.Fatal(file, err)
		}
		f.Add([]byte(v.Text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := abi.ParseManifest(in)
		if err != nil {
			var e *abi.ManifestError
			if m != nil || !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || len(err.Error()) > 2048 {
				t.Fatalf("got %v, %v", m, err)
			}
			return
		}
		// What is accepted, encoding/json reads the same way.
		var peer map[string]any
		if err := json.Unmarshal(in, &peer); err != nil {
			t.Fatalf("encoding/json refuses it: %v", err)
		}
		if peer["id"] != m.ID || peer["name"] != m.Name || peer["version"] != m.Version ||
			peer["runtime"].(map[string]any)["wasm"] != m.Runtime.Wasm || len(peer["capabilities"].([]any)) != len(m.Capabilities) {
			t.Fatalf("%+v is not %v", m, peer)
		}
	})
}
