package hostfuncs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// EventSource hears the channels of the host application at an endpoint of it that answers with
// server-sent events (WHATWG HTML, section 9.2): GET Endpoint?channel=...&key=...&instance=..., with the header
// fields that api requests have. It connects again when a connection ends, with Last-Event-ID. An answer of
// 401, 403 or 404 ends a subscription. It is safe for concurrent use.
type EventSource struct {
	Endpoint  string            // such as "http://127.0.0.1:9000/events"
	Transport http.RoundTripper // nil: one of its own, without a proxy
	// Authorize and Public are as those of APIOptions.
	Authorize func(r *http.Request, who *Subject) error
	Public    []string
	// Retry is how long it waits before it connects again, until the endpoint says otherwise; 0 is a
	// second. The wait doubles up to a minute while nothing comes.
	Retry time.Duration
}

var _ Events = (*EventSource)(nil)

const (
	maxRetry = time.Minute
	minRetry = 10 * time.Millisecond
)

// direct is without the proxy of the environment, which is not to see what Authorize adds. A connection serves one stream.
var direct = &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}

// Subscribe implements Events.
func (s *EventSource) Subscribe(ctx context.Context, who *Subject, topic *Topic, deliver func(*HostEvent) error) error {
	c := &eventStream{source: s, retry: positive(s.Retry, time.Second), deliver: deliver}
	pause := c.retry
	for {
		before := c.heard
		err := c.connect(ctx, who, topic)
		if c.ended || ctx.Err() != nil {
			return err
		}
		if c.heard > before {
			pause = c.retry
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(max(2*pause, c.retry), maxRetry)
	}
}

// eventStream is a subscription across its connections.
type eventStream struct {
	source  *EventSource
	deliver func(*HostEvent) error
	retry   time.Duration
	last    string      // id of the last event
	heard   int         // events
	ended   bool        // the subscription is over, not only the connection
	asked   string      // query of a connection's request, before Authorize
	own     http.Header // of a connection's request, before Authorize
	added   *sealed     // what Authorize has added to it
}

// connect hears one connection to its end.
func (s *eventStream) connect(ctx context.Context, who *Subject, topic *Topic) error {
	r, err := s.request(ctx, who, topic)
	if err != nil {
		s.ended = true
		return err
	}
	transport := s.source.Transport
	if transport == nil {
		transport = direct
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // what was read is read
	s.added = credentials(s.own, s.asked, s.source.Public, r, resp.Request)
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		s.ended = true
		return refuse(abi.CodeDenied, "the application does not let it hear %s", topic.Channel)
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusNoContent:
		s.ended = true
		return refuse(abi.CodeNotFound, "the application has no channel %s", topic.Channel)
	case resp.StatusCode != http.StatusOK || kind != "text/event-stream":
		return fmt.Errorf("hostfuncs: events: %s, %.80q", resp.Status, kind)
	}
	return s.read(resp.Body)
}

func (s *eventStream) request(ctx context.Context, who *Subject, topic *Topic) (*http.Request, error) {
	q := url.Values{"channel": {topic.Channel}}
	if topic.Instance != "" {
		q.Set("key", topic.Key)
		q.Set("instance", topic.Instance)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.source.Endpoint+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "text/event-stream")
	if s.last != "" {
		r.Header.Set("Last-Event-ID", s.last)
	}
	stamp(r.Header, who)
	s.own, s.asked = r.Header.Clone(), r.URL.RawQuery
	if s.source.Authorize != nil {
		if err := s.source.Authorize(r, who); err != nil {
			return nil, fmt.Errorf("%w: %w", abi.CodeDenied, err)
		}
	}
	if err := checkCredentials(r, s.own, s.source.Public); err != nil {
		return nil, err
	}
	return r, nil
}

// scrub strikes out what a plugin is not to hear.
func (s *eventStream) scrub(ev *HostEvent) {
	if s.added.hides() {
		ev.ID, ev.Name = string(s.added.scrub([]byte(ev.ID))), string(s.added.scrub([]byte(ev.Name)))
		ev.Data = s.added.scrub(ev.Data)
	}
}

var errEvent = errors.New("hostfuncs: events: a line or an event is too long")

// read reads events until the connection ends. A line, and the data of an event, have at most MaxEvent bytes.
func (s *eventStream) read(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 4<<10), MaxEvent)
	lines.Split(splitEventLine)
	ev := &HostEvent{ID: s.last}
	var data []byte
	some, first := false, true
	for lines.Scan() {
		line := lines.Bytes()
		if first {
			line, first = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")), false
		}
		if len(line) == 0 {
			if some {
				ev.Data = bytes.TrimSuffix(data, []byte("\n"))
				s.heard++
				s.last = ev.ID
				s.scrub(ev)
				if err := s.deliver(ev); err != nil {
					s.ended = true
					return err
				}
			}
			ev, data, some = &HostEvent{ID: s.last}, nil, false
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "data":
			if some = true; len(data)+len(value) >= MaxEvent {
				return errEvent
			}
			data = append(append(data, value...), '\n')
		case "event":
			ev.Name = string(value)
		case "id":
			if bytes.IndexByte(value, 0) < 0 && isFieldValue(string(value)) && len(value) <= MaxKey {
				ev.ID = string(value)
				s.last = ev.ID
			}
		case "retry":
			if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
				s.retry = min(max(time.Duration(ms)*time.Millisecond, minRetry), maxRetry)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// splitEventLine ends lines at CR LF, LF or CR.
func splitEventLine(b []byte, atEnd bool) (int, []byte, error) {
	i := bytes.IndexAny(b, "\r\n")
	switch {
	case i < 0 && atEnd:
		return len(b), nil, nil // a line that did not end says nothing
	case i < 0:
		return 0, nil, nil
	case b[i] == '\n':
		return i + 1, b[:i], nil
	case i+1 < len(b) && b[i+1] == '\n':
		return i + 2, b[:i], nil
	case i+1 == len(b) && !atEnd:
		return 0, nil, nil // LF may follow
	}
	return i + 1, b[:i], nil
}
