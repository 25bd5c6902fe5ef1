package runtime

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

// cappedWriter passes on what a guest writes until the cap of the call, and swallows the
// rest: a guest that talks too much is cut short, not stopped.
type cappedWriter struct {
	in   *Instance
	w    io.Writer
	left uint64
	cut  bool
}

// Write never fails: what the host does with the bytes is not the guest's business.
func (c *cappedWriter) Write(p []byte) (int, error) {
	c.in.look()
	if c.w == nil {
		return len(p), nil
	}
	n := uint64(len(p))
	if n > c.left {
		c.cut = true
		n = c.left
	}
	if n > 0 {
		c.left -= n
		_, _ = c.w.Write(p[:n])
	}
	return len(p), nil
}

// look ends the call if its time is up. One call of WASI can be asked to write or to read
// as many times as memory has room for, and there is no refuel point in it.
func (in *Instance) look() {
	if err := in.ctx.Err(); err != nil {
		in.abort(err)
	}
}

// toil is what the engine calls before a call of WASI that does as much as it is asked for: for nothing as well, and without coming
// to what reads and writes.
func toil(ctx context.Context, t *engine.Toil) {
	in := instanceOf(ctx)
	if t.Things > t.Most {
		in.abort(&Fault{Kind: FaultTrap, Message: fmt.Sprintf("%s of %d, at most %d are allowed", t.Func, t.Things, t.Most)})
	}
	in.look()
	in.tank.charge(t.Fuel)
}

// randomChunk takes about 50 microseconds.
const randomChunk = 32 << 10

// random is where a guest's random bytes come from. It looks at the time after each chunk.
func (in *Instance) random(p []byte) (int, error) {
	for n := 0; n < len(p); n += randomChunk {
		in.look()
		if _, err := rand.Read(p[n:min(n+randomChunk, len(p))]); err != nil {
			return n, err
		}
	}
	return len(p), nil
}

// stdinReader reads for a guest, and gives up when the call is over: a terminal or a
// pipe may stay silent for ever.
type stdinReader struct {
	in  *Instance
	r   io.Reader
	buf []byte // what was read and not yet given to the guest
	err error
}

const stdinChunk = 32 << 10

// Read reads on a goroutine of its own, which is left behind if the call ends first and
// ends itself with the read.
func (s *stdinReader) Read(p []byte) (int, error) {
	if len(s.buf) == 0 && s.err == nil && len(p) > 0 {
		s.fill()
	}
	n := copy(p, s.buf)
	s.buf = s.buf[n:]
	if n == 0 && len(p) > 0 {
		return 0, s.err
	}
	return n, nil
}

func (s *stdinReader) fill() {
	type chunk struct {
		b   []byte
		err error
	}
	got := make(chan chunk, 1)
	go func() {
		b := make([]byte, stdinChunk)
		n, err := s.r.Read(b)
		got <- chunk{b[:n], err}
	}()
	ctx := s.in.ctx.std()
	s.in.blocking(func() {
		select {
		case c := <-got:
			s.buf, s.err = c.b, c.err
		case <-ctx.Done():
			s.in.abort(ctx.Err())
		}
	})
}
