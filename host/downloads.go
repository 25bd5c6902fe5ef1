package host

import (
	"crypto/rand"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// The most that files which plugins offer take until they are fetched. An address has its share of both, as of uploads.
const (
	downloadsTotal = 256 << 20 // bytes of all
	downloadsOfOne = 32 << 20  // bytes of one principal
	downloadsCount = 4096      // files of all
	downloadsEach  = 16        // files of one principal
)

var errManyDownloads = errors.New("host: too much is offered and not fetched")

// download is a file that a plugin offers to whom it runs for.
type download struct {
	to   party
	name string
	data []byte
	late *time.Timer
}

// downloadBox holds the files that plugins offer: each for one principal, once, for a minute.
type downloadBox struct {
	mu     sync.Mutex
	closed bool
	all    map[string]*download // by token
	files  shares
	room   shares // bytes
}

func newDownloadBox(l Limits) downloadBox {
	return downloadBox{
		all:   map[string]*download{},
		files: newShares(downloadsCount, downloadsEach, l.AddressShare, 1),
		room:  newShares(downloadsTotal, downloadsOfOne, l.AddressShare, downloadsOfOne),
	}
}

// offer makes a token for a file.
func (b *downloadBox) offer(to party, name string, data []byte) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || !b.files.take(to, 1) {
		return "", errManyDownloads
	}
	if !b.room.take(to, int64(len(data))) {
		b.files.give(to, 1)
		return "", errManyDownloads
	}
	token := rand.Text()
	late := time.AfterFunc(ticketLife, func() { b.redeem(token, to.principal) })
	b.all[token] = &download{to: to, name: name, data: data, late: late}
	return token, nil
}

// redeem takes a file out; nil if there is none of that principal.
func (b *downloadBox) redeem(token, principal string) *download {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.all[token]
	if d == nil || d.to.principal != principal {
		return nil
	}
	delete(b.all, token)
	b.files.give(d.to, 1)
	b.room.give(d.to, int64(len(d.data)))
	d.late.Stop()
	return d
}

func (b *downloadBox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.all {
		d.late.Stop()
	}
	b.all, b.closed = nil, true
}

// serveDownload answers POST /vitrine/download: a form whose one field is the token of an FX. The bytes are a
// plugin's: they are only ever saved, never shown.
func (h *Host) serveDownload(w http.ResponseWriter, r *http.Request) {
	refuse := refuse
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		refuse = stay
	}
	if !h.origins.allows(r) && !formOfOurs(r) {
		refuse(w, http.StatusForbidden, "the request does not come from a page of this host")
		return
	}
	who, err := h.people.who(r)
	if err != nil {
		refuse(w, http.StatusUnauthorized, "nobody is signed in")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4*abi.MaxTicket)
	d := h.downloads.redeem(r.PostFormValue("token"), who.ID)
	if d == nil {
		refuse(w, http.StatusForbidden, "the token is not valid, or not any more")
		return
	}
	plain(w.Header())
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(d.data)))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	_, _ = w.Write(d.data)
}

// stay refuses what a form asks for that would lead a whole page to the answer: at 204 a browser stays where it is.
func stay(w http.ResponseWriter, _ int, _ string) {
	plain(w.Header())
	w.WriteHeader(http.StatusNoContent)
}

// formOfOurs tells whether a browser says that a form was sent by a page of the origin that it is sent to. Under a
// Referrer-Policy of no-referrer it leaves out which origin that is (Fetch, "append a request Origin header").
func formOfOurs(r *http.Request) bool {
	return r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "same-origin"
}

var _ bridge.Downloads = (*mounted)(nil)

// Offer implements bridge.Downloads.
func (m *mounted) Offer(name string, data []byte) (string, error) {
	return m.host.downloads.offer(m.party, name, data)
}

// Effect implements sandbox.Effector.
func (m *mounted) Effect(e *abi.EffectRequest) abi.Code {
	switch err := m.mount.Effect(e); {
	case err == nil:
		return abi.CodeOK
	case errors.Is(err, bridge.ErrNoEvent):
		return abi.CodeDenied
	case errors.Is(err, bridge.ErrNoDownloads):
		return abi.CodeUnsupported
	}
	return abi.CodeLimit
}

// Revoke implements bridge.Revoker.
func (m *mounted) Revoke(token string) {
	if u := m.host.uploads.redeem(token, m.party.principal); u != nil {
		u.Deliver(nil, errUnwanted)
	}
}

var errUnwanted = errors.New("host: the person does not want to send the file any more")
