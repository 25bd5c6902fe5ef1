package bridge

import "net/http"

// seat is whom an open socket counts against: a principal or an address.
type seat struct {
	address bool
	name    string
}

// seatsOf are those that a request takes; the principal was asked for already.
func (h *Handler) seatsOf(r *http.Request, principal string) (seats []seat) {
	if h.options.Principal != nil {
		seats = append(seats, seat{false, principal})
	}
	if h.options.Address != nil {
		seats = append(seats, seat{true, h.options.Address(r)})
	}
	return seats
}

// sit takes seats, or none if there are too many of one.
func (h *Handler) sit(seats []seat) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range seats {
		most := h.options.SocketsPerPrincipal
		if s.address {
			most = h.options.SocketsPerAddress
		}
		if h.seats[s] >= most {
			return false
		}
	}
	for _, s := range seats {
		h.seats[s]++
	}
	return true
}

// rise gives seats back.
func (h *Handler) rise(seats []seat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range seats {
		if h.seats[s]--; h.seats[s] == 0 {
			delete(h.seats, s)
		}
	}
}
