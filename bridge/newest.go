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

// Begun waits until the plugin has rendered or will not, or until ctx ends before, whose error it returns then.
func (m *Mount) Begun(ctx context.Context) error {
	select {
	case <-m.first:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-m.first: // both are so
		return nil
	default:
		return ctx.Err()
	}
}

// Newest returns a copy of what the plugin shows, for a page that is rendered before it has a connection: a tree without nodes
// before Begun, ErrEnded after a fault.
func (m *Mount) Newest() (*abi.Tree, error) {
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
