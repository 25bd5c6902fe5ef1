package bridge

import (
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
)

// maxUploads is how many files of a mount may be on their way.
const maxUploads = 8

// Uploads takes files from a page over HTTP. A host implements it.
type Uploads interface {
	// Issue makes a token for one upload, at most abi.MaxTicket bytes. It must not block. The host calls
	// Deliver once: with the bytes, or with an error when they did not come in time or were too many.
	Issue(u Upload) (token string, err error)
}

// A Revoker are Uploads that can take a token back.
type Revoker interface {
	// Revoke makes a token worthless, and stops what comes by it. Deliver is called with an error, if it was not before.
	Revoke(token string)
}

// Upload is a file that a page has announced.
type Upload struct {
	Name, MediaType string // as the browser says; not to be trusted
	Size            int64  // announced bytes; the body must not be longer
	Deliver         func(data []byte, err error)
}

// uploads are the files of a mount that are on their way.
type uploads struct {
	open   []openUpload
	unsent int // tokens at the end of open that the page lacks
}

type openUpload struct {
	ev    uint32
	token string
}

func (u *uploads) add(ev uint32, token string) {
	u.open = append(u.open, openUpload{ev, token})
	u.unsent++
}

// next appends the first UPLOAD that the page lacks.
func (u *uploads) next(b []byte, mount uint32) []byte {
	o := u.open[len(u.open)-u.unsent]
	u.unsent--
	f := abi.Upload{Mount: mount, Ev: o.ev, Token: o.token}
	return f.Append(b)
}

// done forgets an upload; it is false if there was none.
func (u *uploads) done(ev uint32) bool {
	at := slices.IndexFunc(u.open, func(o openUpload) bool { return o.ev == ev })
	if at < 0 {
		return false
	}
	if at >= len(u.open)-u.unsent {
		u.unsent--
	}
	u.open = slices.Delete(u.open, at, at+1)
	return true
}

// sendAgain says that the page may lack any of the tokens.
func (u *uploads) sendAgain() { u.unsent = len(u.open) }

var (
	errNoUploads   = errors.New("bridge: this host takes no files")
	errManyUploads = errors.New("bridge: too many files are on their way")
)

// issue gets a token for a file that was announced. The event is answered by the token, or by an
// acknowledgement without one if the file is refused; the plugin gets it when the file is there.
func (m *Mount) issue(a admitted) {
	token, err := m.token(a)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = slices.DeleteFunc(m.waiting, func(ev uint32) bool { return ev == a.ev })
	if m.gone() {
		return
	}
	if err == nil {
		m.uploads.add(a.ev, token)
	} else {
		m.options.Logger.Info("file refused", slog.Uint64("mount", uint64(m.number)), slog.String("error", err.Error()))
	}
	m.acknowledge()
	m.wakeUp()
}

func (m *Mount) token(a admitted) (string, error) {
	name, mediaType, size, err := abi.UploadFields(a.payload)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	full := len(m.uploads.open) >= maxUploads
	m.mu.Unlock()
	switch {
	case m.options.Uploads == nil:
		return "", errNoUploads
	case full:
		return "", errManyUploads
	}
	var once sync.Once
	return m.options.Uploads.Issue(Upload{
		Name: name, MediaType: mediaType, Size: size,
		Deliver: func(data []byte, err error) { once.Do(func() { m.deliver(a, data, err) }) },
	})
}

// deliver hands a file to the plugin.
func (m *Mount) deliver(a admitted, data []byte, err error) {
	m.mu.Lock()
	wanted := m.uploads.done(a.ev)
	gone := m.gone() || !wanted
	m.mu.Unlock()
	if gone || err != nil {
		return
	}
	if data == nil {
		data = []byte{}
	}
	m.plugin.Event(func() ([]byte, bool) { return m.take(a, data) })
}

// receiveCancel takes back the token of a file that the person does not want to send any more.
func (m *Mount) receiveCancel(frame []byte) error {
	var f abi.Cancel
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	at := slices.IndexFunc(m.uploads.open, func(o openUpload) bool { return o.ev == f.Ev })
	token := ""
	if at >= 0 {
		token = m.uploads.open[at].token
	}
	m.uploads.done(f.Ev)
	m.mu.Unlock()
	if r, ok := m.options.Uploads.(Revoker); ok && token != "" {
		r.Revoke(token)
	}
	return nil
}
