package hostfuncs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Resolver finds the addresses of a host; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// errAddress is matched by the error that says that an address is not one of the public internet.
var errAddress = errors.New("hostfuncs: address is not on the public internet")

// notPublic are the IPv4 networks of the IANA special-purpose registry (RFC 6890 and what came after)
// that netip has no question for.
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")

// The IPv6 addresses of the internet are in one network; what is special within it wraps IPv4 (6to4,
// Teredo) or is for documents and tests. NAT64 and what wraps IPv4 otherwise lies outside of it.
var (
	global6    = netip.MustParsePrefix("2000::/3")
	notPublic6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// checkAddr says what is wrong with an address that is about to be dialled: nil if it is one of the
// public internet, or in allowed.
func checkAddr(a netip.Addr, allowed []netip.Prefix) error {
	a = a.Unmap() // ::ffff:127.0.0.1 is dialled as 127.0.0.1
	public := a.Zone() == "" && a.IsGlobalUnicast() && !a.IsPrivate()
	if a.Is4() {
		public = public && !within(notPublic, a)
	} else {
		public = public && global6.Contains(a) && !within(notPublic6, a)
	}
	if public || a.IsValid() && within(allowed, a) {
		return nil
	}
	return fmt.Errorf("%w: %s", errAddress, a)
}

// dialer connects to hosts by name and looks at each address at the moment it is dialled: what a name
// meant before, or means to somebody else, does not count.
type dialer struct {
	resolver Resolver
	allowed  []netip.Prefix
	instead  map[string]string // of the address
	net      net.Dialer
}

const (
	dialTime     = 5 * time.Second // for all addresses of a host together
	maxAddresses = 4               // of a host that are tried
)

func newDialer(o *HTTPOptions) *dialer {
	d := &dialer{resolver: o.Resolver, allowed: slices.Clone(o.InsecureAllowNetworks), instead: maps.Clone(o.InsecureDial)}
	if d.resolver == nil {
		d.resolver = net.DefaultResolver
	}
	d.net = net.Dialer{KeepAlive: 30 * time.Second, Control: d.control}
	return d
}

// control runs when the socket is there and before it connects: what it sees is what is dialled.
func (d *dialer) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q", errAddress, address)
	}
	return checkAddr(at.Addr(), d.allowed)
}

// dial is http.Transport.DialContext.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if there := d.instead[address]; there != "" {
		return (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, there)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	var errs []error
	for i, a := range addrs[:min(len(addrs), maxAddresses)] {
		conn, err := d.try(ctx, network, net.JoinHostPort(a.String(), port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// try dials one address with its share of the time that is left.
func (d *dialer) try(ctx context.Context, network, address string, left int) (net.Conn, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(left))
		defer cancel()
	}
	return d.net.DialContext(ctx, network, address)
}

func (d *dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return addrs, err
}
