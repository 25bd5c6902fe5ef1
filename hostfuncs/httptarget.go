package hostfuncs

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// maxURL is how long a URL may be, in bytes.
const maxURL = 8 << 10

// target is where a request goes.
type target struct {
	raw   string
	url   *url.URL // nobody changes it
	text  string   // url in its usual spelling
	host  string   // lower case, without brackets
	port  uint16
	plain bool // http
}

// parseTarget reads a URL in the one spelling that every reader takes the same way (RFC 3986, less what
// the URL standard reads otherwise): http or https in lower case, no user, no backslash, no fragment, no
// character that is not ASCII, a host in lower case, and an address only as it is written canonically.
func parseTarget(raw string) (*target, error) {
	t := &target{raw: raw}
	rest, plain := strings.CutPrefix(raw, "http://")
	if !plain {
		var ok bool
		if rest, ok = strings.CutPrefix(raw, "https://"); !ok {
			return nil, refuse(abi.CodeInvalid, "the URL does not begin with https://")
		}
	}
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\\#\"<>^`{|}", c) >= 0 {
			return nil, refuse(abi.CodeInvalid, "the URL has a character %+q in it, which is to be escaped", c)
		}
	}
	if len(raw) > maxURL {
		return nil, refuse(abi.CodeLimit, "the URL has more than %d bytes", maxURL)
	}
	t.plain = plain
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if err := t.authority(rest[:end]); err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host != rest[:end] || u.User != nil || u.Opaque != "" {
		return nil, refuse(abi.CodeInvalid, "the URL is not well-formed")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	t.url, t.text = u, u.String()
	return t, nil
}

// authority reads host and port.
func (t *target) authority(s string) error {
	host, port, ok := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") {
		host, port, ok = strings.Cut(s[1:], "]")
		if ok && port != "" {
			port, ok = strings.CutPrefix(port, ":")
			if !ok {
				return refuse(abi.CodeInvalid, "the URL has no host")
			}
		} else if !ok {
			return refuse(abi.CodeInvalid, "the URL has no host")
		} else {
			ok = false
		}
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() || a.Zone() != "" || a.String() != host {
			return refuse(abi.CodeInvalid, "the address in the URL is not written as RFC 5952 says")
		}
	} else if err := checkHostName(host); err != nil {
		return err
	}
	t.host, t.port = host, 443
	if t.plain {
		t.port = 80
	}
	if ok {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return refuse(abi.CodeInvalid, "the port in the URL is not a number from 1 to 65535")
		}
		t.port = uint16(n)
	}
	return nil
}

// checkHostName accepts a name of labels, or an IPv4 address in its usual form. What else ends in a
// number (the URL standard's "ends in a number checker") is an address in another notation for somebody.
func checkHostName(host string) error {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || !isHostLabel(l) {
			return refuse(abi.CodeInvalid, "%+.80q is not the name of a host in lower case", host)
		}
	}
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		if a, err := netip.ParseAddr(host); err != nil || a.String() != host {
			return refuse(abi.CodeInvalid, "%+.80q is an address in a notation that is not accepted", host)
		}
	}
	if len(host) > 253 {
		return refuse(abi.CodeInvalid, "the name of the host is longer than 253 bytes")
	}
	return nil
}

func isHostLabel(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// sameOrigin reports whether two targets are one server to a browser.
func (t *target) sameOrigin(o *target) bool {
	return t.host == o.host && t.port == o.port && t.plain == o.plain
}

// address is what is dialled.
func (t *target) address() string { return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) }

// An HTTPError says why a request was not made, or came to no answer. Reason is for the log: it names
// what the request named and nothing that a server said.
type HTTPError struct {
	Code   abi.Code
	Reason string
	Err    error // what is behind it, or nil
}

// Error is the code and the reason.
func (e *HTTPError) Error() string { return fmt.Sprintf("hostfuncs: http: %s: %s", e.Code, e.Reason) }

// Unwrap is Err and the code.
func (e *HTTPError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}

func refuse(code abi.Code, format string, args ...any) error {
	return &HTTPError{Code: code, Reason: fmt.Sprintf(format, args...)}
}
