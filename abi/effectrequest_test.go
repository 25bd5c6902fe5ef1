package abi_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleEffectRequest() {
	b := (&abi.EffectRequest{Kind: abi.EffectToast, Tone: 1, Text: "Saved"}).Append(nil)
	var e abi.EffectRequest
	fmt.Printf("% x %v %s\n", b, e.Parse(b), e.Text)
	// Output: 04 01 05 53 61 76 65 64 <nil> Saved
}

func ExampleEffect() {
	fmt.Printf("% x\n", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectFocus, Node: 12}).Append(nil))
	// Output: 05 01 07 01 0c
}

func TestEffectRequests(t *testing.T) {
	for _, e := range []abi.EffectRequest{
		{Kind: abi.EffectFocus, Key: "name"},
		{Kind: abi.EffectScroll, Key: strings.Repeat("k", 64)},
		{Kind: abi.EffectAnnounce, Text: "für alle"},
		{Kind: abi.EffectToast, Tone: 3},
		{Kind: abi.EffectOpen, Text: "https://example.org/a?b#c"},
		{Kind: abi.EffectOpen, Text: "mailto:ada@example.org"},
		{Kind: abi.EffectCopy, Text: strings.Repeat("c", abi.MaxEffectCopy)},
		{Kind: abi.EffectDownload, Text: "Übersicht 2024.csv", Data: []byte("a,b\n")},
	} {
		b := e.Append(nil)
		var got abi.EffectRequest
		if err := got.Parse(b); err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%+v came back as %+v: %v", e, got, err)
		}
		if e.Kind != abi.EffectDownload {
			for n := range min(len(b), 80) {
				if err := got.Parse(b[:n]); !errors.Is(err, abi.ErrMalformed) {
					t.Errorf("%+v, %d bytes of it: %v", e, n, err)
				}
			}
		}
	}
	for _, address := range links() {
		e := abi.EffectRequest{Kind: abi.EffectOpen, Text: address}
		if err := new(abi.EffectRequest).Parse(e.Append(nil)); !errors.Is(err, abi.ErrMalformed) {
			t.Errorf("%q may be opened: %v", address, err)
		}
	}
	for _, name := range []string{"", ".", "..", ".htaccess", "a/b", `a\b`, "a\x00", "a\nb", "evil\u202etxt.exe", "a:b", "a.", " a", "\xff", strings.Repeat("n", 301)} {
		e := abi.EffectRequest{Kind: abi.EffectDownload, Text: name}
		if err := new(abi.EffectRequest).Parse(e.Append(nil)); !errors.Is(err, abi.ErrMalformed) {
			t.Errorf("%q may be downloaded: %v", name, err)
		}
	}
}

// links are addresses that must never be followed.
func links() []string {
	return []string{
		"", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
		" javascript:alert(1)", "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "data:text/html,<script>alert(1)</script>",
		"vbscript:x", "blob:https://example.org/1", "file:///etc/passwd", "//evil.example", `\\evil.example`, `/\evil.example`,
		"https:evil.example", "https://ada:secret@evil.example", "http://allowed@evil.example", "ftp://example.org", "intent://x", "view-source:https://x",
	}
}

func FuzzEffectRequest(f *testing.F) {
	f.Add([]byte{4, 1, 5, 'S', 'a', 'v', 'e', 'd'})
	f.Add([]byte{7, 1, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, in []byte) {
		var e abi.EffectRequest
		if err := e.Parse(in); err != nil {
			if !errors.Is(err, abi.ErrMalformed) || e.Kind != 0 {
				t.Fatal(err, e)
			}
			return
		}
		if out := e.Append(nil); string(out) != string(in) {
			t.Fatalf("%x came back as %x", in, out)
		}
	})
}
