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
)

// ticketLife is how long a ticket, and the token of an upload, may wait to be used.
const ticketLife = time.Minute

// ticket allows one principal to mount what is at one place, once.
type ticket struct {
	principal string
	place     *place
	until     time.Time
	secret    string
}

// ticketBox holds the tickets that were not used yet.
type ticketBox struct {
	most, mostOf int
	now          func() time.Time

	mu  sync.Mutex
	all map[string]*list.Element // by secret
	age *list.List               // of *ticket, oldest first
	of  map[string]int           // tickets of each principal
}

func newTicketBox(l Limits) ticketBox {
	return ticketBox{
		most: l.Tickets, mostOf: l.TicketsOfPrincipal, now: time.Now,
		all: map[string]*list.Element{}, age: list.New(), of: map[string]int{},
	}
}

// errTooMany says that somebody, or everybody together, has asked for too much at once.
var errTooMany = errors.New("host: too many at once")

// issue makes a ticket.
func (b *ticketBox) issue(principal string, at *place) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	if b.age.Len() >= b.most || b.of[principal] >= b.mostOf {
		return "", errTooMany
	}
	t := &ticket{principal: principal, place: at, until: b.now().Add(ticketLife), secret: rand.Text()}
	b.all[t.secret] = b.age.PushBack(t)
	b.of[principal]++
	return t.secret, nil
}

// redeem takes a ticket out. One of somebody else stays: only its owner can use it up.
func (b *ticketBox) redeem(secret, principal string) (*place, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	e := b.all[secret]
	if e == nil || e.Value.(*ticket).principal != principal {
		return nil, false
	}
	at := e.Value.(*ticket).place
	b.remove(e)
	return at, true
}

// expire removes the tickets whose time is over; b.mu is held.
func (b *ticketBox) expire() {
	now := b.now()
	for e := b.age.Front(); e != nil && now.After(e.Value.(*ticket).until); e = b.age.Front() {
		b.remove(e)
	}
}

func (b *ticketBox) remove(e *list.Element) {
	t := b.age.Remove(e).(*ticket)
	delete(b.all, t.secret)
	if b.of[t.principal]--; b.of[t.principal] <= 0 {
		delete(b.of, t.principal)
	}
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
	secret, err := h.tickets.issue(who.ID, at)
	if err != nil {
		later(w, http.StatusTooManyRequests, "too many tickets are waiting to be used")
		return
	}
	m := at.plugin.Manifest()
	answer(w, http.StatusOK, struct {
		Ticket  string `json:"ticket"`
		Plugin  string `json:"plugin"`
		Name    string `json:"name"`
		Version string `json:"version"`
	}{secret, m.ID, m.Name, m.Version})
}

// readTicketRequest reads {"place": "..."}; a status says that it is not one.
func readTicketRequest(w http.ResponseWriter, r *http.Request) (place string, status int, why string) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return "", http.StatusUnsupportedMediaType, "the body must be application/json"
	}
	var body struct {
		Place *string `json:"place"`
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxTicketBody))
	d.DisallowUnknownFields()
	err := d.Decode(&body)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return "", http.StatusRequestEntityTooLarge, "the body is too long"
	case err != nil || body.Place == nil:
		return "", http.StatusBadRequest, `the body must be {"place":"name"}`
	}
	if _, err := d.Token(); err != io.EOF {
		return "", http.StatusBadRequest, "there is something behind the body"
	}
	return *body.Place, 0, ""
}
