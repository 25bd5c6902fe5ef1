package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

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
	if errors.Is(err, record.ErrCatalog) {
		return "replay it with the version of vitrine that it was recorded with"
	}
	return ""
}

func (c *replayCmd) step(e *env, s record.Step) {
	from := "server"
	if s.Page {
		from = "page"
	}
	if c.JSON {
		_ = e.print(replayed{Ms: &s.Ms, From: from, Bytes: s.Bytes, Says: s.Message})
		return
	}
	name := s.Message["frame"]
	delete(s.Message, "frame")
	says, _ := json.Marshal(s.Message)
	if len(says) > 160 {
		says = append([]byte(string([]rune(string(says[:157])))), "..."...)
	}
	fmt.Fprintf(e.stdout, "%9.1f ms  %-6s  %6d B  %-7s %s\n", s.Ms, from, s.Bytes, name, says)
}

func (c *replayCmd) shows(e *env, mount uint32, root *bridgetest.Node) {
	if c.JSON {
		_ = e.print(replayed{Mount: mount, Shows: root})
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
