package shadow_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/bridge/shadow"
)

var update = flag.Bool("update", false, "write abi/testdata/shadow.json anew")

func ExampleAppend() {
	var w abi.TreeWriter
	w.Open(abi.ComponentText)
	w.Text(0, "<b>2 & 3</b>")
	w.Close()
	var tree abi.Tree
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		panic(err)
	}
	out := shadow.Append(nil, &tree, &shadow.Options{Name: "Sums", Base: "/vitrine/"})
	_, body, _ := strings.Cut(string(out), `class="body" `)
	fmt.Println(body)
	// Output: inert=""><p class="text">&lt;b&gt;2 &amp; 3&lt;/b&gt;</p></div></section></template>
}

// A vector is a SNAP and what is rendered of its tree.
type vector struct {
	Name  string `json:"name"`
	Frame string `json:"frame"`
	HTML  string `json:"html"`
}

// snapshots are the SNAPs of the protocol's vectors, with their trees.
func snapshots(t *testing.T, visit func(name, frame string, tree *abi.Tree)) {
	t.Helper()
	for _, file := range []string{"protocol/snap.json", "compact/compact.json"} {
		b, err := os.ReadFile(filepath.Join("../../abi/testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		var vectors struct {
			Cases []struct {
				Name  string
				Steps []struct{ Frame string }
			}
		}
		if err := json.Unmarshal(b, &vectors); err != nil {
			t.Fatal(err)
		}
		for _, c := range vectors.Cases {
			frame, err := hex.DecodeString(c.Steps[0].Frame)
			if err != nil {
				t.Fatal(err)
			}
			page := bridgetest.NewPage(1)
			if err := page.Apply(frame); err != nil {
				t.Fatal(err)
			}
			tree := new(abi.Tree)
			if err := tree.Decode(page.Ops(), nil); err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			visit(c.Name, c.Steps[0].Frame, tree)
		}
	}
}

var options = &shadow.Options{Name: "P", Base: "/vitrine/", Assets: "http://127.0.0.1/vitrine/assets/p/1.0.0/"}

// TestVectors checks that abi/testdata/shadow.json holds what is rendered; the shell's tests hold its own markup to
// the same file.
func TestVectors(t *testing.T) {
	var all []vector
	snapshots(t, func(name, frame string, tree *abi.Tree) {
		all = append(all, vector{name, frame, string(shadow.Append(nil, tree, options))})
	})
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(all); err != nil {
		t.Fatal(err)
	}
	const path = "../../abi/testdata/shadow.json"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Error("shadow.json is not what is rendered; if that is meant, run go test ./bridge/shadow -update")
	}
}

// hostile are texts that break out of markup where they are not escaped.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus=alert(1) autofocus='`, `</template><script>1</script>`,
	`</textarea><script>1</script>`, `<!--`, `]]>`, "\n\n<b>", "\x00<i>", "&lt;script&gt;&#60;", "</option></select><script>",
}

// TestHostile: whatever a plugin writes, a browser makes of it the same elements and attributes as of a harmless word.
func TestHostile(t *testing.T) {
	for n := range abi.Components() {
		c := abi.ComponentAt(uint16(n))
		want := outline(t, rendered(t, uint16(n), "word"))
		for _, text := range hostile {
			if got := outline(t, rendered(t, uint16(n), text)); got != want {
				t.Errorf("%s with %q is\n%s\nand not\n%s", c.Name, text, got, want)
			}
		}
	}
}

// rendered is a component with a text wherever it has one.
func rendered(t *testing.T, component uint16, text string) []byte {
	t.Helper()
	var w abi.TreeWriter
	var up []uint16
	for c := component; abi.ComponentAt(c).Parents != nil; c = abi.ComponentAt(c).Parents[0] {
		up = append([]uint16{abi.ComponentAt(c).Parents[0]}, up...)
	}
	for _, c := range append(up, component) {
		w.Open(c)
		for i, p := range abi.ComponentAt(c).Props {
			switch {
			case p.Kind == abi.KindText:
				w.Text(uint8(i), text)
			case !p.Required:
			case p.Kind == abi.KindNumber:
				w.Number(uint8(i), 1)
			case p.Kind == abi.KindInt:
				w.Int(uint8(i), p.Min)
			case p.Kind == abi.KindLink:
				w.Text(uint8(i), "/a")
			case p.Kind == abi.KindAsset:
				w.Text(uint8(i), "a.png")
			}
		}
	}
	for range len(up) + 1 {
		w.Close()
	}
	tree := new(abi.Tree)
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		t.Fatalf("%s: %v", abi.ComponentAt(component).Name, err)
	}
	return shadow.Append(nil, tree, &shadow.Options{Name: text, Base: "/vitrine/"})
}

// outline is which elements a browser makes of markup, and which attributes they have.
func outline(t *testing.T, markup []byte) string {
	t.Helper()
	z := html.NewTokenizer(bytes.NewReader(markup))
	var out strings.Builder
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return out.String()
		case html.CommentToken, html.DoctypeToken:
			fmt.Fprintf(&out, "<!%s>", z.Token().Data)
		case html.StartTagToken, html.EndTagToken:
			k := z.Token()
			fmt.Fprintf(&out, "<%v %s", kind, k.Data)
			for _, a := range k.Attr {
				fmt.Fprintf(&out, " %s", a.Key)
			}
			out.WriteByte('>')
		}
	}
}

// TestTextIsKept: what is escaped is what a browser reads again.
func TestTextIsKept(t *testing.T) {
	for _, text := range hostile {
		if strings.Contains(text, "\x00") {
			continue // no markup can say that
		}
		z := html.NewTokenizer(bytes.NewReader(rendered(t, abi.ComponentText, text)))
		var got string
		for in := false; ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			k := z.Token()
			if kind == html.TextToken && in {
				got = k.Data
			}
			in = kind == html.StartTagToken && k.Data == "p"
		}
		if got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzAppend(f *testing.F) {
	f.Add(uint64(1), uint8(30))
	f.Fuzz(func(t *testing.T, seed uint64, nodes uint8) {
		tree := bridgetest.NewRandom(seed).Tree(int(nodes) + 1).Decoded(0)
		markup := shadow.Append(nil, tree, options)
		depth := 0
		z := html.NewTokenizer(bytes.NewReader(markup))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			name, _ := z.TagName()
			switch {
			case string(name) == "input" || string(name) == "img" || string(name) == "link":
			case kind == html.StartTagToken:
				depth++
			case kind == html.EndTagToken:
				depth--
			}
		}
		if depth != 0 {
			t.Errorf("%d elements are not closed", depth)
		}
	})
}
