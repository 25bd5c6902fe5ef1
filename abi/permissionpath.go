package abi

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of paths, in bytes.
const (
	maxPath    = 2048
	maxPattern = 256
)

// MatchPath reports whether an escaped path matches a pattern. Segments are compared byte by byte;
// "{name}" stands for any one segment, "*" at the end for one or more. A path that CheckPath refuses
// matches nothing. It allocates nothing.
//
//	/orders          /orders
//	/orders/{id}     /orders/17, not /orders, not /orders/17/items
//	/orders/*        /orders/17 and /orders/17/items, not /orders
func MatchPath(pattern, path string) bool {
	// What does not match costs little: the whole path is looked at only when the pattern allows it.
	return pattern != "" && path != "" && matchSegments(pattern, path) && PlainPath(path)
}

// matchSegments goes through both at once: it is asked for every permission of every call.
func matchSegments(pattern, path string) bool {
	for {
		pattern, path = pattern[1:], path[1:] // behind the slash
		switch {
		case pattern == "*":
			return path != "" && path[0] != '/'
		case pattern != "" && pattern[0] == '{' && isParameter(pattern[:segmentEnd(pattern)]):
			end := segmentEnd(path)
			if end == 0 {
				return false
			}
			pattern, path = pattern[segmentEnd(pattern):], path[end:]
		default:
			n, most := 0, min(len(pattern), len(path))
			for n < most && pattern[n] == path[n] && pattern[n] != '/' {
				n++
			}
			pattern, path = pattern[n:], path[n:]
		}
		if pattern == "" || path == "" {
			return pattern == path
		}
		if pattern[0] != '/' || path[0] != '/' {
			return false
		}
	}
}

// cutSegment cuts a path behind its first segment; rest begins with the next slash.
func cutSegment(path string) (segment, rest string, more bool) {
	end := 1 + segmentEnd(path[1:])
	return path[1:end], path[end:], end < len(path)
}

// segmentEnd is how long the first segment is.
func segmentEnd(s string) int {
	for i := range len(s) {
		if s[i] == '/' {
			return i
		}
	}
	return len(s)
}

func isParameter(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}

// CheckPath says what is wrong with the escaped path of a request: nil, or why no permission can allow
// it. Allowed is what every server reads the same way: an absolute path of segments that are not
// empty, made of the characters of RFC 3986's pchar but ";", of UTF-8, without an escape that hides
// a character that may stand there by itself or one that separates, and without a segment of dots or
// with a dot at its end.
func CheckPath(path string) error {
	if PlainPath(path) {
		return nil
	}
	return fmt.Errorf("path %+.80q is not a plain absolute path", path)
}

// PlainPath is CheckPath without words.
func PlainPath(path string) bool {
	if len(path) == 0 || len(path) > maxPath || path[0] != '/' {
		return false
	}
	if path == "/" {
		return true
	}
	begin := 1
	for i := 1; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			if !safeSegment(path[begin:i]) {
				return false
			}
			begin = i + 1
		}
	}
	return true
}

func safeSegment(s string) bool {
	if s == "" || s[len(s)-1] == '.' {
		return false
	}
	for i := 0; i < len(s); {
		if s[i] != '%' {
			if !isPathByte(s[i]) {
				return false
			}
			i++
			continue
		}
		n := safeEscapes(s[i:])
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}

// safeEscapes reads the escapes of one character and returns their length, 0 if they are not to be.
func safeEscapes(s string) int {
	var char [utf8.UTFMax]byte
	for n := range char {
		at := s[3*n:]
		if len(at) < 3 || at[0] != '%' || !isHex(at[1]) || !isHex(at[2]) {
			return 0
		}
		char[n] = unhexByte(at[1])<<4 | unhexByte(at[2])
		if have := char[:n+1]; utf8.FullRune(have) {
			r, size := utf8.DecodeRune(have)
			if r == utf8.RuneError || size != n+1 || r < 0x80 && !isEscapable(byte(r)) || r >= 0x80 && r < 0xa0 {
				return 0
			}
			return 3 * size
		}
	}
	return 0
}

// isPathByte reports whether c may stand in a segment as it is: pchar of RFC 3986 section 3.3 but ";",
// which some servers cut a segment at. It is asked for every byte of every call.
func isPathByte(c byte) bool { return pathBytes[c] }

var pathBytes = func() (table [256]bool) { // never changed
	for i := range table {
		table[i] = isAlnum(byte(i)) || strings.IndexByte("-._~!$&'()*+,=:@", byte(i)) >= 0
	}
	return table
}()

// isEscapable reports whether an escape may stand for c, an ASCII character: those that cannot be
// written as they are, and that separate nothing for anybody.
func isEscapable(c byte) bool { return strings.IndexByte(" \"<>[]^`{|}", c) >= 0 }

// isHex accepts upper case only, as RFC 3986 section 2.1 asks of who writes: one path, one spelling.
func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

func unhexByte(c byte) byte {
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}

// CheckPattern says what is wrong with the pattern of a permission: nil, or an error.
func CheckPattern(pattern string) error {
	if len(pattern) == 0 || len(pattern) > maxPattern || pattern[0] != '/' {
		return fmt.Errorf("path %+.80q does not begin with a slash, or is longer than %d bytes", pattern, maxPattern)
	}
	if pattern == "/" {
		return nil
	}
	segments := strings.Split(pattern[1:], "/")
	names := map[string]bool{}
	for i, s := range segments {
		switch {
		case s == "*" && i == len(segments)-1:
		case strings.ContainsAny(s, "{}"):
			if !isParameter(s) || !isIdentifier(s[1:len(s)-1]) || names[s] {
				return fmt.Errorf("path %+.80q: %+.40q is not a parameter, or is there twice", pattern, s)
			}
			names[s] = true
		case strings.Contains(s, "*"):
			return fmt.Errorf("path %+.80q: a star stands alone in the last segment", pattern)
		case !safeSegment(s):
			return fmt.Errorf("path %+.80q: the segment %+.40q is not plain", pattern, s)
		}
	}
	return nil
}

// isIdentifier reports whether s is a letter and up to 63 letters, digits and underscores.
func isIdentifier(s string) bool {
	if len(s) == 0 || len(s) > 64 || s[0] >= '0' && s[0] <= '9' || s[0] == '_' {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '_' {
			return false
		}
	}
	return true
}
