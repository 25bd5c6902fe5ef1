package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Running the generator on a clean tree changes nothing: what is committed is what it makes.
func TestGeneratedFilesAreFresh(t *testing.T) {
	committed, err := filepath.Abs("../../abi")
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(t.TempDir(), "abi")
	for _, target := range targets {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(made, target.file)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{source, codeSource} {
		raw, err := os.ReadFile(filepath.Join(committed, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(made, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(made)
	if err := run(); err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		got, err := os.ReadFile(target.file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(committed, target.file))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v): run go generate ./abi", target.file, err)
		}
	}
}

// What is no list of codes that count from 0 makes no list for the page.
func TestCodesRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for want, in := range map[string]string{
		"there are no codes":         "package abi\n",
		"CodeOK is out of order":     "\tCodeOK Code = -1\n",
		"CodeDenied is out of order": "\tCodeOK Code = 0\n\tCodeLimit Code = -1\n\tCodeDenied Code = -1\n",
	} {
		if err := os.WriteFile(codeSource, []byte(in), 0o644); err != nil {
			t.Fatal(err)
		}
		if codes, err := readCodes(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", in, codes, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	many := strings.Repeat(`{"name":"e","doc":""},`, maxEvents) + `{"name":"e"}`
	for want, in := range map[string]string{
		`unknown field "colour"`:               `{"components":[{"name":"a","colour":"red"}]}`,
		`component "a" is there twice`:         `{"components":[{"name":"a"},{"name":"a"}]}`,
		`component "a": no component "b"`:      `{"components":[{"name":"a","children":["b"]}]}`,
		`component "a": no component "c"`:      `{"components":[{"name":"a","parents":["c"]}]}`,
		`property "p" is there twice`:          `{"components":[{"name":"a","props":[{"name":"p","kind":"text"},{"name":"p","kind":"text"}]}]}`,
		`event "e" is there twice`:             `{"components":[{"name":"a","events":[{"name":"e"},{"name":"e"}]}]}`,
		`0 properties and 65 events`:           `{"components":[{"name":"a","events":[` + many + `]}]}`,
		`property "p": no kind "html"`:         `{"components":[{"name":"a","props":[{"name":"p","kind":"html"}]}]}`,
		`property "p": an enum needs values`:   `{"components":[{"name":"a","props":[{"name":"p","kind":"enum","values":["one"]}]}]}`,
		`property "t": an enum needs values`:   `{"components":[{"name":"a","props":[{"name":"t","kind":"token","token":"none"}]}]}`,
		`property "p": an int needs min`:       `{"components":[{"name":"a","props":[{"name":"p","kind":"int","max":3}]}]}`,
		`property "q": an int needs min`:       `{"components":[{"name":"a","props":[{"name":"q","kind":"int","min":3,"max":3}]}]}`,
		`field "f": no kind "enum" in a`:       `{"components":[{"name":"a","events":[{"name":"e","payload":[{"name":"f","kind":"enum"}]}]}]}`,
		`there is something behind the end`:    `{} {}`,
		`unexpected EOF`:                       `{"components":[`,
		`cannot unmarshal number into Go`:      `{"about":1}`,
		`cannot unmarshal array into Go value`: `[]`,
	} {
		if c, err := parse([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v, want %q", in, c, err, want)
		}
	}
}

// The hash is of what the catalog says, not of how it is laid out.
func TestHashIgnoresWhiteSpace(t *testing.T) {
	hash := func(in string) string {
		c, err := parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		return string(c.Hash)
	}
	if hash(`{"about":"a b"}`) != hash("{\n\t\"about\": \"a b\"\n}\n") {
		t.Error("white space changes the hash")
	}
	if hash(`{"about":"a b"}`) == hash(`{"about":"ab"}`) {
		t.Error("what it says does not change the hash")
	}
}
