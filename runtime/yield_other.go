//go:build !linux

package runtime

// osYield does nothing where it was not measured.
func osYield() {}
