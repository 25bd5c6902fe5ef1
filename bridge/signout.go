package bridge

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// recheck cuts a socket whose request is nobody's any more, or somebody else's. The page comes back with what its browser
// knows by then: with a token that was renewed it goes on where it was, and who has signed out is refused.
func (s *socket) recheck() {
	o := &s.h.options
	s.mu.Lock()
	due := o.Principal != nil && time.Since(s.checked) >= o.Recheck
	if due {
		s.checked = time.Now()
	}
	principal := s.writing.principal
	s.mu.Unlock()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(s.h.stop, o.OpenTimeout)
	defer cancel()
	who, err := o.Principal(s.request.WithContext(ctx))
	if err == nil && who == principal || s.h.stop.Err() != nil {
		return
	}
	s.h.log.Info("page cut: it is not signed in as it was", slog.Any("error", err))
	s.sever()
}

// End ends what a principal has: sockets, their mounts, and those of pages that lost theirs. None of it can be taken up again;
// a page that comes back begins anew, if Principal lets it.
func (h *Handler) End(principal string) {
	var ended []*page
	var sockets []*socket
	h.mu.Lock()
	for _, p := range h.pages {
		if p.principal == principal && !slices.Contains(ended, p) {
			ended = append(ended, p)
		}
	}
	for _, p := range ended {
		p.unkeep(h)
		h.forget(p)
		if p.socket != nil {
			sockets = append(sockets, p.socket)
		}
	}
	h.mu.Unlock()
	for _, p := range ended {
		p.close()
	}
	for _, s := range sockets {
		s.sever()
	}
}
