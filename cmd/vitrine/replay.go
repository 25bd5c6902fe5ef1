package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/bridge/record"
)

type replayCmd struct {
	File string `arg:"" name:"file" help:"A record that the page's developer tools wrote; - is stdin."`
	JSON bool   `name:"json" help:"Print a JSON object a line: each frame, then what each mount shows."`
}

func (replayCmd) Help() string {
	return `Example: vitrine replay record.jsonl

Applies each frame of the record as a page does, without a browser, and prints what it says and what is shown in
the end. The exit code is 5 if a page would have refused a frame.`
}

// replayed is a frame, or at the end what a mount shows, as --json prints it.
type replayed struct {
	Ms    *float64         `json:"ms,omitempty"`
	From  string           `json:"from,omitempty"`
	Bytes int              `json:"bytes,omitempty"`
	Says  map[string]any   `json:"says,omitempty"`
	Mount uint32           `json:"mount,omitempty"`
	Shows *bridgetest.Node `json:"shows,omitempty"`
}

// Run implements the command.
func (c *replayCmd) Run(e *env) error {
	in := io.Reader(e.stdin)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	frames, bytes := 0, 0
	pages, err := record.Play(in, func(s record.Step) {
		frames, bytes = frames+1, bytes+s.Bytes
		c.step(e, s)
	})
	if errors.Is(err, record.ErrTooMuch) {
		pages = nil // nobody reads so much
	}
	for _, n := range slices.Sorted(maps.Keys(pages)) {
		if root := pages[n].Root; root != nil {
			c.shows(e, n, root)
		}
	}
	if err != nil {
		return &exitError{code: exitInvalid, err: fmt.Errorf("replay[%s]: %w", c.File, err), hint: replayHint(err)}
	}
	if !c.JSON {
		fmt.Fprintf(e.stdout, "%d frames, %d bytes, %d mounts: all fit\n", frames, bytes, len(pages))
	}
	return nil
}

func replayHint(err error) string {
	switch {
	case errors.Is(err, record.ErrCatalog):
		return "replay it with the version of vitrine that it was recorded with"
	case errors.Is(err, record.ErrNotRecord):
		return "record one with the developer tools of the page: ?vitrine-devtools behind its address"
	}
	return ""
}

func (c *replayCmd) step(e *env, s record.Step) {
	from := "server"
	if s.Page {
		from = "page"
	}
	if c.JSON {
		e.line(replayed{Ms: &s.Ms, From: from, Bytes: s.Bytes, Says: s.Message})
		return
	}
	name := s.Message["frame"]
	delete(s.Message, "frame")
	b, _ := json.Marshal(s.Message)
	says := printable(string(b))
	if len(says) > 160 {
		says = strings.ToValidUTF8(says[:157], "") + "..."
	}
	fmt.Fprintf(e.stdout, "%9.1f ms  %-6s  %6d B  %-7s %s\n", s.Ms, from, s.Bytes, name, says)
}

// line prints a JSON object that can be shown on a terminal.
func (e *env) line(v any) {
	var b strings.Builder
	_ = printJSON(&b, v) // into memory, of what can be encoded
	e.answered = true
	fmt.Fprintln(e.stdout, printable(strings.TrimSuffix(b.String(), "\n")))
}

// printable is s, which may be anybody's, without what a terminal would act on: JSON leaves C1 controls and what turns the
// direction of writing as they are.
func printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, "\\u%04x\\u%04x", high, low)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

func (c *replayCmd) shows(e *env, mount uint32, root *bridgetest.Node) {
	if c.JSON {
		e.line(replayed{Mount: mount, Shows: root})
		return
	}
	fmt.Fprintf(e.stdout, "mount %d shows\n", mount)
	printNode(e.stdout, root, 1)
}

func printNode(w io.Writer, n *bridgetest.Node, depth int) {
	fmt.Fprintf(w, "%*s%d %s", 2*depth, "", n.ID, n.Component)
	for _, name := range slices.Sorted(maps.Keys(n.Props)) {
		fmt.Fprintf(w, " %s=%.60q", name, fmt.Sprint(n.Props[name]))
	}
	fmt.Fprintln(w)
	for _, kid := range n.Children {
		printNode(w, kid, depth+1)
	}
}
