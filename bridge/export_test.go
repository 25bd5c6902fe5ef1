package bridge

import "time"

// Plain makes a mount write neither rows nor repetitions nor splices.
func Plain(m *Mount) { m.writer.Plain = true }

// SetNow gives a mount a clock.
func SetNow(m *Mount, now func() time.Time) { m.now = now }
