package sandbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Callback is a function of the host that a plugin calls as one of its props. The manifest declares it
// with schemas: input has been checked against one, output is checked against the other. Both are values as
// package cbor has them. An error that has an abi.Code is that code to the plugin, any other is
// abi.CodeInternal and a line of log. It is called from any goroutine; ctx ends when the plugin does not
// wait any more.
type Callback func(ctx context.Context, by Caller, input any) (output any, err error)

// Caller is on whose behalf a callback is called, as the host said when it made the sandbox.
type Caller struct{ Plugin, Version, Principal string }

// ErrCallback is matched by the error of a callback that the manifest does not declare.
var ErrCallback = errors.New("sandbox: not a callback of the manifest")

// checkProps holds what a host passes in against the manifest. Nil is the empty map.
func (p *Plugin) checkProps(props []byte) error {
	if props == nil {
		props = []byte{emptyMap}
	}
	if schema := p.manifest.Props; schema != nil {
		if err := schema.Check(props); err != nil {
			return fmt.Errorf("%w: %w", ErrProps, err)
		}
		return nil // an object, and so a map
	}
	if err := cbor.Valid(props); err != nil {
		return fmt.Errorf("%w: %w", ErrProps, err)
	}
	if cbor.NewReader(props).Kind() != cbor.KindMap {
		return ErrProps
	}
	return nil
}

const emptyMap = 0xa0

// fillSettings holds what an admin has set against the manifest, and adds the defaults of the rest.
func (p *Plugin) fillSettings(values []byte) ([]byte, error) {
	out, err := p.manifest.Settings.Fill(values)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	return out, nil
}

// news is what a plugin has not been told of yet: the newest props and settings, nil if they are those of before.
type news struct{ props, settings []byte }

func (n *news) empty() bool { return n.props == nil && n.settings == nil }

// Update replaces the props and tells the plugin. Props that the manifest's schema does not allow are an error
// that matches ErrProps, and nothing changes. They are not copied. It is for values that change often: it is
// never ErrBusy, and a plugin that is slow hears of the newest props alone.
func (s *Sandbox) Update(props []byte) error {
	if err := s.plugin.checkProps(props); err != nil {
		return fmt.Errorf("sandbox: plugin[%s]: %w", s.plugin.manifest.ID, err)
	}
	if props == nil {
		props = []byte{emptyMap}
	}
	return s.renew(func(n *news) { n.props = props })
}

// UpdateSettings replaces what an admin has set, as Update does the props; errors match ErrSettings.
func (s *Sandbox) UpdateSettings(settings []byte) error {
	filled, err := s.plugin.fillSettings(settings)
	if err != nil {
		return fmt.Errorf("sandbox: plugin[%s]: %w", s.plugin.manifest.ID, err)
	}
	return s.renew(func(n *news) { n.settings = filled })
}

func (s *Sandbox) renew(with func(*news)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrClosed
	}
	if s.news.empty() { // what waits is one job, however often they change; it has a place of its own in the queue
		s.queue = append(s.queue, job{do: s.tellNews, move: s.moveNews})
	}
	with(&s.news)
	s.start()
	return nil
}

// moveNews has the sandbox that takes over tell its plugin.
func (s *Sandbox) moveNews(to *Sandbox) {
	s.mu.Lock()
	n := s.news
	s.mu.Unlock()
	var err error
	if n.props != nil {
		err = to.Update(n.props)
	}
	if n.settings != nil {
		err = errors.Join(err, to.UpdateSettings(n.settings))
	}
	if errors.Is(err, ErrProps) || errors.Is(err, ErrSettings) {
		s.logger.Warn("sandbox: the version that takes over does not allow what is newest", "error", err)
	}
}

func (s *Sandbox) tellNews() {
	s.mu.Lock()
	n := s.news
	s.news = news{}
	if n.props != nil {
		s.env.SetProps(n.props)
		s.options.Props = n.props // of jobs to come
	}
	if n.settings != nil {
		s.env.SetSettings(n.settings)
		s.options.Settings = n.settings
	}
	s.mu.Unlock()
	if s.mounted {
		s.tell(abi.ExportUpdate, nil)
	}
}

func (p *Plugin) checkCallbacks(given map[string]Callback) error {
	for name := range given {
		if p.declaredCallback(name) == nil {
			return fmt.Errorf("%w: %s", ErrCallback, quoted(name))
		}
	}
	return nil
}

func (p *Plugin) declaredCallback(name string) *abi.Callback {
	for i := range p.manifest.Callbacks {
		if c := &p.manifest.Callbacks[i]; c.Name == name {
			return c
		}
	}
	return nil
}

// caller makes the function through which a plugin calls the callbacks that were given.
func (s *Sandbox) caller(given map[string]Callback) func(context.Context, string, []byte) ([]byte, error) {
	by := Caller{Plugin: s.plugin.manifest.ID, Version: s.plugin.manifest.Version, Principal: s.principal}
	return func(ctx context.Context, name string, input []byte) (output []byte, err error) {
		declared, call := s.plugin.declaredCallback(name), given[name]
		switch {
		case declared == nil:
			return nil, abi.CodeNotFound
		case call == nil:
			return nil, abi.CodeUnsupported
		}
		if err := declared.Input.Check(input); err != nil {
			return nil, fmt.Errorf("callback[%s]: input: %w: %w", name, err, abi.CodeInvalid)
		}
		value, err := cbor.Unmarshal(input)
		if err != nil { // Check has read it
			return nil, abi.CodeInvalid
		}
		defer func() {
			if r := recover(); r != nil {
				s.logger.Error("sandbox: panic in a callback", "callback", name, "reason", fmt.Sprint(r), "stack", string(debug.Stack()))
				output, err = nil, abi.CodeInternal
			}
		}()
		answer, err := call(ctx, by, value)
		if err != nil {
			return nil, err
		}
		return encodeAnswer(declared, answer)
	}
}

// encodeAnswer makes bytes of what a callback answered. What its schema does not allow is a fault of the
// host's, and never reaches the plugin.
func encodeAnswer(c *abi.Callback, answer any) ([]byte, error) {
	b, err := cbor.Marshal(answer)
	if err == nil {
		err = c.Output.Check(b)
	}
	if err != nil {
		return nil, fmt.Errorf("callback[%s]: output: %w: %w", c.Name, err, abi.CodeInternal)
	}
	return b, nil
}
