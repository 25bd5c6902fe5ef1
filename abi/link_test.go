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

// TestValidLink holds the server to the vectors that the page is held to as well: what it takes and the page does not
// would be shown to nobody.
func TestValidLink(t *testing.T) {
	var links struct {
		Doc                 string
		Valid, Refused, Odd []string
	}
	readJSON(t, "testdata/links.json", &links)
	long := "https://example.com/" + strings.Repeat("a", 2048)
	odd := append(links.Odd, long, "https://"+strings.Repeat("a", 64)+".example/", "https://"+strings.Repeat("a.", 127)+"example/")
	for _, list := range []struct {
		want  bool
		links []string
	}{{true, links.Valid}, {false, links.Refused}, {false, odd}} {
		for _, link := range list.links {
			if abi.ValidLink(link) != list.want {
				t.Errorf("%q: not %v", link, list.want)
			}
		}
	}
}

func FuzzValidLink(f *testing.F) {
	for _, link := range []string{"https://example.com/", "/a", "javascript:x", "https://1.2.3.4:80/?@", "https://[::1]/", "https://xn--bcher-kva.example"} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, link string) {
		if !abi.ValidLink(link) {
			return
		}
		u, err := url.Parse(link)
		if err != nil || strings.ContainsAny(link, "\\\t\r\n \x00") || u.User != nil || strings.ContainsAny(u.Host, "%@/?#") {
			t.Errorf("%q passes", link)
		}
	})
}
