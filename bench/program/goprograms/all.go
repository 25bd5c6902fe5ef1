// Package goprograms has the programs in Go of bench/metering, which are guests there, as a part of the host.
package goprograms

// All are the programs by the names that they are exported by as guests.
func All() map[string]func(int32) int32 {
	return map[string]func(int32) int32{
		"prog_json": progJSON, "prog_flate": progFlate, "prog_template": progTemplate, "prog_format": progFormat, "prog_log": progLog,
	}
}
