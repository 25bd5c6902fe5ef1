//go:build never

// Package plugins pins the module that the tests take Extism's plugins from.
package plugins

import _ "github.com/extism/go-sdk"
