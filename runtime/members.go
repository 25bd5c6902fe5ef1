package runtime

import (
	"context"
	"errors"
	"sync"
)

// members are what a Runtime or a Module closes with itself, until they leave. The zero value is
// empty. It is safe for concurrent use.
type members[T interface {
	comparable
	Close(context.Context) error
}] struct {
	mu     sync.Mutex
	closed bool
	in     map[T]struct{}
}

func (s *members[T]) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// add is ErrClosed once close has begun.
func (s *members[T]) add(m T) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.in == nil {
		s.in = map[T]struct{}{}
	}
	s.in[m] = struct{}{}
	return nil
}

func (s *members[T]) remove(m T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.in, m)
}

// close closes all members. One that fails to close stays, so that close can be called again.
func (s *members[T]) close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	all := make([]T, 0, len(s.in))
	for m := range s.in {
		all = append(all, m)
	}
	s.mu.Unlock()
	var errs []error
	for _, m := range all {
		errs = append(errs, m.Close(ctx))
	}
	return errors.Join(errs...)
}
