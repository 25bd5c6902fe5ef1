//go:build !linux

package memory

const largeMemory = 1 << 62

func coarsen([]byte) {}
