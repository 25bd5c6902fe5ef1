package record_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/record"
)

func header() string {
	hash := abi.CatalogHash()
	return fmt.Sprintf(`{"vitrine":"record","version":1,"catalog":"%x"}`+"\n", hash[:])
}

func frame(from, frame string) string {
	return fmt.Sprintf(`{"ms":1,"from":%q,"frame":%q}`+"\n", from, frame)
}

func ExamplePlay() {
	pages, err := record.Play(strings.NewReader(header()+
		frame("server", "0301010100"+"1b010104476f01")+ // SNAP: a button "Go"
		frame("page", "430101010001")+ // a click
		frame("server", "04010201"+"21"+"06"+"476f21")), // PATCH: now it says "Go!"
		func(s record.Step) {
			b, _ := json.Marshal(s.Message)
			fmt.Printf("%d %s\n", s.Bytes, b)
		})
	fmt.Println(pages[1].Root.Text("text"), err)
	// Output:
	// 12 {"ackEv":0,"epoch":1,"frame":"SNAP","mount":1,"root":{"component":"button","events":[0],"props":{"text":"Go"}},"seq":1}
	// 6 {"ev":1,"event":0,"frame":"EVENT","mount":1,"node":1,"payload":"","seen":1}
	// 9 {"ackEv":1,"frame":"PATCH","mount":1,"ops":[{"id":1,"op":"SET","property":0,"value":"Go!"}],"seq":2}
	// Go! <nil>
}

func TestPlayRefuses(t *testing.T) {
	snap := frame("server", "03010101001b010104476f01")
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"nothing":                             {"", record.ErrNotRecord},
		"no head":                             {snap, record.ErrNotRecord},
		"another version":                     {`{"vitrine":"record","version":2,"catalog":""}`, record.ErrNotRecord},
		"another catalog":                     {`{"vitrine":"record","version":1,"catalog":"00"}`, record.ErrCatalog},
		"names of what":                       {strings.Replace(header(), "}", `,"plugins":{"one":"Orders"}}`, 1), record.ErrNotRecord},
		"a frame missing, of what has a name": {strings.Replace(header(), "}", `,"plugins":{"1":"Orders"}}`, 1) + snap + frame("server", "04010300"), record.ErrRefused},
		"not JSON":                            {header() + "x\n", record.ErrNotRecord},
		"from nobody":                         {header() + frame("me", "08"), record.ErrNotRecord},
		"not digits":                          {header() + frame("server", "0g"), record.ErrNotRecord},
		"no frame":                            {header() + frame("server", ""), record.ErrRefused},
		"of no type":                          {header() + frame("server", "ff"), record.ErrRefused},
		"a frame missing":                     {header() + snap + frame("server", "04010300"), record.ErrRefused},
		"malformed":                           {header() + snap + frame("server", "0401020045"), record.ErrRefused},
		"an event missing":                    {header() + snap + frame("page", "430102010001"), record.ErrRefused},
	} {
		if _, err := record.Play(strings.NewReader(c.in), func(record.Step) {}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := record.Play(strings.NewReader(header()+strings.Repeat("x", 1<<20)), func(record.Step) {}); err == nil {
		t.Error("a line has no end")
	}
}

// TestMirrorVectors: every frame of the vectors can be said in words, and no secret is among them.
func TestMirrorVectors(t *testing.T) {
	var f struct {
		Frames []struct{ Name, Frame string }
	}
	for _, name := range []string{"protocol/frames.json", "compact/frames.json"} {
		b, err := os.ReadFile("../../abi/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		for _, v := range f.Frames {
			frame, _ := hex.DecodeString(v.Frame)
			message, err := new(record.Mirror).Frame(frame)
			b, _ := json.Marshal(message)
			if err != nil || message["frame"] == "" {
				t.Errorf("%s: %s, %v", v.Name, b, err)
			}
			for _, secret := range []string{"dG9rZW4", "abc-_9", "000102030405060708090a0b0c0d0e0f"} {
				if strings.Contains(string(b), secret) {
					t.Errorf("%s tells a secret: %s", v.Name, b)
				}
			}
		}
	}
}

func FuzzMirror(f *testing.F) {
	f.Add([]byte{4, 1, 2, 0, 0x21, 4, 'h', 'i'})
	f.Add([]byte{5, 1, 7, 1, 12})
	f.Fuzz(func(t *testing.T, in []byte) {
		var m record.Mirror
		message, err := m.Frame(in)
		if err != nil {
			return
		}
		if _, err := json.Marshal(message); err != nil {
			t.Fatal(err)
		}
	})
}

// What passes between a plugin and its page itself is told in full, but for the ticket.
func TestMirrorOfThePage(t *testing.T) {
	b, err := os.ReadFile("../../abi/testdata/page/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Frames []struct{ Frame string } }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	var m record.Mirror
	var said []string
	for _, f := range file.Frames {
		raw, _ := hex.DecodeString(f.Frame)
		o, err := m.Frame(raw)
		if err != nil {
			t.Fatal(err)
		}
		line, _ := json.Marshal(o)
		said = append(said, string(line))
	}
	want := []string{
		`{"frame":"MOUNT","mount":1,"props":"{\"n\":1}","visible":true}`,
		`{"frame":"PROPS","mount":1,"number":1,"props":"{\"n\":\"ü\"}"}`,
		`{"code":-2,"frame":"REFUSED","mount":1,"number":1,"text":"n: ü"}`,
		`{"frame":"TAKEN","mount":1,"number":1}`,
		`{"call":3,"frame":"CALL","input":"\"a\"","mount":1,"name":"pick"}`,
		`{"answer":"\"A\"","call":3,"code":0,"frame":"ANSWER","mount":1}`,
		`{"answer":"","call":4,"code":-10,"frame":"ANSWER","mount":1}`,
	}
	if !slices.Equal(said, want) {
		t.Errorf("got\n%s", strings.Join(said, "\n"))
	}
}

// FuzzPlay: what a record says, each frame as it is given, ends in an error of ours or in something that can be shown.
func FuzzPlay(f *testing.F) {
	f.Add([]byte("\x00\x0c\x03\x01\x01\x01\x00\x1b\x01\x01\x04Go\x01\x01\x06\x43\x01\x01\x01\x00\x01\x00\x09\x04\x01\x02\x01\x21\x06Go!"))
	f.Add([]byte("\x00\x07\x03\x01\x01\x01\x00\x00\x00\x07\x04\x01\x02\x00\x14\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		lines := header()
		for range 8 { // who, how long, a frame; each may stand for a lot
			if len(in) < 3 {
				break
			}
			n := min(int(in[1]), len(in)-2)
			lines += frame([]string{"server", "page"}[in[0]&1], hex.EncodeToString(in[2:2+n]))
			in = in[2+n:]
		}
		pages, err := record.Play(strings.NewReader(lines), func(s record.Step) {
			if _, err := json.Marshal(s.Message); err != nil {
				t.Fatal(err)
			}
		})
		if err != nil && !errors.Is(err, record.ErrRefused) && !errors.Is(err, record.ErrTooMuch) {
			t.Fatal(err)
		}
		for _, p := range pages {
			if _, err := json.Marshal(p.Root); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzPlayText: whatever stands in a file.
func FuzzPlayText(f *testing.F) {
	f.Add(header() + frame("server", "0301010100"+"1b010104476f01"))
	f.Add(header() + `{"ms":1e999,"from":"page","frame":""}`)
	f.Fuzz(func(t *testing.T, in string) {
		_, err := record.Play(strings.NewReader(in), func(record.Step) {})
		for _, known := range []error{nil, record.ErrNotRecord, record.ErrCatalog, record.ErrRefused, record.ErrTooMuch} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Fatal(err)
	})
}
