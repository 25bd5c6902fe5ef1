package vitrine

import "runtime"

// prepare runs what Prepare was given. What loading leaves behind is collected, so that it is not in the
// snapshot and nobody's call has to do it.
func prepare(loads []func() error) ([]byte, error) {
	for _, load := range loads {
		if err := load(); err != nil {
			return nil, err
		}
	}
	if len(loads) > 0 {
		runtime.GC()
	}
	return nil, nil
}
