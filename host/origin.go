package host

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// origins are the pages that may use a host.
type origins struct {
	list   []string // exact, as browsers write them
	hosts  []string // what the Host header may be
	secure bool     // all are https
}

var errNoOrigins = errors.New("no origins: say which pages may use the host")

func parseOrigins(list []string) (origins, error) {
	out := origins{secure: true}
	if len(list) == 0 {
		return out, errNoOrigins
	}
	for _, s := range list {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") ||
			s != u.Scheme+"://"+u.Host || s != strings.ToLower(s) {
			return out, fmt.Errorf("origin %.80q is not one, write it as in https://app.example:8443", s)
		}
		if u.Port() == defaultPort(u.Scheme) {
			return out, fmt.Errorf("origin %.80q: browsers leave the port out, write %s://%s", s, u.Scheme, u.Hostname())
		}
		out.list = append(out.list, s)
		out.hosts = append(out.hosts, u.Host)
		if u.Port() == "" {
			out.hosts = append(out.hosts, u.Host+":"+defaultPort(u.Scheme))
		}
		out.secure = out.secure && u.Scheme == "https"
	}
	return out, nil
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// answersTo reports whether a Host header is one of ours: a name that somebody else has made resolve
// to this address is not.
func (o *origins) answersTo(host string) bool { return slices.Contains(o.hosts, strings.ToLower(host)) }

// allows reports whether a request that changes something comes from one of the pages. Browsers
// always say where such a request comes from; what does not say is refused.
func (o *origins) allows(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return o.names(r) && (site == "" || site == "same-origin")
}

// names reports whether the Origin of r is one of the list.
func (o *origins) names(r *http.Request) bool {
	got := r.Header.Values("Origin")
	return len(got) == 1 && slices.Contains(o.list, got[0])
}
