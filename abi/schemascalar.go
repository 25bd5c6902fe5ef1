package abi

import (
	"math"
	"net/mail"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

func (c *schemaChecker) text(n *schemaNode) {
	s := c.r.Text()
	if n == nil {
		return
	}
	if n.minLength > 0 || n.maxLength < math.MaxInt64 {
		if count := int64(utf8.RuneCount(s)); count < n.minLength || count > n.maxLength {
			c.fail("%d characters, not %s", count, span(n.minLength, n.maxLength))
		}
	}
	if n.pattern != nil && !n.pattern.Match(s) {
		c.fail("not of the form that it should have")
	}
	if n.format != "" && !hasFormat(n.format, s) {
		c.fail("not of the format %s", n.format)
	}
}

// schemaFormats are the formats of a string that a schema may name.
var schemaFormats = []string{"date", "date-time", "email", "uri"}

// maxFormatted is how long a string of a format may be, in bytes.
const maxFormatted = 2048

func hasFormat(format string, s []byte) bool {
	if len(s) > maxFormatted {
		return false
	}
	var err error
	switch text := string(s); format {
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "date-time":
		_, err = time.Parse(time.RFC3339, text)
	case "email":
		var a *mail.Address
		a, err = mail.ParseAddress(text)
		return err == nil && a.Name == "" && a.Address == text
	case "uri":
		var u *url.URL
		u, err = url.Parse(text)
		return err == nil && u.IsAbs()
	}
	return err == nil
}

func (c *schemaChecker) number(n *schemaNode, kind cbor.Kind) {
	f := c.exact(kind)
	if n == nil || c.err != nil {
		return
	}
	if n.low != nil && (f < *n.low || n.overLow && f == *n.low) {
		c.fail("less than it may be")
	}
	if n.high != nil && (f > *n.high || n.underTop && f == *n.high) {
		c.fail("more than it may be")
	}
}

// exact reads a number that every reader of JSON keeps as it is.
func (c *schemaChecker) exact(kind cbor.Kind) float64 {
	f := c.r.Number()
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		c.fail("not a finite number")
	case kind == cbor.KindFloat && f == 0 && math.Signbit(f):
		c.fail("minus zero, which is not the same to everybody")
	case kind != cbor.KindFloat && math.Abs(f) > MaxInteger:
		c.fail("an integer that not everybody can keep exact")
	}
	return f
}
