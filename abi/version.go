package abi

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// CompareVersions orders two strict semantic versions, such as a manifest's, by precedence (semver.org,
// section 11): -1, 0 or 1. Build metadata decides nothing. Versions of another form come before all others.
func CompareVersions(a, b string) int {
	va, oka := parseVersion(a)
	vb, okb := parseVersion(b)
	if !oka || !okb {
		return cmp.Compare(btoi(oka), btoi(okb))
	}
	for i := range va.core {
		if d := cmp.Compare(va.core[i], vb.core[i]); d != 0 {
			return d
		}
	}
	if va.pre == "" || vb.pre == "" {
		return cmp.Compare(btoi(va.pre == ""), btoi(vb.pre == ""))
	}
	return comparePre(strings.Split(va.pre, "."), strings.Split(vb.pre, "."))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

type version struct {
	core [3]int
	pre  string
}

// parseVersion reads a version and forgets its build metadata.
func parseVersion(s string) (v version, ok bool) {
	if len(s) > maxVersion || !regexp.MustCompile(versionForm).MatchString(s) {
		return v, false
	}
	s, _, _ = strings.Cut(s, "+")
	core, pre, _ := strings.Cut(s, "-")
	for i, n := range strings.Split(core, ".") {
		v.core[i], _ = strconv.Atoi(n) // the form has digits there, nine at most
	}
	v.pre = pre
	return v, true
}

func comparePre(a, b []string) int {
	for i := range min(len(a), len(b)) {
		na, errA := strconv.Atoi(a[i])
		nb, errB := strconv.Atoi(b[i])
		switch {
		case errA == nil && errB == nil && na != nb:
			return cmp.Compare(na, nb)
		case (errA == nil) != (errB == nil): // numbers come first
			return cmp.Compare(btoi(errA != nil), btoi(errB != nil))
		case a[i] != b[i]:
			return strings.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// MaxComparisons is how many comparisons a range of versions may have.
const MaxComparisons = 8

// InRange reports whether a version is in a range: comparisons joined by spaces, all of which must
// hold, such as ">=0.2.0 <1.0.0". An operator is one of =, >, >=, <, <=, ^ (the same major version, or
// the same minor one of 0) and ~ (the same minor version). A version before a release, such as
// 1.0.0-beta.1, is in a range only if the range names one of the same 1.0.0.
func InRange(v, within string) bool {
	have, ok := parseVersion(v)
	named := have.pre == ""
	for _, c := range strings.Split(within, " ") {
		op, bound, known := cutComparison(c)
		if !ok || !known || !compares(v, op, bound) {
			return false
		}
		b, _ := parseVersion(bound)
		named = named || b.pre != "" && b.core == have.core
	}
	return named
}

func compares(v, op, bound string) bool {
	d := CompareVersions(v, bound)
	switch op {
	case "=":
		return d == 0
	case ">":
		return d > 0
	case ">=":
		return d >= 0
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	}
	have, _ := parseVersion(v)
	want, _ := parseVersion(bound)
	same := have.core[0] == want.core[0] && (op == "^" && want.core[0] > 0 || have.core[1] == want.core[1])
	if op == "^" && want.core[0] == 0 && want.core[1] == 0 {
		same = same && have.core[2] == want.core[2]
	}
	return d >= 0 && same
}

func cutComparison(c string) (op, bound string, ok bool) {
	for _, op := range []string{">=", "<=", ">", "<", "=", "^", "~"} {
		if bound, ok := strings.CutPrefix(c, op); ok {
			_, ok = parseVersion(bound)
			return op, bound, ok && !strings.Contains(bound, "+")
		}
	}
	return "", "", false
}

// checkRange says what is wrong with a range.
func checkRange(within string) error {
	parts := strings.Split(within, " ")
	for _, c := range parts {
		if _, _, ok := cutComparison(c); !ok || len(parts) > MaxComparisons {
			return fmt.Errorf("range %+.80q is not one such as %q", within, ">=0.2.0 <1.0.0")
		}
	}
	return nil
}
