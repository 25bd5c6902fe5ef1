package hostfuncs

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
)

// Bounds of what is kept of a plugin's standard output and error for its last words.
const (
	lastLines     = 4   // lines at the end of a call, besides the first ones
	maxLastLine   = 160 // bytes of each
	maxFirstLines = 8   // lines at the beginning
)

// Output returns a writer for what the instance writes to its standard output or error, whose name
// is "stdout" or "stderr". It asks for no capability: a language's runtime writes there why it gives
// up, and it reaches nobody but who reads the host's log. The first Limits.OutputLines lines of a call
// become records, cut at Limits.LogRecord and counted as log.write's are, when End is called; if the
// call ends the instance, they are part of LastWords instead. Like the Env it is for one goroutine at a
// time. Write never fails.
func (e *Env) Output(name string) io.Writer { return &output{said: &e.said, name: name} }

// End is to be called after a call that the instance has survived: what it wrote goes to the log.
func (e *Env) End() {
	kept, lost := e.said.take()
	for _, l := range kept {
		e.log.plugin(slog.LevelInfo, string(l.text), map[string]any{"stream": l.stream})
	}
	e.log.lost += lost
	e.standing.end()
}

// LastWords is to be called instead of End when a call has ended the instance. It answers what was
// written in that call, fit for one record: the first lines and the last ones, escaped, cut, and with \n
// written out between them; "" if there is nothing. They are not logged otherwise.
func (e *Env) LastWords() string {
	e.said.finish()
	last := e.said.last
	kept, lost := e.said.take()
	if len(kept) > maxFirstLines {
		lost += len(kept) - maxFirstLines
		kept = kept[:maxFirstLines]
	}
	var words []string
	for _, l := range kept {
		words = append(words, printable(string(l.text), maxLastLine))
	}
	if lost > len(last) {
		words = append(words, "...")
	}
	for _, l := range last {
		words = append(words, printable(string(l.text), maxLastLine))
	}
	return strings.Join(words, `\n`)
}

// line is a line of output, without its end.
type line struct {
	stream string
	text   []byte
}

// said is what an instance has written in this call.
type said struct {
	most, length int // lines, and bytes of each

	open  []*output // whose line has not ended
	first []line    // at most most
	last  []line    // of those behind, at most lastLines
	lost  int       // lines behind the first
}

// end takes a line in. Blank ones say nothing.
func (s *said) end(l line) {
	switch {
	case len(bytes.TrimSpace(l.text)) == 0:
		return
	case len(s.first) < s.most:
		s.first = append(s.first, l)
		return
	}
	s.lost++
	if len(s.last) == lastLines {
		s.last = append(s.last[:0:0], s.last[1:]...)
	}
	s.last = append(s.last, l)
}

// finish ends the lines that the call has left open.
func (s *said) finish() {
	for _, o := range s.open {
		s.end(line{o.name, o.line})
		o.line = nil
	}
	s.open = nil
}

// take answers the first lines and how many came behind, and forgets all.
func (s *said) take() (first []line, lost int) {
	s.finish()
	first, lost = s.first, s.lost
	s.first, s.last, s.lost = nil, nil, 0
	return first, lost
}

type output struct {
	said *said
	name string
	line []byte // as far as it is kept; nil if none is open
}

// Write keeps what it is given line by line.
func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		head, rest, ended := bytes.Cut(p, []byte{'\n'})
		o.keep(head)
		if ended {
			o.said.end(line{o.name, o.line})
			o.line = o.line[len(o.line):] // still open, the text is the line's
		}
		p = rest
	}
	return n, nil
}

// keep appends to the line what fits a record; the rest of the line is lost.
func (o *output) keep(p []byte) {
	if o.line == nil {
		o.said.open = append(o.said.open, o)
		o.line = []byte{}
	}
	room := o.said.length - len(o.line)
	o.line = append(o.line, p[:min(len(p), room)]...)
}
