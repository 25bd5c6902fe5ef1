package abi

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLink is the longest address of a link, maxHost and maxLabel those of its host and of each label of that
// (RFC 1035, section 2.3.4), in bytes.
const (
	maxLink  = 2048
	maxHost  = 253
	maxLabel = 63
)

// ValidLink tells whether a person may be led to an address that a plugin gives: absolute with
// scheme https, http, mailto or tel, or a path of the host that begins with one slash. It is parsed
// and the parsed scheme is looked at (RFC 3986); what browsers would drop or read otherwise (control
// characters, spaces, backslashes, anything outside of ASCII, hosts that are written in odd ways) and names with
// passwords are refused, so that every reader sees the same address. A page takes all that
// this takes (testdata/links.json).
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
		return u.User == nil && u.Opaque == "" && validPort(u.Port()) && validHost(u.Host, u.Hostname())
	case "mailto", "tel":
		return u.Opaque != ""
	case "":
		return s[0] == '/' && !strings.HasPrefix(s, "//")
	}
	return false
}

func validPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil
}

// validHost tells whether a host is an IP address as it is usually written or a name. A name that ends in a number is
// none: browsers take it for an IPv4 address.
func validHost(host, name string) bool {
	if host != "" && host[0] == '[' {
		ip, err := netip.ParseAddr(name)
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if len(name) > maxHost {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > maxLabel || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
		if coded, is := strings.CutPrefix(label, "xn--"); is && !validPunycode(coded) {
			return false
		}
	}
	if isNumber(labels[len(labels)-1]) {
		ip, err := netip.ParseAddr(name)
		return err == nil && ip.Is4()
	}
	return true
}

// isNumber tells whether the last label of a host makes it an IPv4 address (URL Standard, "ends in a number").
func isNumber(label string) bool {
	if digits, is := strings.CutPrefix(label, "0x"); is {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// validPunycode tells whether the rest of a label, in lower case, spells characters beyond ASCII (RFC 3492, section 6.2).
// Which of them make a name is the browser's to say: that changes with every version of Unicode.
func validPunycode(s string) bool {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	plain := max(strings.LastIndexByte(s, '-'), 0)
	if plain == 0 && strings.HasPrefix(s, "-") {
		return false
	}
	s = strings.TrimPrefix(s[plain:], "-")
	spelt, char, place, bias := plain, 128, 0, 72
	for s != "" {
		before, weight := place, 1
		for k := base; ; k += base {
			if s == "" {
				return false
			}
			digit := strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", s[0])
			s = s[1:]
			place += digit * weight
			if digit < 0 || place > utf8.MaxRune*maxLabel {
				return false
			}
			t := min(max(k-bias, tMin), tMax)
			if digit < t {
				break
			}
			weight *= base - t
		}
		spelt++
		delta := (place - before) / 2
		if spelt == plain+1 { // the first
			delta = (place - before) / damp
		}
		bias = 0
		for delta += delta / spelt; delta > (base-tMin)*tMax/2; bias += base {
			delta /= base - tMin
		}
		bias += (base - tMin + 1) * delta / (delta + skew)
		char += place / spelt
		if r := rune(char); !utf8.ValidRune(r) || unicode.IsUpper(r) || unicode.IsControl(r) {
			return false
		}
		place = place%spelt + 1
	}
	return spelt > plain
}
