package bridge

// Compact makes a mount write rows, repetitions and splices.
func Compact(m *Mount) { m.writer.Compact = true }

// Plain is the reverse of Compact.
func Plain(m *Mount) { m.writer.Compact = false }
