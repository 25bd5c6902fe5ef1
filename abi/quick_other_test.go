//go:build !unix

package abi_test

import "time"

var started = time.Now()

// processorTime is the clock's where the processor's cannot be asked for.
func processorTime() time.Duration { return time.Since(started) }
