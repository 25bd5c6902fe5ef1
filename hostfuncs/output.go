package hostfuncs

import (
	"bytes"
	"io"
	"log/slog"
)

// Output returns a writer for what the instance writes to its standard output or error, whose name
// is "stdout" or "stderr": each line becomes a record of the log, cut at Limits.LogRecord and
// counted as log.write's are. It asks for no capability: a language's runtime writes its last words
// there. Like the Env it is for one goroutine at a time. Write never fails; Close logs a last line
// that was not ended.
func (e *Env) Output(name string) io.WriteCloser { return &output{env: e, name: name} }

type output struct {
	env  *Env
	name string
	line []byte
}

// Write logs every complete line in p and keeps the rest.
func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			o.keep(p)
			break
		}
		o.keep(p[:i])
		o.flush()
		p = p[i+1:]
	}
	return n, nil
}

// keep appends to the line what fits a record; the rest of the line is lost.
func (o *output) keep(p []byte) {
	room := o.env.limits.LogRecord - len(o.line)
	o.line = append(o.line, p[:min(len(p), room)]...)
}

// Close logs what is left.
func (o *output) Close() error {
	o.flush()
	return nil
}

func (o *output) flush() {
	if len(bytes.TrimSpace(o.line)) > 0 {
		o.env.log.plugin(slog.LevelInfo, string(o.line), map[string]any{"stream": o.name})
	}
	o.line = o.line[:0]
}
