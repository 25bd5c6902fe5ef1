package abi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleInRange() {
	fmt.Println(abi.InRange("0.3.1", ">=0.2.0 <1.0.0"), abi.InRange("1.0.0", "^0.3.0"), abi.CompareVersions("1.0.0-rc.1", "1.0.0"))
	// Output: true false -1
}

// The order of semver.org's section 11, and ours of what is none.
func TestVersionsAreOrdered(t *testing.T) {
	order := strings.Fields("1.0 0.0.9 1.0.0-0 1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0")
	for i, a := range order {
		for j, b := range order {
			if got, want := abi.CompareVersions(a, b), min(max(i-j, -1), 1); got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

// Build metadata says how a version was made: it is read, and nothing is decided by it (semver.org, section 10). A version
// that is published has none: two that differ in it alone would be one to whoever compares them.
func TestBuildMetadata(t *testing.T) {
	for v, plain := range map[string]string{
		"1.0.0+evil": "1.0.0", "1.0.0+20130313144700": "1.0.0", "1.0.0-beta+exp.sha.5114f85": "1.0.0-beta", "1.0.0+21AF26D3----117B344092BD": "1.0.0",
		"1.0.0-0.20261121222423-e851fa9a1b2c+dirty": "1.0.0-0.20261121222423-e851fa9a1b2c", "1.0.0+001": "1.0.0", "1.0.0+a-b": "1.0.0", "1.0.0-a-b+c-d": "1.0.0-a-b",
	} {
		if abi.CompareVersions(v, plain) != 0 || abi.CompareVersions(plain, v) != 0 || abi.CompareVersions(v, "0.9.0") != 1 || abi.CompareVersions(v, "1.0.1") != -1 {
			t.Errorf("%s is not ordered as %s", v, plain)
		}
		if !abi.InRange(v, "="+plain) || abi.InRange(v, ">"+plain) {
			t.Errorf("%s is not in the ranges that %s is in", v, plain)
		}
		if abi.InRange(plain, "="+v) {
			t.Errorf("a range with %s was taken", v)
		}
	}
	for _, v := range []string{"1.0.0+", "1.0.0+a..b", "1.0.0+a+b", "1.0.0+a_b", "1.0.0+ä", "1.0+a", "+a", "1.0.0-+a", "1.0.0+" + strings.Repeat("a", 100)} {
		if abi.CompareVersions(v, "0.0.1") != -1 || abi.InRange(v, ">=0.0.1") {
			t.Errorf("%s was taken for a version", v)
		}
	}
}

func TestRanges(t *testing.T) {
	for within, c := range map[string]struct{ yes, no string }{
		"^1.2.3":            {"1.2.3 1.2.4 1.9.0", "1.2.2 2.0.0 0.2.3 1.3.0-rc.1"},
		"^0.2.3":            {"0.2.3 0.2.9", "0.3.0 0.2.2 1.2.3"},
		"^0.0.3":            {"0.0.3", "0.0.4 0.1.3"},
		"~1.2.3":            {"1.2.3 1.2.9", "1.3.0 1.2.2"},
		"=1.0.0":            {"1.0.0", "1.0.1"},
		">1.0.0 <=2.0.0":    {"1.0.1 2.0.0", "1.0.0 2.0.1 1.5.0-beta"},
		">=1.0.0-beta.2":    {"1.0.0-beta.2 1.0.0-rc.1 1.0.0 2.0.0", "1.0.0-beta.1 2.0.0-rc.1"},
		">=1.0.0 || <0.1.0": {"", "1.0.0 0.0.1"},
		"":                  {"", "1.0.0"},
	} {
		for _, v := range strings.Fields(c.yes) {
			if !abi.InRange(v, within) {
				t.Errorf("%s is not in %s", v, within)
			}
		}
		for _, v := range append(strings.Fields(c.no), "", "x", "1.0") {
			if abi.InRange(v, within) {
				t.Errorf("%s is in %s", v, within)
			}
		}
	}
}
