package bridge

import "time"

// Compact makes a mount write rows, repetitions and splices.
func Compact(m *Mount) { m.writer.Compact = true }

// Plain is the reverse of Compact.
func Plain(m *Mount) { m.writer.Compact = false }

// SetNow gives a mount a clock.
func SetNow(m *Mount, now func() time.Time) { m.now = now }
