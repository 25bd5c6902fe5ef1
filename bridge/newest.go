package bridge

import (
	"context"
	"errors"

	"github.com/vitrine-run/vitrine/abi"
)

// ErrEnded says that a mount has nothing to show any more.
var ErrEnded = errors.New("bridge: the mount has ended")

// begin says that there is something to show, or never will be; m.mu is held.
func (m *Mount) begin() {
	select {
	case <-m.first:
	default:
		close(m.first)
	}
}

// Newest waits until the plugin has rendered and returns a copy of what it shows, for a page that is rendered before
// it has a connection. It is ErrEnded after a fault, or the error of ctx.
func (m *Mount) Newest(ctx context.Context) (*abi.Tree, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-m.first:
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return nil, ErrEnded
	}
	t := new(abi.Tree)
	if m.dirty {
		t.CopyFrom(&m.newest)
	} else {
		t.CopyFrom(&m.sent)
	}
	return t, nil
}
