package host

import (
	"container/list"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// ticketLife is how long a ticket, and the token of an upload, may wait to be used.
const ticketLife = time.Minute

// ticket allows one principal to mount what is at one place, once.
type ticket struct {
	by     party
	place  *place
	until  time.Time
	secret string
	mount  *mounted // that was started already, nil if none was
}

// ticketBox holds the tickets that were not used yet.
type ticketBox struct {
	now func() time.Time

	mu   sync.Mutex
	all  map[string]*list.Element // by secret
	age  *list.List               // of *ticket, oldest first
	held shares
}

func newTicketBox(l Limits) ticketBox {
	return ticketBox{
		now: time.Now, all: map[string]*list.Element{}, age: list.New(),
		held: newShares(int64(l.Tickets), int64(l.TicketsOfPrincipal), l.AddressShare, 1),
	}
}

// errTooMany says that somebody, or everybody together, has asked for too much at once.
var errTooMany = errors.New("host: too many at once")

// issue makes a ticket. A page uses its ticket at once, so that where there is no room the oldest one
// goes: that of the same address if it has its share, else of the address that has the most. Whoever
// asks for many only loses his own.
func (b *ticketBox) issue(by party, at *place) (string, error) { return b.issueFor(by, at, nil) }

// issueFor is issue for a mount that was started already, which is closed if nobody uses the ticket.
func (b *ticketBox) issueFor(by party, at *place, m *mounted) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	if b.held.of[by.principal] >= b.held.mostOf {
		return "", errTooMany
	}
	if b.held.at[by.address] >= b.held.mostAt {
		b.evict(func(t *ticket) bool { return t.by.address == by.address })
	}
	if b.held.all >= b.held.most {
		most := b.held.largest()
		b.evict(func(t *ticket) bool { return b.held.at[t.by.address] == most })
	}
	t := &ticket{by: by, place: at, until: b.now().Add(ticketLife), secret: rand.Text(), mount: m}
	if m != nil {
		time.AfterFunc(ticketLife+time.Second, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.expire()
		})
	}
	b.all[t.secret] = b.age.PushBack(t)
	b.held.add(by, 1)
	return t.secret, nil
}

// evict removes the oldest ticket of those; b.mu is held.
func (b *ticketBox) evict(of func(*ticket) bool) {
	for e := b.age.Front(); e != nil; e = e.Next() {
		if of(e.Value.(*ticket)) {
			b.remove(e)
			return
		}
	}
}

// redeem takes a ticket out. One of somebody else stays: only its owner can use it up. It may come
// from another address than it was asked for from: people change networks.
func (b *ticketBox) redeem(secret, principal string) (*ticket, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	e := b.all[secret]
	if e == nil || e.Value.(*ticket).by.principal != principal {
		return nil, false
	}
	t := e.Value.(*ticket)
	b.take(e)
	return t, true
}

// expire removes the tickets whose time is over; b.mu is held.
func (b *ticketBox) expire() {
	now := b.now()
	for e := b.age.Front(); e != nil && now.After(e.Value.(*ticket).until); e = b.age.Front() {
		b.remove(e)
	}
}

// remove throws a ticket away.
func (b *ticketBox) remove(e *list.Element) {
	if t := b.take(e); t.mount != nil {
		t.mount.mount.Close()
	}
}

// take takes a ticket out.
func (b *ticketBox) take(e *list.Element) *ticket {
	t := b.age.Remove(e).(*ticket)
	delete(b.all, t.secret)
	b.held.give(t.by, 1)
	return t
}

// maxTicketBody is the longest request for a ticket, in bytes.
const maxTicketBody = 1 << 10

// serveTicket answers POST /vitrine/tickets.
func (h *Host) serveTicket(w http.ResponseWriter, r *http.Request) {
	if !h.origins.allows(r) {
		refuse(w, http.StatusForbidden, "the request does not come from a page of this host")
		return
	}
	name, status, why := readTicketRequest(w, r)
	if status != 0 {
		refuse(w, status, why)
		return
	}
	who, err := h.people.greet(w, r)
	if err != nil {
		refuse(w, http.StatusUnauthorized, "nobody is signed in")
		return
	}
	at := h.places[name]
	if at == nil {
		refuse(w, http.StatusNotFound, "there is no such place")
		return
	}
	secret, err := h.tickets.issue(h.people.party(r, who), at)
	if err != nil {
		later(w, http.StatusTooManyRequests, "too many tickets are waiting to be used")
		return
	}
	answer(w, http.StatusOK, newTicketAnswer(secret, at.plugin.Load().Manifest()))
}

// ticketAnswer is what a page is told of a ticket.
type ticketAnswer struct {
	Ticket  string `json:"ticket"`
	Plugin  string `json:"plugin"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

func newTicketAnswer(secret string, m *abi.Manifest) ticketAnswer {
	return ticketAnswer{secret, m.ID, m.Name, m.Version}
}

// readTicketRequest reads {"place": "..."}; a status says that it is not one.
func readTicketRequest(w http.ResponseWriter, r *http.Request) (place string, status int, why string) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return "", http.StatusUnsupportedMediaType, "the body must be application/json"
	}
	place, err := onlyPlace(json.NewDecoder(http.MaxBytesReader(w, r.Body, maxTicketBody)))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return "", http.StatusRequestEntityTooLarge, "the body is too long"
	case err != nil:
		return "", http.StatusBadRequest, `the body must be {"place":"name"} and nothing else`
	}
	return place, 0, ""
}

var errNotPlace = errors.New("host: not a request for a ticket")

// onlyPlace reads token by token: decoding into a struct would take {"PLACE":...}, and the last of two.
func onlyPlace(d *json.Decoder) (string, error) {
	var place string
	for _, want := range []any{json.Delim('{'), "place", &place, json.Delim('}')} {
		got, err := d.Token()
		if err != nil {
			return "", err
		}
		text, isText := got.(string)
		switch {
		case want == &place && isText:
			place = text
		case got != want:
			return "", errNotPlace
		}
	}
	if _, err := d.Token(); err != io.EOF {
		return "", errors.Join(errNotPlace, err)
	}
	return place, nil
}
