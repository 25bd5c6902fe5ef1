//go:build !((linux || darwin) && (amd64 || arm64))

package memory

func reserve(uint64) ([]byte, bool) { return nil, false }

func unreserve([]byte) {}

func reserveGuarded(uint64) ([]byte, bool) { return nil, false }

func allow([]byte) bool { return false }

func forbid([]byte) error { return nil }
