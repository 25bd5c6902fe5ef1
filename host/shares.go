package host

import (
	"net/netip"
	"strings"
)

// party is whom something counts against: the principal, and the address it comes from.
type party struct{ principal, address string }

// shares count what is held of something scarce: by everybody together, by each principal and at each
// address. A bound on principals alone would hold nobody where anyone can be as many as he likes; a
// bound on everybody alone would let one lock all others out.
type shares struct {
	most, mostOf, mostAt int64

	all    int64
	of, at map[string]int64
}

// newShares makes shares of most, of which a principal may have mostOf and an address the fraction
// part, but one may always have least.
func newShares(most, mostOf int64, part float64, least int64) shares {
	mostAt := max(int64(float64(most)*part), least)
	return shares{most: most, mostOf: mostOf, mostAt: mostAt, of: map[string]int64{}, at: map[string]int64{}}
}

// take counts n more, if as many are left.
func (s *shares) take(p party, n int64) bool {
	if n > s.most-s.all || n > s.mostOf-s.of[p.principal] || n > s.mostAt-s.at[p.address] {
		return false
	}
	s.add(p, n)
	return true
}

// give counts n less.
func (s *shares) give(p party, n int64) { s.add(p, -n) }

func (s *shares) add(p party, n int64) {
	s.all += n
	count(s.of, p.principal, n)
	count(s.at, p.address, n)
}

// count forgets who has nothing, so that strangers who have left take no memory.
func count(m map[string]int64, key string, n int64) {
	if m[key] += n; m[key] == 0 {
		delete(m, key)
	}
}

// largest is how much the address has that has the most.
func (s *shares) largest() int64 {
	var most int64
	for _, n := range s.at {
		most = max(most, n)
	}
	return most
}

// network is what counts as one address: an IPv4 address, or the 64 bits of an IPv6 address that a
// provider gives to one household or machine, as "192.0.2.1" or "2001:db8:1:2::/64". A port is left
// out. Everything that is no address is one.
func network(addr string) string {
	ip, err := netip.ParseAddr(strings.Trim(addr, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(addr)
		if err != nil {
			return "unknown"
		}
		ip = withPort.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(64) // 64 bits are in range
	return prefix.String()
}
