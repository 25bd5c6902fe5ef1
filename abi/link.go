package abi

import (
	"net/url"
	"strings"
)

// maxLink is the longest address of a link, in bytes.
const maxLink = 2048

// ValidLink tells whether a person may be led to an address that a plugin gives: absolute with
// scheme https, http, mailto or tel, or a path of the host that begins with one slash. It is parsed
// and the parsed scheme is looked at (RFC 3986); what browsers would drop or read otherwise (control
// characters, spaces, backslashes, anything outside of ASCII) and names with passwords are refused, so that every
// reader sees the same address.
func ValidLink(s string) bool {
	if s == "" || len(s) > maxLink {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`\"<>^{|}`+"`", c) >= 0 {
			return false
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "https", "http":
		return u.Host != "" && u.User == nil && u.Opaque == ""
	case "mailto", "tel":
		return u.Opaque != ""
	case "":
		return s[0] == '/' && !strings.HasPrefix(s, "//")
	}
	return false
}
