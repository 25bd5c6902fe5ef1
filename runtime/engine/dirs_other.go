//go:build !unix

package engine

// nonblock: there are no pipes among files.
const nonblock = 0
