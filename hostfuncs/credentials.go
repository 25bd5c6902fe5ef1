package hostfuncs

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// credentials finds in what the host application answers what a request to it has carried beside the plugin's own
// words: what Authorize and the transport have added. An application that repeats the header fields it was sent must not
// give a plugin the person's token.
//
// own is the header before Authorize, query the plugin's own, public the fields that a plugin may hear of. sent are the
// request as it was made and as the transport says that it went out; nil is none.
func credentials(own http.Header, query string, public []string, sent ...*http.Request) *sealed {
	found := map[string]bool{}
	for _, r := range sent {
		if r == nil {
			continue
		}
		for name, values := range r.Header {
			for _, v := range values {
				if !slices.Contains(own[name], v) && !slices.ContainsFunc(public, func(p string) bool { return strings.EqualFold(p, name) }) {
					addCredential(found, name, v)
				}
			}
		}
		addToURL(found, query, r.URL)
	}
	out := &sealed{}
	for _, v := range slices.Sorted(maps.Keys(found)) {
		if len(v) >= MinSecret { // a shorter one would be found by chance, and guessed by what is struck out
			out.traces = append(out.traces, spellings(v)...)
		}
	}
	out.traces = sortTraces(out.traces)
	return out
}

// addCredential adds the value of a field, and the parts of it that are worth as much.
func addCredential(found map[string]bool, name, value string) {
	found[value] = true
	if name == "Cookie" {
		for part := range strings.SplitSeq(value, ";") {
			_, v, _ := strings.Cut(part, "=")
			found[strings.TrimSpace(v)] = true
		}
		return
	}
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok {
		return
	}
	found[rest] = true
	if b, err := base64.StdEncoding.DecodeString(rest); err == nil && strings.EqualFold(scheme, "Basic") {
		_, password, _ := strings.Cut(string(b), ":")
		found[string(b)], found[password] = true, true
	}
}

// addToURL adds the parameters that are not of the plugin's own query, and a password.
func addToURL(found map[string]bool, query string, u *url.URL) {
	if password, ok := u.User.Password(); ok {
		found[password] = true
	}
	if u.RawQuery == query {
		return
	}
	asked, _ := url.ParseQuery(query) // what cannot be read of it adds nothing
	sent, _ := url.ParseQuery(u.RawQuery)
	for name, values := range sent {
		for _, v := range values {
			if !slices.Contains(asked[name], v) {
				found[v] = true
			}
		}
	}
}

// checkCredentials refuses a request whose Authorization, or password in the address, is shorter than what can be struck out of
// an answer: an application that repeats it would give it to the plugin. What public names may be heard; own is the header
// before Authorize.
func checkCredentials(r *http.Request, own http.Header, public []string) error {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if slices.ContainsFunc(public, func(p string) bool { return strings.EqualFold(p, name) }) {
			continue
		}
		for _, v := range r.Header[name] {
			if len(secretOf(v)) < MinSecret && !slices.Contains(own[name], v) {
				return fmt.Errorf("hostfuncs: what Authorize has added as %s is a credential of less than %d bytes, which cannot be kept from plugins: "+
					"have a longer one, or name the field in Public", name, MinSecret)
			}
		}
	}
	if password, ok := r.URL.User.Password(); ok && len(password) < MinSecret {
		return fmt.Errorf("hostfuncs: the address has a password of less than %d bytes, which cannot be kept from plugins: have a longer one", MinSecret)
	}
	return nil
}

// secretOf is the part of an Authorization that is worth as much as all of it.
func secretOf(value string) string {
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok {
		return value
	}
	b, err := base64.StdEncoding.DecodeString(rest)
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return rest
	}
	user, password, _ := strings.Cut(string(b), ":")
	return cmp.Or(password, user) // some have a key in the place of a name, and no password
}

// sortTraces puts the longest first, each once.
func sortTraces(traces [][]byte) [][]byte {
	slices.SortFunc(traces, func(a, b []byte) int { return cmp.Or(cmp.Compare(len(b), len(a)), bytes.Compare(a, b)) })
	return slices.CompactFunc(traces, bytes.Equal)
}

// scrubFields strikes out of a header.
func (s *sealed) scrubFields(fields []HeaderField) {
	for i := range fields {
		fields[i].Value = string(s.scrub([]byte(fields[i].Value)))
	}
}
