package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Prepare finds out, before anything is measured, whether files can be written and a folder be written into, which it makes.
// Names may be empty. What a file has is left as it is.
func Prepare(dir string, files ...string) error {
	var failed []error
	for _, name := range files {
		if name == "" {
			continue
		}
		_, missing := os.Stat(name)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		failed = append(failed, f.Close())
		if missing != nil {
			failed = append(failed, os.Remove(name))
		}
	}
	if dir == "" {
		return errors.Join(failed...)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return errors.Join(append(failed, err)...)
	}
	f, err := os.CreateTemp(dir, ".vitrine-*")
	if err != nil {
		return errors.Join(append(failed, fmt.Errorf("%s cannot be written into: %w", dir, err))...)
	}
	return errors.Join(append(failed, f.Close(), os.Remove(f.Name()))...)
}

// WriteFile writes what write has written without an error: until then the file is what it was. No name is no file.
func WriteFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}
