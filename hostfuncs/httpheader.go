package hostfuncs

import (
	"net/http"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// HeaderField is one field of a request or an answer.
type HeaderField struct {
	Name, Value string
	Secret      string // of a request: the name of the secret that is the value; Value is what stands before it, such as "Bearer "
}

// What a plugin does not say for itself: where a request goes, how it is framed, who the person is and
// from where they came; and Proxy, which a CGI program takes for the variable HTTP_PROXY. Names are canonical; a trailing
// * stands for any rest. Ask for a name as variable has it.
var notForPlugins = newNameList(
	"Host", "Connection", "Keep-Alive", "Proxy", "Proxy-*", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
	"Content-Length", "Expect", "Accept-Encoding", "Cookie", "Cookie2", "Date", "Dnt", "Origin", "Referer", "Sec-*",
	"Via", "Forwarded", "X-Forwarded-*", "X-Real-Ip", "X-Plugin-Id", "X-Vitrine-*",
	"X-Http-Method", "X-Http-Method-Override", "X-Method-Override",
)

// What a plugin does not hear of an answer.
var notFromServers = newNameList(
	"Connection", "Keep-Alive", "Proxy-*", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Alt-Svc",
	"Set-Cookie", "Set-Cookie2", "Content-Length", "Content-Encoding",
)

// What a request keeps when a redirect leads it to another server.
var acrossServers = []string{"Accept", "Accept-Language", "User-Agent"}

// nameList finds names in a list of them.
type nameList struct {
	names    map[string]bool
	prefixes []string
}

func newNameList(list ...string) nameList {
	l := nameList{names: map[string]bool{}}
	for _, name := range list {
		if prefix, any := strings.CutSuffix(name, "*"); any {
			l.prefixes = append(l.prefixes, prefix)
		} else {
			l.names[name] = true
		}
	}
	return l
}

func (l *nameList) has(name string) bool {
	return l.names[name] || slices.ContainsFunc(l.prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

const (
	maxRequestHeaders = 64
	maxRequestHeader  = 8 << 10 // bytes of a value
	maxHeaderName     = 128     // bytes
)

// header checks the fields of a request and answers them with the secrets that they name.
func (s *sealed) header(fields []HeaderField) (http.Header, error) {
	if len(fields) > maxRequestHeaders {
		return nil, refuse(abi.CodeLimit, "more than %d header fields", maxRequestHeaders)
	}
	if len(fields) == 0 {
		return plainHeader, nil
	}
	h := make(http.Header, len(fields)+1)
	for _, f := range fields {
		if !isToken(f.Name) || len(f.Name) > maxHeaderName {
			return nil, refuse(abi.CodeInvalid, "%+.80q is not the name of a header field", f.Name)
		}
		name := http.CanonicalHeaderKey(f.Name)
		switch {
		case !isFieldValue(f.Value):
			return nil, refuse(abi.CodeInvalid, "the value of %s has characters that a header must not have", name)
		case len(f.Value) > maxRequestHeader:
			return nil, refuse(abi.CodeLimit, "the value of %s has more than %d bytes", name, maxRequestHeader)
		case notForPlugins.has(variable(name)):
			return nil, refuse(abi.CodeInvalid, "a plugin does not set %s", name)
		case name == "Authorization" && f.Secret == "":
			return nil, refuse(abi.CodeInvalid, "a plugin sets Authorization by the name of a secret")
		case name == "Range" && s.values != nil:
			return nil, refuse(abi.CodeInvalid, "a request with a secret is not for a range: a secret is not found in its parts")
		}
		value := f.Value
		if f.Secret != "" {
			value += s.values[f.Secret]
		}
		h.Add(name, value)
	}
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = plainHeader["User-Agent"]
	}
	return h, nil
}

// plainHeader is that of a request whose plugin says nothing in it. Nobody changes it.
var plainHeader = http.Header{"User-Agent": {"vitrine-plugin"}}

// variable is a canonical name as servers understand it that make variables of a header (CGI, RFC 3875 section 4.1.18, and
// what followed it): there X_Forwarded_For, and to some X.Forwarded.For, is X-Forwarded-For. It is canonical too.
func variable(name string) string {
	read := strings.Map(func(r rune) rune {
		if r < 0x80 && isAlnum(byte(r)) {
			return r
		}
		return '-'
	}, name)
	if read == name {
		return name
	}
	return http.CanonicalHeaderKey(read)
}

// isToken is RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isFieldValue is RFC 9110 section 5.5 without obs-text: what is not ASCII has no meaning there.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '\t' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// answerHeader is what a plugin hears of the header of an answer.
func answerHeader(h http.Header, most int) ([]HeaderField, error) {
	out := make([]HeaderField, 0, min(len(h), most))
	for name, values := range h {
		lower, heard := lowered[name]
		if !heard {
			if notFromServers.has(name) {
				continue
			}
			lower = strings.ToLower(name)
		}
		for _, v := range values {
			out = append(out, HeaderField{Name: lower, Value: strings.ToValidUTF8(v, "\uFFFD")})
		}
	}
	if len(out) > most {
		return nil, refuse(abi.CodeLimit, "the answer has more than %d header fields", most)
	}
	return out, nil
}

// lowered are names that most answers have, all of which a plugin may hear of, in lower case.
var lowered = map[string]string{}

func init() {
	for _, name := range []string{
		"Accept-Ranges", "Age", "Allow", "Cache-Control", "Content-Disposition", "Content-Language", "Content-Location", "Content-Range",
		"Content-Type", "Date", "Etag", "Expires", "Last-Modified", "Link", "Location", "Retry-After", "Server", "Vary",
	} {
		lowered[name] = strings.ToLower(name)
	}
}
