// Package storetest holds an implementation of hostfuncs.Store to its contract.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) hostfuncs.Store { return open(t.TempDir()) })
//	}
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// wide is a quota that these tests do not reach.
var wide = hostfuncs.Quota{Bytes: 1 << 30, Keys: 1 << 20}

// Run tests the empty stores that open returns. open cleans up after itself.
func Run(t *testing.T, open func(t *testing.T) hostfuncs.Store) {
	for name, test := range map[string]func(*testing.T, *checked){
		"values": values, "spaces": spaces, "keys": keys, "compare": compare, "quota": quota, "counters": counters,
	} {
		t.Run(name, func(t *testing.T) { test(t, &checked{t, open(t)}) })
	}
}

// checked is a Store whose errors are codes.
type checked struct {
	t     *testing.T
	store hostfuncs.Store
}

func (c *checked) put(want abi.Code, space, key string, change *hostfuncs.Change) {
	c.t.Helper()
	if change.Quota == (hostfuncs.Quota{}) {
		change.Quota = wide
	}
	if err := c.store.Put(context.Background(), space, key, change); codeOf(err) != want {
		c.t.Errorf("put %q: %v, want %s", key, err, want)
	}
}

func codeOf(err error) abi.Code {
	var code abi.Code
	if err != nil && !errors.As(err, &code) {
		return abi.CodeInternal
	}
	return code
}

func (c *checked) get(want, space, key string) {
	c.t.Helper()
	v, err := c.store.Get(context.Background(), space, key)
	got := string(v)
	if err != nil {
		got = "error: " + codeOf(err).String()
	}
	if got != want {
		c.t.Errorf("get %q: %q, want %q", key, got, want)
	}
}

const missing = "error: not found"

func values(_ *testing.T, c *checked) {
	c.get(missing, "s", "k")
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{Value: []byte("one")})
	c.get("one", "s", "k")
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{Value: []byte{}})
	c.get("", "s", "k")
	odd := "k\x00'\"\u00fc%_"
	c.put(abi.CodeOK, "s", odd, &hostfuncs.Change{Value: []byte("\xff\x00")})
	c.get("\xff\x00", "s", odd)
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{})
	c.get(missing, "s", "k")
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{})
}

func spaces(_ *testing.T, c *checked) {
	c.put(abi.CodeOK, "a", "k", &hostfuncs.Change{Value: []byte("of a")})
	c.put(abi.CodeOK, "ab", "k", &hostfuncs.Change{Value: []byte("of ab")})
	c.get("of a", "a", "k")
	c.get(missing, "", "k")
	c.get(missing, "a", "bk")
}

func keys(t *testing.T, c *checked) {
	for _, k := range []string{"b", "a/2", "a/1", "a/10", "a%", "A", "\u00fc"} {
		c.put(abi.CodeOK, "s", k, &hostfuncs.Change{Value: []byte("v")})
	}
	for _, q := range []struct {
		prefix, after string
		most          int
		want          string
	}{
		{"", "", 100, "A a% a/1 a/10 a/2 b \u00fc"}, {"a/", "", 100, "a/1 a/10 a/2"}, {"a/", "a/1", 1, "a/10"}, {"a%", "", 9, "a%"}, {"x", "", 9, ""}, {"", "b", 9, "\u00fc"},
	} {
		got, err := c.store.Keys(context.Background(), "s", q.prefix, q.after, q.most)
		if err != nil || strings.Join(got, " ") != q.want || !slices.IsSorted(got) {
			t.Errorf("keys %+v: %q, %v", q, got, err)
		}
	}
}

func compare(_ *testing.T, c *checked) {
	c.put(abi.CodeConflict, "s", "k", &hostfuncs.Change{Value: []byte("x"), Compare: true, Was: []byte("y")})
	c.put(abi.CodeConflict, "s", "k", &hostfuncs.Change{Value: []byte("x"), Compare: true, Was: []byte{}})
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{Value: []byte("x"), Compare: true})
	c.put(abi.CodeConflict, "s", "k", &hostfuncs.Change{Value: []byte("z"), Compare: true})
	c.put(abi.CodeOK, "s", "k", &hostfuncs.Change{Value: []byte("z"), Compare: true, Was: []byte("x")})
	c.put(abi.CodeConflict, "s", "k", &hostfuncs.Change{Compare: true, Was: []byte("x")})
	c.get("z", "s", "k")
}

func quota(_ *testing.T, c *checked) {
	q := hostfuncs.Quota{Bytes: 20, Keys: 3}
	c.put(abi.CodeLimit, "s", "k", &hostfuncs.Change{Value: make([]byte, 20), Quota: q})
	c.get(missing, "s", "k")
	for i := range 3 {
		c.put(abi.CodeOK, "s", fmt.Sprint(i), &hostfuncs.Change{Value: []byte("v"), Quota: q})
	}
	c.put(abi.CodeLimit, "s", "3", &hostfuncs.Change{Value: []byte("v"), Quota: q})
	c.put(abi.CodeOK, "t", "3", &hostfuncs.Change{Value: []byte("v"), Quota: q}) // each space has its own
	for range 100 {                                                              // writing over a value does not add to it
		c.put(abi.CodeOK, "s", "0", &hostfuncs.Change{Value: make([]byte, 15), Quota: q})
	}
	c.put(abi.CodeLimit, "s", "0", &hostfuncs.Change{Value: make([]byte, 16), Quota: q})
	c.put(abi.CodeOK, "s", "1", &hostfuncs.Change{Quota: q})
	c.put(abi.CodeOK, "s", "0", &hostfuncs.Change{Value: make([]byte, 17), Quota: q})
	low := hostfuncs.Quota{Bytes: 5, Keys: 1}
	c.put(abi.CodeOK, "s", "0", &hostfuncs.Change{Value: make([]byte, 16), Quota: low}) // what is over may shrink
	c.put(abi.CodeLimit, "s", "0", &hostfuncs.Change{Value: make([]byte, 17), Quota: low})
	c.put(abi.CodeOK, "s", "0", &hostfuncs.Change{Quota: low})
}

// counters is two plugins that fight for one value: none of their changes is lost.
func counters(t *testing.T, c *checked) {
	const each = 25
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for done := 0; done < each; {
				was, err := c.store.Get(context.Background(), "s", "n")
				if err != nil && codeOf(err) != abi.CodeNotFound {
					t.Error(err)
					return
				}
				err = c.store.Put(context.Background(), "s", "n", &hostfuncs.Change{Value: append(slices.Clone(was), 'x'), Compare: true, Was: was, Quota: wide})
				switch codeOf(err) {
				case abi.CodeOK:
					done++
				case abi.CodeConflict:
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	c.get(strings.Repeat("x", 4*each), "s", "n")
}
