package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/vitrine-run/vitrine/host"
)

// serveCmd shows plugins in a page.
type serveCmd struct {
	Dirs       []string `arg:"" optional:"" name:"dir" type:"existingdir" help:"Folders of plugins; each is shown at a place that has the plugin's id."`
	Demo       bool     `help:"Show the example plugins that are built into this program."`
	Listen     string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address to listen on; port 0 takes a free one."`
	Data       string   `type:"path" placeholder:"DIR" help:"Folder for what outlives the server, made if it is missing. It keeps compiled modules and, in kv.sqlite, what plugins keep; without, that ends with the server."`
	Grant      []string `placeholder:"RIGHT" sep:"none" help:"A capability or a permission that the plugins in the folders get if they ask for it; without, none. May be repeated."`
	Rules      string   `type:"path" placeholder:"FILE" help:"A policy as JSON: what the host, organisations and installs allow (abi/POLICY.md)."`
	Metrics    string   `placeholder:"ADDR" help:"Address of a listener for whoever runs the server: metrics for Prometheus (/metrics) and what plugins were denied (/audit). Without a host it is this machine's alone."`
	Components string   `type:"existingfile" placeholder:"FILE" help:"Components of the page's own that the plugins in the folders may render, as abi/COMPONENTS.md describes them."`
	cacheFlag
	Origin []string `placeholder:"URL" help:"Further origins of pages, such as https://app.example for a proxy."`
}

// Help is shown below the flags.
func (serveCmd) Help() string {
	return `Examples:
  vitrine serve --demo
  vitrine serve examples/counter --grant ui --listen 127.0.0.1:0

  vitrine serve --demo --rules docs/examples/policy.json
  vitrine serve --demo --metrics 127.0.0.1:9090

SIGHUP reads the rules and then the folders again: what runs is judged by the new rules at once, and new versions are put in the
place of what is shown. Rules with a mistake in them change nothing.`
}

// The times that a server has for things.
const (
	headerTime = 5 * time.Second
	answerTime = 30 * time.Second // to read a request, and to write an answer
	idleTime   = 2 * time.Minute
	drainTime  = 10 * time.Second
)

var errNothing = errors.New("there is nothing to serve")

// Run serves until the process is told to end.
func (c *serveCmd) Run(e *env) (err error) {
	if !c.Demo && len(c.Dirs) == 0 {
		return &exitError{exitUsage, errNothing,
			"name a plugin's folder, as in `vitrine serve examples/counter --grant ui`, or show the examples with --demo"}
	}
	if c.Data != "" {
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger := slog.New(slog.NewTextHandler(e.stderr, nil))
	compiler, err := c.compiler(c.kept("compiled"), e.stderr)
	if err != nil {
		return err
	}
	shelf, err := newShelf(logger, compiler)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shelf.close()) }()
	if err := c.connect(shelf); err != nil {
		return err
	}
	if err := c.watch(shelf, e.stderr); err != nil {
		return err
	}
	if err := shelf.register(c.Components); err != nil {
		return err
	}
	if err := c.load(ctx, shelf); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return &exitError{exitUsage, err, "choose another address with --listen; port 0 takes a free one"}
	}
	return c.serve(ctx, listener, shelf, e.stderr)
}

// watch lets whoever runs the server look at it.
func (c *serveCmd) watch(s *shelf, says io.Writer) error {
	if c.Metrics == "" {
		return nil
	}
	w, err := newWatch(s)
	if err != nil {
		return err
	}
	end, err := w.serve(c.Metrics, s.logger, says)
	if err == nil {
		s.closers = append(s.closers, end)
	}
	return err
}

// kept is the name of something in the folder for what outlives the server, "" if there is none.
func (c *serveCmd) kept(name string) string {
	if c.Data == "" {
		return ""
	}
	return filepath.Join(c.Data, name)
}

// load fills the shelf.
func (c *serveCmd) load(ctx context.Context, s *shelf) error {
	if c.Demo {
		if err := s.addExamples(ctx); err != nil {
			return err
		}
	}
	grants, err := parseGrants(c.Grant)
	if err == nil {
		err = checkOffered(grants)
	}
	if err != nil {
		return err
	}
	for _, dir := range c.Dirs {
		if err := s.addFolder(ctx, dir, c.Grant); err != nil {
			return err
		}
	}
	return nil
}

// serve answers requests until ctx is done, then lets pages know and ends.
func (c *serveCmd) serve(ctx context.Context, listener net.Listener, s *shelf, stderr io.Writer) error {
	h, err := host.New(&host.Options{
		Origins: append(originsOf(listener.Addr()), c.Origin...), Anonymous: true, Places: s.places, Logger: s.logger,
	})
	if err != nil {
		_ = listener.Close() // the first error is the answer
		return err
	}
	s.host.Store(h)
	rules := newRuleBook(c.Rules, s)
	if err := rules.apply(h); err != nil {
		_ = listener.Close() // the first error is the answer
		return err
	}
	rules.tell(stderr)
	var d *door
	if c.Demo {
		d = &door{origin: originsOf(listener.Addr())[0], says: stderr}
	}
	server := &http.Server{
		Handler: routes(h, s, rules, d), ErrorLog: slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: headerTime, ReadTimeout: answerTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 32 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	if d != nil {
		d.invite()
	}
	for going := true; going; {
		select {
		case <-again:
			rules.again(h)
			s.reload(ctx, h)
			rules.tell(stderr)
			continue
		case err = <-ended:
		case <-ctx.Done():
			fmt.Fprintln(stderr, "draining")
		}
		going = false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return errors.Join(err, h.Drain(ctx), server.Shutdown(ctx))
}

// originsOf are the origins under which a browser on this machine reaches an address.
func originsOf(addr net.Addr) []string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil // host.New says that there are none
	}
	names := []string{host}
	switch ip := net.ParseIP(host); {
	case ip.IsUnspecified():
		names = []string{"localhost", "127.0.0.1", "::1"}
	case ip.IsLoopback():
		names = append(names, "localhost")
	}
	var origins []string
	for _, name := range names {
		origin := strings.TrimSuffix("http://"+net.JoinHostPort(name, port), ":80") // browsers leave it out
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}
