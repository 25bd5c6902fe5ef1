package abi_test

import (
	"fmt"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A small reading of CDDL (RFC 8610): rules, choices, ranges of integers, arrays and maps with keys,
// the occurrences ? and *, and the names of the prelude that abi.cddl uses. What it does not know is
// an error, so that abi.cddl cannot say something that nobody checks.
type cddl struct {
	t      testing.TB
	rules  map[string][]string // tokens of the type
	tokens []string            // what is left of the type that is being read
}

var cddlToken = regexp.MustCompile(`^(?:=>|\.\.|-?[0-9]+|[a-z][a-z0-9-]*|[][{}:,/?*=])`)

func readCDDL(t testing.TB, file string) *cddl {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`;[^\n]*`).ReplaceAllString(string(b), "")
	var tokens []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		token := cddlToken.FindString(text)
		if token == "" {
			t.Fatalf("%s: not understood: %.40q", file, text)
		}
		tokens, text = append(tokens, token), text[len(token):]
	}
	c := &cddl{t: t, rules: map[string][]string{}}
	name, start := "", 0
	for i, token := range tokens {
		if token != "=" {
			continue
		}
		if name != "" {
			c.rules[name] = tokens[start : i-1]
		}
		name, start = tokens[i-1], i+1
		if c.rules[name] != nil {
			t.Fatalf("rule %s is there twice", name)
		}
	}
	c.rules[name] = tokens[start:]
	return c
}

// A shape says whether it describes a value, as cbor.Unmarshal gives it.
type shape func(v any) bool

// rule is the shape of a rule or of a name of the prelude.
func (c *cddl) rule(name string) shape {
	prelude := map[string]shape{
		"tstr":  func(v any) bool { _, ok := v.(string); return ok },
		"bstr":  func(v any) bool { _, ok := v.([]byte); return ok },
		"bool":  func(v any) bool { _, ok := v.(bool); return ok },
		"float": func(v any) bool { _, ok := v.(float64); return ok },
		"nil":   func(v any) bool { return v == nil },
	}
	if known := prelude[name]; known != nil {
		return known
	}
	if c.rules[name] == nil {
		c.t.Fatalf("there is no rule %s", name)
	}
	return func(v any) bool { // when it is asked: rules refer to each other
		r := &cddl{t: c.t, rules: c.rules, tokens: c.rules[name]}
		is := r.choice()
		if len(r.tokens) > 0 {
			c.t.Fatalf("rule %s: %q is left", name, r.tokens)
		}
		return is(v)
	}
}

func (c *cddl) next() (token string) {
	if len(c.tokens) == 0 {
		c.t.Fatal("a rule ends too early")
	}
	token, c.tokens = c.tokens[0], c.tokens[1:]
	return token
}

// take reads a token if it is the next one.
func (c *cddl) take(want ...string) bool {
	for i, w := range want {
		if len(c.tokens) <= i || w != "" && c.tokens[i] != w {
			return false
		}
	}
	c.tokens = c.tokens[len(want):]
	return true
}

func (c *cddl) choice() shape {
	of := []shape{c.single()}
	for c.take("/") {
		of = append(of, c.single())
	}
	return func(v any) bool {
		for _, is := range of {
			if is(v) {
				return true
			}
		}
		return false
	}
}

func (c *cddl) single() shape {
	switch token := c.next(); {
	case token == "[":
		return arrayShape(c.group("]"))
	case token == "{":
		return mapShape(c.group("}"))
	case strings.Trim(token, "-0123456789") == "":
		if !c.take("..") {
			c.t.Fatalf("%s is not a range", token)
		}
		low, high := number(token), number(c.next())
		return func(v any) bool {
			n := number(fmt.Sprintf("%v", v))
			switch v.(type) {
			case int64, uint64:
				return n.Cmp(low) >= 0 && n.Cmp(high) <= 0
			}
			return false
		}
	default:
		return c.rule(token)
	}
}

func number(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10)
	return n
}

// An entry of an array or of a map. key is the text before a colon, keys the type before an arrow.
type entry struct {
	key        string
	keys, is   shape
	many, must bool
}

func (c *cddl) group(end string) (out []entry) {
	for !c.take(end) {
		e := entry{must: true}
		if e.many = c.take("*"); e.many || c.take("?") {
			e.must = false
		}
		if len(c.tokens) > 1 && c.tokens[1] == ":" {
			e.key = c.next()
			c.take(":")
		}
		e.is = c.choice()
		if c.take("=>") {
			e.keys, e.is = e.is, c.choice()
		}
		if !c.take(",") && len(c.tokens) > 0 && c.tokens[0] != end {
			c.t.Fatalf("%q where %q should be", c.tokens[0], end)
		}
		out = append(out, e)
	}
	return out
}

func arrayShape(entries []entry) shape {
	return func(v any) bool {
		items, ok := v.([]any)
		if !ok {
			return false
		}
		for _, e := range entries {
			n := 0
			for len(items) > 0 && (e.many || n == 0) && e.is(items[0]) {
				items, n = items[1:], n+1
			}
			if e.must && n == 0 {
				return false
			}
		}
		return len(items) == 0
	}
}

func mapShape(entries []entry) shape {
	return func(v any) bool {
		pairs, ok := v.(map[string]any)
		if !ok {
			return false
		}
		found := 0
		for key, value := range pairs {
			for _, e := range entries {
				if (e.keys != nil && e.keys(key) || e.keys == nil && e.key == key) && e.is(value) {
					found++
					break
				}
			}
		}
		for _, e := range entries {
			if _, there := pairs[e.key]; e.must && e.keys == nil && !there {
				return false
			}
		}
		return found == len(pairs)
	}
}
