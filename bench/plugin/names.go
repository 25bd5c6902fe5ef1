package plugin

import (
	"strconv"
	"strings"
)

// Readable makes the name that rustc gives a function (_ZN4core3fmt5write17h0123456789abcdefE) what stands in the
// source (core::fmt::write). Other names stay what they are.
//
// doc.rust-lang.org/rustc/symbol-mangling
func Readable(name string) string {
	rest, ok := strings.CutPrefix(name, "_ZN")
	if !ok {
		return name
	}
	var parts []string
	for rest != "E" {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		size, err := strconv.Atoi(rest[:n])
		if err != nil || size == 0 || size > len(rest)-n {
			return name
		}
		parts, rest = append(parts, rest[n:n+size]), rest[n+size:]
	}
	if len(parts) < 2 || !isHash(parts[len(parts)-1]) {
		return name // of C++
	}
	for i, p := range parts {
		parts[i] = unescape(p)
	}
	return strings.Join(parts[:len(parts)-1], "::")
}

func isHash(s string) bool {
	if len(s) != 17 || s[0] != 'h' {
		return false
	}
	_, err := strconv.ParseUint(s[1:], 16, 64)
	return err == nil
}

// escapes are those of rustc for what is not a letter.
var escapes = strings.NewReplacer("$SP$", "@", "$BP$", "*", "$RF$", "&", "$LT$", "<", "$GT$", ">", "$LP$", "(", "$RP$", ")",
	"$C$", ",", "$u20$", " ", "$u27$", "'", "$u5b$", "[", "$u5d$", "]", "$u7b$", "{", "$u7d$", "}", "$u3b$", ";", "$u2b$", "+", "$u7e$", "~",
	"..", "::", "$u22$", `"`)

func unescape(s string) string {
	if strings.HasPrefix(s, "_$") {
		s = s[1:]
	}
	return escapes.Replace(s)
}
