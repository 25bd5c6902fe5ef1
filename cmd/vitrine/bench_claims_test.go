package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

var (
	asked  = regexp.MustCompile("(?:vitrine bench|bench/peers run \\.)[^`\n]*?--?only[ =]([a-z,]+)")
	timed  = regexp.MustCompile(`\b\d[\d,.]* ?((ns|µs|us|ms|kB|KB|KiB|MB|MiB|MB/s)\b|[%×])|\b\d[\d.]*x\b|\b[\d.]+ times (faster|as fast|as much|as many|slower|smaller)`)
	quoted = regexp.MustCompile("`([a-z]+)`")
)

// elsewhere are the cases that other programs measure: the peers' and the browser's.
var elsewhere = []string{"browser"}

// A command that is written down anywhere measures cases that exist; what README and docs claim of time names its case
// in the same paragraph, or the line of a table or list; and so does each file of results. Sizes, shares and ratios are claims as well.
func TestClaimsNameTheirCase(t *testing.T) {
	cases := slices.Clone(elsewhere)
	for _, c := range benchCases() {
		cases = append(cases, c.Name)
	}
	for name, text := range documents(t) {
		for _, m := range asked.FindAllStringSubmatch(text, -1) {
			for _, c := range strings.Split(strings.Trim(m[1], ","), ",") {
				if !slices.Contains(cases, c) {
					t.Errorf("%s: %q measures no case %q", name, m[0], c)
				}
			}
		}
		if name == "README.md" || strings.HasPrefix(name, "docs") {
			for _, claim := range unnamed(text, cases) {
				t.Errorf("%s: a claim names no case that exists: %q", name, claim)
			}
		}
	}
	files, err := filepath.Glob("../../bench/results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no results", err)
	}
	results, err := bench.ReadFiles(files...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results.Rows {
		if !slices.Contains(cases, r.Case) {
			t.Fatalf("there are results of %q, which is no case", r.Case)
		}
	}
}

// unnamed are the paragraphs of a text, and the lines of its tables and lists, that claim a figure and name no case.
func unnamed(text string, cases []string) (list []string) {
	for _, p := range strings.Split(text, "\n\n") {
		parts := []string{p}
		if strings.HasPrefix(p, "|") {
			parts = strings.Split(p, "\n")
		}
		if strings.HasPrefix(p, "- ") {
			parts = strings.Split(p, "\n- ")
		}
		for _, part := range parts {
			if !timed.MatchString(part) {
				continue
			}
			if !slices.ContainsFunc(quoted.FindAllStringSubmatch(part, -1), func(m []string) bool { return slices.Contains(cases, m[1]) }) {
				list = append(list, part)
			}
		}
	}
	return list
}

func documents(t *testing.T) map[string]string {
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "bench/*/*.md", "abi/*.md"} {
		names, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel("../..", name)
			if err != nil {
				t.Fatal(err)
			}
			texts[filepath.ToSlash(rel)] = string(b)
		}
	}
	return texts
}

func TestUnnamedClaims(t *testing.T) {
	for text, want := range map[string]int{
		"A call takes 420 ns.":                      1,
		"A call takes 420 ns (`call`).":             0,
		"It is 3 times faster than `that`.":         1,
		"It has 420 nodes.":                         0,
		"| a | 1 µs | `call` |\n| b | 2 ms | `x` |": 1,
		"- It is 3 ms (`call`).\n- It is 4x.":       1,
		"Half of it, 12 %, and 3 KB.":               1,
	} {
		if got := unnamed(text, []string{"call"}); len(got) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
