package main

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
)

const codeSource = "code.go"

// A code is one of abi.Code, without its sign.
type code struct {
	Name   string
	Number int
}

// Words is the name as people read it, such as "not found".
func (c code) Words() string { return strings.ToLower(humps.ReplaceAllString(c.Name, "$1 $2")) }

var humps = regexp.MustCompile(`([a-z])([A-Z])`)

var codeLine = regexp.MustCompile(`(?m)^\tCode(\w+)\s+Code = -?(\d+)\b`)

// readCodes reads the codes out of the Go source. They count from 0.
func readCodes() (codes []code, err error) {
	raw, err := os.ReadFile(codeSource)
	if err != nil {
		return nil, err
	}
	for i, m := range codeLine.FindAllSubmatch(raw, -1) {
		n, err := strconv.Atoi(string(m[2]))
		if err != nil || n != i {
			return nil, errors.New(codeSource + ": Code" + string(m[1]) + " is out of order")
		}
		name := string(m[1])
		if name == "OK" {
			name = "Ok" // as the page's names are
		}
		codes = append(codes, code{name, n})
	}
	if codes == nil {
		return nil, errors.New(codeSource + ": there are no codes")
	}
	return codes, nil
}
