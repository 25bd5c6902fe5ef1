package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/sandbox"
)

// Options are what a Host is made of. Origins must be there, and either Identity or Anonymous;
// everything else has a default.
type Options struct {
	// Origins are the only pages that may use the host, such as "https://app.example". Their hosts are
	// the only ones it answers to.
	Origins []string
	// Identity says who makes a request; an error refuses it. It is asked again each minute about the request that opened a
	// socket: a page whose token has ended must come back with another, and goes on then. SignOut does not wait for that.
	Identity func(*http.Request) (Principal, error)
	// Anonymous lets everybody in who can reach the host. Visitors are told apart by a cookie, which
	// Protect and the shell set.
	Anonymous bool
	// RemoteAddr says where a request comes from, an IP address with or without a port. Set it behind a
	// proxy, where all connections come from the same one, to read the header in which that proxy, and
	// nobody else, names the address. "" and nil mean http.Request.RemoteAddr.
	RemoteAddr func(*http.Request) string
	// PrerenderWait bounds how long Prerender waits, once a plugin has rendered, for the answers and turns that it has asked
	// for and so for what it shows then. Zero means 200 ms; below zero it does not wait.
	PrerenderWait time.Duration
	// PrerenderTimeout bounds how long Prerender waits for a plugin to render at all. Zero and less mean 5 s.
	PrerenderTimeout time.Duration
	Places           map[string]Place // by name: lower case letters, digits, '-', '_' and '.'
	Limits           Limits           // zero fields mean the defaults
	Logger           *slog.Logger     // nil discards
}

// defaultPrerenderWait is too short to be felt, and long enough for an answer or two from nearby.
const defaultPrerenderWait = 200 * time.Millisecond

// defaultPrerenderTimeout is more than a plugin needs that starts for the first time, on a machine that is busy.
const defaultPrerenderTimeout = 5 * time.Second

// Place is where a plugin may appear, and what it has there.
type Place struct {
	Plugin      *sandbox.Plugin
	Grants      []abi.Capability
	Permissions []abi.Permission  // with what scope; a permission includes its capability
	Instances   map[string]string // what each dependency of the manifest is here, by its identifier

	// User, Org and Host are what a person may, the organisation allows, and the host allows here; nil, and a nil answer,
	// does not restrict. User is asked when a plugin is mounted and by SetRights; it must not wait. With the grants
	// and what bounds them below these are the rights, which SetRights changes.
	User      func(principal string) *sandbox.Rules
	Org, Host *sandbox.Rules
	Budgets   map[abi.Capability]sandbox.Budget // how often
	Limits    sandbox.Ceiling                   // how much; those of the plugin's Policy are the most

	Props     map[string]any              // what the plugin reads as its props, values as cbor.Marshal takes them; SetProps changes them
	Callbacks map[string]sandbox.Callback // functions of the host that the plugin's manifest declares

	// PageProps are the props that a page may set for itself, by name, in place of the host's: those of its element, or of <PluginPoint>. No
	// others, and nothing that the manifest's schema does not allow together with the host's. A page is its person's: what stands
	// here says nothing of who they are or what they may.
	PageProps []string
	// PageCallbacks are the callbacks that functions of the page answer, by name. None of them is among Callbacks.
	PageCallbacks []string

	// Settings are what an admin has set, as a form of the manifest's settings has it; SetSettings changes them. The
	// plugin reads them, with the manifest's defaults for the rest, but for those that the manifest marks as
	// secrets: its requests can carry them and it never reads them.
	Settings map[string]any

	// Components are those of the page's own that the plugin may render, where its manifest asks for them; nil for none. The page
	// supplies what they look like (the property components of its element); what is not here is shown as its fallback.
	Components *abi.HostComponents

	Tenant  string             // organisation or project that the place belongs to
	Secrets *hostfuncs.Secrets // what the plugin's requests can carry, kept elsewhere; nil: the secrets among the settings
}

// Limits bound what all pages together can make the host hold.
type Limits struct {
	Mounts              int   // plugins that run, default 512
	MountsPerPrincipal  int   // default 32
	Sockets             int   // open websockets, default 2048
	SocketsPerPrincipal int   // default 64
	Tickets             int   // that were not used yet, default 4096
	TicketsOfPrincipal  int   // default 64
	Uploads             int   // files that are on their way, default 128
	UploadsPerPrincipal int   // default 16
	UploadBytes         int64 // of one file, default 32 MiB
	UploadTotal         int64 // bytes of files that come or wait for their plugin, default 256 MiB
	ShownBytes          int64 // of trees and pixels of all mounts, above 64 KiB that each may have, default 512 MiB
	ShownPerPrincipal   int64 // likewise, default 128 MiB

	// AddressShare is the part of each of these that one remote address may have, above 0 and up to 1,
	// default 0.25. It may always have one, one file of UploadBytes, and 48 MiB of ShownBytes, which is one mount that shows all that
	// it may. Where there is an Identity and no
	// RemoteAddr, it is the part that one principal may have.
	AddressShare float64
}

func (l Limits) orDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&l.Mounts, 512}, {&l.MountsPerPrincipal, 32}, {&l.Sockets, 2048}, {&l.SocketsPerPrincipal, 64},
		{&l.Tickets, 4096}, {&l.TicketsOfPrincipal, 64}, {&l.Uploads, 128}, {&l.UploadsPerPrincipal, 16},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if l.UploadBytes <= 0 {
		l.UploadBytes = 32 << 20
	}
	if l.UploadTotal <= 0 {
		l.UploadTotal = 256 << 20
	}
	if l.ShownBytes <= 0 {
		l.ShownBytes = 512 << 20
	}
	if l.ShownPerPrincipal <= 0 {
		l.ShownPerPrincipal = 128 << 20
	}
	if !(l.AddressShare > 0 && l.AddressShare <= 1) {
		l.AddressShare = 0.25
	}
	return l
}

// Host is the http.Handler. It is safe for concurrent use. Whoever made it closes it, before the
// plugins of its places.
type Host struct {
	places  map[string]*place
	origins origins
	people  people
	limits  Limits
	logger  *slog.Logger
	mux     *http.ServeMux
	socket  *bridge.Handler
	tickets ticketBox
	uploads uploadBox
	shown   shownBox

	downloads downloadBox
	files     map[string]*file
	reports   reports

	prerenderWait, prerenderTimeout time.Duration

	mu     sync.Mutex
	closed bool
	mounts map[*mounted]struct{}
	held   shares         // mounts
	gone   sync.WaitGroup // mounts that have not given everything back
}

// place is a Place made ready.
type place struct {
	name      string
	plugin    atomic.Pointer[sandbox.Plugin] // the version that new mounts get
	replacing chan struct{}                  // holds one: one version after the other
	past      sync.Map                       // the versions that were replaced, by number
	given     Place
	rights    atomic.Pointer[sandbox.Rights] // without what one person may
	props     atomic.Pointer[[]byte]         // a CBOR map
	settings  atomic.Pointer[map[string]any] // without secrets
	secrets   *hostfuncs.Secrets             // always the same
	telling   sync.Mutex                     // held while plugins are told of props or settings, so that all hear of the newest last
}

// New returns a Host. Everything in the options is checked: an origin that is not one, a grant that
// cannot be given, props without an encoding.
func New(opts *Options) (*Host, error) {
	if opts == nil {
		opts = &Options{}
	}
	h := &Host{
		limits: opts.Limits.orDefaults(), logger: opts.Logger,
		places: map[string]*place{}, mounts: map[*mounted]struct{}{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	if h.prerenderWait = opts.PrerenderWait; h.prerenderWait == 0 {
		h.prerenderWait = defaultPrerenderWait
	}
	if h.prerenderTimeout = opts.PrerenderTimeout; h.prerenderTimeout <= 0 {
		h.prerenderTimeout = defaultPrerenderTimeout
	}
	var err error
	if h.origins, err = parseOrigins(opts.Origins); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if (opts.Identity == nil) != opts.Anonymous {
		return nil, errIdentity
	}
	h.people = newPeople(opts, h.origins.secure)
	for name, p := range opts.Places {
		if h.places[name], err = newPlace(name, p); err != nil {
			return nil, fmt.Errorf("host: place[%s]: %w", name, err)
		}
	}
	h.held = newShares(int64(h.limits.Mounts), int64(h.limits.MountsPerPrincipal), h.limits.AddressShare, 1)
	h.downloads = newDownloadBox(h.limits)
	h.tickets = newTicketBox(h.limits)
	h.uploads = newUploadBox(h.limits)
	h.shown = newShownBox(h.limits)
	h.reports = newReports(h.logger)
	return h, h.route()
}

var (
	errIdentity = errors.New("host: set either Identity or Anonymous: say who may come in")
	errNoPlugin = errors.New("no plugin")
)

// placeForm is the form of a place's name.
const placeForm = `^[a-z0-9][a-z0-9._-]{0,63}$`

func newPlace(name string, p Place) (*place, error) {
	if !regexp.MustCompile(placeForm).MatchString(name) {
		return nil, errors.New("not a name of lower case letters, digits, '-', '_' and '.'")
	}
	if p.Plugin == nil {
		return nil, errNoPlugin
	}
	props, err := cbor.Marshal(p.Props)
	if err != nil {
		return nil, fmt.Errorf("props: %w", err)
	}
	out := &place{name: name, given: p, replacing: make(chan struct{}, 1), secrets: cmp.Or(p.Secrets, &hostfuncs.Secrets{})}
	out.props.Store(&props)
	out.rights.Store(p.rights())
	out.plugin.Store(p.Plugin)
	if err := out.keep(p.Settings); err != nil {
		return nil, err
	}
	opts := out.options(p.Plugin, "", nil)
	opts.Callbacks = p.Callbacks // one that is not declared now is a mistake of the host's
	return out, errors.Join(p.Plugin.Check(opts), p.checkPage(p.Plugin.Manifest()))
}

// options are those of a sandbox of a version of the plugin at this place. What a version no longer declares, a
// callback or a setting, is left out: it has less, which nobody needs to be asked about.
func (p *place) options(of *sandbox.Plugin, principal string, view sandbox.View) *sandbox.Options {
	o := &sandbox.Options{Principal: principal, Props: *p.props.Load(), Settings: settingsOf(of, *p.settings.Load()),
		Callbacks: p.callbacks(of.Manifest()), View: view, Secrets: p.secrets,
		Subject: hostfuncs.Subject{Install: p.name, Tenant: p.given.Tenant, User: principal}}
	grant(o, p.rightsOf(principal))
	return o
}

// callbacks are those of the place that a version declares.
func (p *place) callbacks(m *abi.Manifest) map[string]sandbox.Callback {
	declared := map[string]sandbox.Callback{}
	for _, c := range m.Callbacks {
		if call := p.given.Callbacks[c.Name]; call != nil {
			declared[c.Name] = call
		} else if slices.Contains(p.given.PageCallbacks, c.Name) {
			declared[c.Name] = awayPage
		}
	}
	return declared
}

// Prefix is where in the address space of its origins a Host lives.
const Prefix = "/vitrine/"

// route builds what the addresses lead to.
func (h *Host) route() error {
	var err error
	if h.files, err = shellFiles(); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	h.socket, err = bridge.NewHandler(opener{h}, &bridge.HandlerOptions{
		Origins: h.origins.list, Principal: h.people.idOf, Address: h.addressOf, Logger: h.logger,
		Sockets: h.limits.Sockets, SocketsPerPrincipal: h.limits.SocketsPerPrincipal,
		SocketsPerAddress: max(1, int(float64(h.limits.Sockets)*h.limits.AddressShare)),
	})
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	h.mux = http.NewServeMux()
	for name, f := range h.files {
		h.mux.HandleFunc("GET "+Prefix+name, func(w http.ResponseWriter, r *http.Request) { h.serveFile(w, r, f) })
	}
	h.mux.HandleFunc("GET "+Prefix+"socket", h.serveSocket)
	h.mux.HandleFunc("POST "+Prefix+"tickets", h.serveTicket)
	h.mux.HandleFunc("POST "+Prefix+"upload", h.serveUpload)
	h.mux.HandleFunc("POST "+Prefix+"download", h.serveDownload)
	h.mux.HandleFunc("GET "+Prefix+"assets/{plugin}/{version}/{name...}", h.serveAsset)
	h.mux.HandleFunc("POST "+Prefix+"csp-report", h.reports.take)
	h.mux.HandleFunc("GET "+Prefix+"csp-report", h.reports.tell)
	return nil
}

// ServeHTTP implements http.Handler for everything under Prefix.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.origins.answersTo(r.Host) {
		refuse(w, http.StatusMisdirectedRequest, "this host does not answer to that name")
		return
	}
	h.mux.ServeHTTP(w, r)
}

// serveSocket answers GET /vitrine/socket. A page that outlives the process has a session that is not
// ours: it is refused, but gets one with which to come back.
func (h *Host) serveSocket(w http.ResponseWriter, r *http.Request) {
	if _, err := h.people.who(r); err != nil && h.origins.names(r) {
		_, _ = h.people.greet(w, r) // package bridge refuses r all the same
	}
	h.socket.ServeHTTP(w, r)
}

// addressOf is the address that a socket counts against, for package bridge.
func (h *Host) addressOf(r *http.Request) string {
	who, _ := h.people.who(r) // package bridge has let in only who is somebody
	return h.people.party(r, who).address
}

// SignOut ends what a principal has open, in all pages: nothing of it can be taken up again, and what a page asks for anew
// Identity refuses. Call it when that does.
func (h *Host) SignOut(principal string) { h.socket.End(principal) }

// Drain tells every page that the host is going and when to come back, takes no new mount, and closes
// those that run. When ctx ends before all is given back, its error is returned.
func (h *Host) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	err := h.socket.Drain(ctx)
	h.mu.Lock()
	for m := range h.mounts {
		m.stop()
	}
	h.mu.Unlock()
	h.uploads.close()
	h.downloads.close()
	done := make(chan struct{})
	go func() {
		h.gone.Wait()
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return errors.Join(err, fmt.Errorf("host: drain: %w", ctx.Err()))
	}
}
