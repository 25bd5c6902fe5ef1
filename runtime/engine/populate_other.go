//go:build !linux

package engine

func populate([]byte) {}
func discard([]byte)  {}
