package abi_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// PROTOCOL.md has a picture of each frame, and the bytes in it are those of a vector.
func TestProtocolIsPictured(t *testing.T) {
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, _ := strings.Cut(string(b), "## One of each\n")
	doc, _, _ = strings.Cut(doc, "\n## ")
	known := map[string]string{"08": "PING", "49": "PONG"}
	for _, v := range readFrames(t).Frames {
		name := strings.ToUpper(v.Type)
		switch v.Type {
		case "ClientHello":
			name = "HELLO"
		case "Effect":
			name = "FX"
		case "PageCall", "PageAnswer":
			name = strings.TrimPrefix(name, "PAGE")
		}
		known[v.Hex] = name
	}
	apart := regexp.MustCompile(` {3,}`)
	pictured := map[byte]bool{}
	for _, picture := range strings.Split(strings.TrimSpace(doc), "\n\n")[1:] {
		top, below, _ := strings.Cut(picture, "\n")
		bytes, words := apart.Split(strings.TrimSpace(top), -1), fieldsBelow(top, below)
		frame := strings.Join(bytes, "")
		if name := known[frame]; name == "" || len(words) == 0 || words[0] != name {
			t.Errorf("%s is no vector of a frame %q", frame, words)
			continue
		}
		for i, w := range words {
			if w == "" {
				t.Errorf("%s: nothing is said of %s", words[0], bytes[i])
			}
		}
		pictured[unhex(t, frame)[0]] = true
	}
	for _, f := range []abi.FrameType{abi.FrameHello, abi.FrameSnap, abi.FramePatch, abi.FrameEffect, abi.FrameFault, abi.FrameResumed, abi.FramePing,
		abi.FrameBye, abi.FramePixels, abi.FrameUpload, abi.FrameClientHello, abi.FrameMount, abi.FrameEvent, abi.FrameAck, abi.FrameResume,
		abi.FrameVisible, abi.FrameUnmount, abi.FrameNak, abi.FramePong, abi.FrameCancel,
		abi.FramePageCall, abi.FrameRefused, abi.FrameProps, abi.FramePageAnswer, abi.FrameTaken} {
		if !pictured[byte(f)] {
			t.Errorf("there is no picture of frame %#02x", byte(f))
		}
	}
}

// fieldsBelow are the words that stand below each group of bytes.
func fieldsBelow(top, below string) (out []string) {
	starts := regexp.MustCompile(`\S+`).FindAllStringIndex(top, -1)
	for i, s := range starts {
		end := len(below)
		if i+1 < len(starts) {
			end = min(end, starts[i+1][0])
		}
		out = append(out, strings.TrimSpace(below[min(s[0], len(below)):max(end, min(s[0], len(below)))]))
	}
	return out
}
