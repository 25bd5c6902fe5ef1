package hostfuncs

import (
	"context"
	"strings"
	"sync"
)

// MemoryEvents carries events within a process. The zero value has no channels; they come into being when
// they are used.
type MemoryEvents struct {
	mu   sync.Mutex
	subs map[*subscription]struct{}
}

var _ Events = (*MemoryEvents)(nil)

type subscription struct {
	tenant string
	topic  Topic
	events chan *HostEvent
}

// maxBehind is how many events wait for a plugin that is slower than they come. The oldest go first.
const maxBehind = 64

// Publish tells everybody in a tenant who hears the topic's channel, of all its instances or of this one.
func (m *MemoryEvents) Publish(tenant string, topic Topic, ev HostEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ev.Name == "" {
		ev.Name = topic.Channel
	}
	for s := range m.subs {
		if s.tenant != tenant || s.topic.Channel != topic.Channel ||
			s.topic.Instance != "" && (s.topic.Key != topic.Key || s.topic.Instance != topic.Instance) {
			continue
		}
		for sent := false; !sent; {
			select {
			case s.events <- &ev:
				sent = true
			default:
				select {
				case <-s.events:
				default:
				}
			}
		}
	}
}

// Subscribe implements Events.
func (m *MemoryEvents) Subscribe(ctx context.Context, who *Subject, topic *Topic, deliver func(*HostEvent) error) error {
	s := &subscription{tenant: who.Tenant, topic: *topic, events: make(chan *HostEvent, maxBehind)}
	m.mu.Lock()
	if m.subs == nil {
		m.subs = map[*subscription]struct{}{}
	}
	m.subs[s] = struct{}{}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		delete(m.subs, s)
		m.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case ev := <-s.events:
			if err := deliver(ev); err != nil {
				return err
			}
		}
	}
}

// Subscribers is how many plugins hear a channel.
func (m *MemoryEvents) Subscribers(channel string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.subs {
		if s.topic.Channel == channel {
			n++
		}
	}
	return n
}

// valid is s as a guest may have it: CBOR's text is UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
