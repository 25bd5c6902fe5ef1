package host_test

import (
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/host"
)

// TestShownIsBounded: a plugin that shows more than there is room for ends, and says so, whether there is none for anybody, for its
// principal or for its address; those that were there before and those that show little go on.
func TestShownIsBounded(t *testing.T) {
	const surface = 1<<20 - 64<<10 // of the painter; each mount has so much for nothing
	for name, c := range map[string]struct {
		limits host.Limits
		same   bool // principal
	}{
		"of all":             {host.Limits{ShownBytes: 3 << 20, AddressShare: 1}, false},
		"of one principal":   {host.Limits{ShownBytes: 64 << 20, ShownPerPrincipal: 3 << 20, AddressShare: 1}, true},
		"what all would get": {host.Limits{ShownBytes: 3 << 20, ShownPerPrincipal: 64 << 20}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(o *host.Options) {
				behindProxy(o)
				o.Limits = c.limits
				o.Places = map[string]host.Place{"painter": {Plugin: loadFolder(t, "painter", o.Logger), Grants: []abi.Capability{abi.CapUI}}}
			})
			one := s.visitorFrom(visitor1)
			show := func() (*tab, *bridgetest.Page) {
				v := one
				if !c.same {
					v = s.visitorFrom(stranger)
				}
				ticket := v.ticket("painter")
				p := v.tab()
				page := p.mount(1, ticket)
				p.shows(page, "0")
				return p, page
			}
			first, was := show()
			first.click(was, 0)
			first.shows(was, "1")
			first.click(was, 0)
			first.shows(was, "2")
			if got := s.Stats(); got.ShownBytes < 2*surface || got.ShownBytes > 2<<20 || got.ShownRefused != 0 || got.Mounts != 1 {
				t.Errorf("two surfaces of 1 MiB: %+v", got)
			}
			second, next := show()
			second.click(next, 0)
			second.shows(next, "1")
			held := s.Stats().ShownBytes
			third, newest := show() // what shows little needs no room
			third.click(newest, 0)
			if f := third.fault(newest); f.Code != abi.FaultUnavailable || f.Retry <= 0 || !strings.Contains(f.Text, "no room") {
				t.Errorf("the page hears %+v", f)
			}
			if got := s.Stats(); got.ShownBytes != held || got.ShownRefused != 1 {
				t.Errorf("%+v, want %d bytes and one that was refused", got, held)
			}
			if n := strings.Count(s.log.String(), "no room for what a plugin shows"); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
			first.write((&abi.Unmount{Mount: 1}).Append(nil))
			waitFor(t, "room", func() bool { return s.Stats().ShownBytes < held })
			third, newest = show()
			third.click(newest, 0)
			third.shows(newest, "1")
		})
	}
}
