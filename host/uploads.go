package host

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/bridge"
)

// uploadHeader carries the token of an upload.
const uploadHeader = "Vitrine-Upload"

// The errors that a mount hears about a file that did not come.
var (
	errLate       = errors.New("host: the file did not come in time")
	errBody       = errors.New("host: the file did not come whole")
	errFileLarge  = errors.New("host: the file is larger than the host takes")
	errUploadGone = errors.New("host: closed")
)

// upload is a file that was announced and has not come yet.
type upload struct {
	bridge.Upload
	to   *mounted
	late *time.Timer
}

// uploadBox holds the files that were announced, and bounds those that are being received or wait for
// their plugin.
type uploadBox struct {
	bytes   int64         // of one file
	silence time.Duration // with no byte of one

	mu     sync.Mutex
	closed bool
	all    map[string]*upload // by token
	tokens shares
	room   shares             // bytes
	held   map[*mounted]int64 // bytes that each mount has
}

func newUploadBox(l Limits) uploadBox {
	return uploadBox{
		bytes: l.UploadBytes, silence: silence, all: map[string]*upload{}, held: map[*mounted]int64{},
		tokens: newShares(int64(l.Uploads), int64(l.UploadsPerPrincipal), l.AddressShare, 1),
		room:   newShares(l.UploadTotal, l.UploadTotal, l.AddressShare, l.UploadBytes),
	}
}

// issue makes a token for a file. One that is not used in time is withdrawn and the mount told.
func (b *uploadBox) issue(to *mounted, u bridge.Upload) (string, error) {
	if u.Size > b.bytes {
		return "", errFileLarge
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return "", errUploadGone
	case !b.tokens.take(to.party, 1):
		return "", errTooMany
	}
	token := rand.Text()
	late := time.AfterFunc(ticketLife, func() {
		if u := b.redeem(token, to.party.principal); u != nil {
			u.Deliver(nil, errLate)
		}
	})
	b.all[token] = &upload{Upload: u, to: to, late: late}
	return token, nil
}

// redeem takes an upload out; nil if there is none of that principal.
func (b *uploadBox) redeem(token, principal string) *upload {
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.all[token]
	if u == nil || u.to.party.principal != principal {
		return nil
	}
	delete(b.all, token)
	b.tokens.give(u.to.party, 1)
	u.late.Stop()
	return u
}

// hold takes n bytes of room for a file, if there are as many.
func (b *uploadBox) hold(by *mounted, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.room.take(by.party, n) {
		return false
	}
	b.held[by] += n
	return true
}

// release gives up to n bytes of room back.
func (b *uploadBox) release(by *mounted, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n = min(n, b.held[by])
	b.room.give(by.party, n)
	if b.held[by] -= n; b.held[by] == 0 {
		delete(b.held, by)
	}
}

func (b *uploadBox) close() {
	b.mu.Lock()
	all := b.all
	b.all, b.closed = map[string]*upload{}, true
	b.mu.Unlock()
	for _, u := range all {
		u.late.Stop()
		u.Deliver(nil, errUploadGone)
	}
}

// serveUpload answers POST /vitrine/upload. A token is used up by the first request that may use it,
// whether the file comes whole or not.
func (h *Host) serveUpload(w http.ResponseWriter, r *http.Request) {
	if !h.origins.allows(r) {
		refuse(w, http.StatusForbidden, "the request does not come from a page of this host")
		return
	}
	who, err := h.people.who(r)
	if err != nil {
		refuse(w, http.StatusUnauthorized, "nobody is signed in")
		return
	}
	u := h.uploads.redeem(r.Header.Get(uploadHeader), who.ID)
	if u == nil {
		refuse(w, http.StatusForbidden, "the token is not valid, or not any more")
		return
	}
	if !h.uploads.hold(u.to, u.Size) {
		u.Deliver(nil, errBody)
		later(w, http.StatusServiceUnavailable, "too many files are on their way")
		return
	}
	data, status, why := h.uploads.receive(w, r, u.Size)
	if status != 0 {
		h.uploads.release(u.to, u.Size)
		u.Deliver(nil, errBody)
		refuse(w, status, why)
		return
	}
	u.Deliver(data, nil)
	// The plugin may be busy: until it has taken the file up, the file is in memory.
	u.to.afterwards(func() { h.uploads.release(u.to, u.Size) })
	plain(w.Header())
	w.WriteHeader(http.StatusNoContent)
}

// How fast a file has to come: a page that drips a byte a second must not keep its room for ever.
const (
	slowest  = 16 << 10         // bytes a second, in the mean, once ticketLife has passed
	silence  = 30 * time.Second // with no byte at all
	farewell = 5 * time.Second  // to take note of the answer
)

// steady reads a file as long as it comes fast enough. Without support for deadlines the server's own hold.
type steady struct {
	io.Reader
	control *http.ResponseController
	silence time.Duration
	until   time.Time // moves on with each byte
}

func (s *steady) Read(p []byte) (int, error) {
	soon := time.Now().Add(s.silence)
	if s.until.Before(soon) {
		soon = s.until
	}
	_ = s.control.SetReadDeadline(soon)
	n, err := s.Reader.Read(p)
	s.until = s.until.Add(time.Duration(n) * time.Second / slowest)
	return n, err
}

// receive reads a file whose size was announced; a longer one is refused before a byte of it is
// read where its length is told, else at the byte too many.
func (b *uploadBox) receive(w http.ResponseWriter, r *http.Request, size int64) (data []byte, status int, why string) {
	if r.ContentLength > size {
		return nil, http.StatusRequestEntityTooLarge, "the file is longer than announced"
	}
	in := &steady{http.MaxBytesReader(w, r.Body, size), http.NewResponseController(w), b.silence, time.Now().Add(ticketLife)}
	data, err := io.ReadAll(in)
	// What still comes is waited for a little, or the page never reads why.
	_ = in.control.SetReadDeadline(time.Now().Add(farewell))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, http.StatusRequestEntityTooLarge, "the file is longer than announced"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, http.StatusRequestTimeout, "the file came too slowly"
	case err != nil:
		return nil, http.StatusBadRequest, "the file did not come whole"
	}
	return data, 0, ""
}
