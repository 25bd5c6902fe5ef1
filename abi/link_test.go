package abi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleValidLink() {
	fmt.Println(abi.ValidLink("https://example.com/a?b=c"), abi.ValidLink("/orders/7"), abi.ValidLink("javascript:alert(1)"))
	// Output: true true false
}

func TestValidLink(t *testing.T) {
	for _, link := range []string{"https://example.com", "HTTP://example.com/%20", "mailto:a@example.com", "tel:+49-30-1", "/", "/a//b#c", "https://[::1]:8080/x"} {
		if !abi.ValidLink(link) {
			t.Errorf("%q is refused", link)
		}
	}
	for _, link := range []string{
		"", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", " javascript:alert(1)",
		"data:text/html,x", "vbscript:x", "blob:https://a/b", "file:///etc/passwd", "about:blank", "//evil.example", "/\\evil.example", "\\\\evil.example",
		"https:evil.example", "https:///x", "http://a\\@b", "https://user@evil.example", "https://u:p@evil.example", "x", "?q", "#f", "./a", "../a",
		"https://exämple.com", "https://a b", "https://a/\r\nSet-Cookie:x", "mailto:", "tel:", "https://a/%zz", "/\t/evil.example",
		"https://example.com/" + strings.Repeat("a", 2048),
	} {
		if abi.ValidLink(link) {
			t.Errorf("%q passes", link)
		}
	}
}

func FuzzValidLink(f *testing.F) {
	f.Add("https://example.com/")
	f.Add("/a")
	f.Add("javascript:x")
	f.Fuzz(func(t *testing.T, link string) {
		if !abi.ValidLink(link) {
			return
		}
		u, err := url.Parse(link)
		if err != nil || strings.ContainsAny(link, "\\\t\r\n \x00") || u.User != nil {
			t.Errorf("%q passes", link)
		}
	})
}
